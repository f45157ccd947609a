"""One alarm: its event, the events after it, and the notes of the dispatcher and the subscriber."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection
from sqlmodel import Field, Index, Session, SQLModel, col, select

from db import Instant
from db.events import events
from db.events.events import Cursor
from rules.events import feed as feed_words
from rules.events.events import EventKind, epoch_seconds
from rules.numbers import whole_number

# Events of the key within this time after an alarm are shown on its page.
TIMELINE = timedelta(hours=3)


class AlarmNote(SQLModel, table=True):
    """A note about an alarm. It is never changed; a correction is another note."""

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


def parse_alarm_id(text: str) -> Cursor | None:
    """Return the event that the `key-at-id` of a URL names (rules.events.feed.alarm_id); None when it is
    malformed.
    """
    parts = [whole_number(part, 10**15 - 1) for part in text.split("-")]
    if len(parts) != 3 or None in parts:
        return None
    key_id, at, event_id = parts
    return Cursor(at, event_id, key_id)  # type: ignore[arg-type]


def find_alarm(db: Connection, view: feed_words.FeedView, cursor: Cursor | None) -> Any | None:
    """Return the alarm; None when its key is not in this view, or when it happened before the present holder
    got the key.
    """
    keys = {key.key_id: key for one in view.places for key in one.keys}
    if cursor is None or cursor.key_id not in keys:
        return None
    row = events.find_event(db, [cursor.key_id], cursor)
    held = keys[cursor.key_id].held_since
    hidden = row is None or row.kind != EventKind.alarm or (held and row.at < epoch_seconds(held))
    return None if hidden else row


def timeline(db: Connection, alarm: Any) -> Sequence[Any]:
    """Return the alarm and the events of its key in the next three hours, oldest first, at most 100 rows."""
    start = events.instant_of(alarm)
    kinds = (
        EventKind.arm,
        EventKind.disarm,
        EventKind.alarm,
        EventKind.restore,
        EventKind.fault,
        EventKind.other,
    )
    return list(reversed(events.event_page(db, [alarm.key_id], start, start + TIMELINE, kinds, limit=1000)))[
        :100
    ]


def notes_of(db: Session, alarm: Any) -> list[AlarmNote]:
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
