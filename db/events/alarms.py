"""One alarm: its signal, what followed, and what the dispatcher and the subscriber wrote about it (issue:
«тревога» page).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection
from sqlmodel import Field, Index, Session, SQLModel, col, select

from db import Instant
from db.events import events, feed
from db.events.events import Cursor
from rules.events.events import Kind, seconds
from rules.numbers import whole_number

# What a key says within so long after a signal belongs to the story of that alarm.
STORY = timedelta(hours=3)


class AlarmNote(SQLModel, table=True):
    """What somebody wrote about an alarm; never changed, a second thought is a second note."""

    __tablename__ = "alarm_note"
    __table_args__ = (Index("ix_alarm_note_place", "key_id", "at_event", "event_id"),)

    id: int = Field(default=None, primary_key=True)
    key_id: int = Field(foreign_key="key.id")
    at_event: int = Field(description="the event's own instant, seconds since 1970")
    event_id: int
    contract_id: int = Field(foreign_key="contract.id", index=True)
    author: str = Field(description="subscriber or staff")
    name: str
    text: str
    at: datetime = Field(sa_type=Instant)


def place(text: str) -> Cursor | None:
    """`key-at-id` out of an address, None when it cannot be one."""
    parts = [whole_number(part, 10**15 - 1) for part in text.split("-")]
    if len(parts) != 3 or None in parts:
        return None
    key_id, at, event_id = parts
    return Cursor(at, event_id, key_id)  # type: ignore[arg-type]


def address(row: Any) -> str:
    return f"{row.key_id}-{row.at}-{row.id}"


def found(db: Connection, seen: feed.View, where: Cursor | None) -> Any | None:
    """The alarm, if a key this view shows raised it while its present holder held the key; else None."""
    keys = {key.key_id: key for one in seen.places for key in one.keys}
    if where is None or where.key_id not in keys:
        return None
    row = events.one(db, [where.key_id], where)
    held = keys[where.key_id].held_since
    hidden = row is None or row.kind != Kind.alarm or (held and row.at < seconds(held))
    return None if hidden else row


def story(db: Connection, alarm: Any) -> Sequence[Any]:
    """The signal and what its key said in the three hours after, oldest first, at most a hundred lines."""
    start = events.moment(alarm)
    kinds = (Kind.arm, Kind.disarm, Kind.alarm, Kind.restore, Kind.fault, Kind.other)
    return list(reversed(events.page(db, [alarm.key_id], start, start + STORY, kinds, limit=1000)))[:100]


def notes(db: Session, alarm: Any) -> list[AlarmNote]:
    same = (AlarmNote.key_id == alarm.key_id, AlarmNote.at_event == alarm.at, AlarmNote.event_id == alarm.id)
    return list(db.exec(select(AlarmNote).where(*same).order_by(col(AlarmNote.id))))


def add(db: Session, alarm: Any, contract_id: int, author: str, name: str, text: str, now: datetime) -> None:
    """Write a note; call inside `writing`."""
    db.add(
        AlarmNote(
            key_id=alarm.key_id,
            at_event=alarm.at,
            event_id=alarm.id,
            contract_id=contract_id,
            author=author,
            name=name,
            text=text,
            at=now,
        )
    )
