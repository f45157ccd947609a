"""Events of keys that the registry does not know. They wait for staff, and become events when their key
appears.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, Table, delete
from sqlmodel import Field, Index, Session, SQLModel, col, func, select

from db import Instant, engines
from db.engines import insert
from db.events import deliveries
from db.events.events import Event
from db.events.keys import SiteKey
from rules.events.events import StationReport, epoch_seconds

WAITING_LIMIT = 50_000
EVENTS: Table = Event.__table__  # type: ignore[attr-defined]


class WaitingEvent(SQLModel, table=True):
    """An event whose key the registry does not know; it becomes an `Event` when the key appears."""

    __tablename__ = "waiting_event"
    __table_args__ = (Index("uq_waiting_event_identity", "number", "at", "event_id", unique=True),)

    id: int = Field(default=None, primary_key=True)
    number: str
    at: int
    event_id: int
    kind: int
    code: str
    who: str | None = None
    part: int = 0
    source_id: int = Field(index=True)
    received_at: datetime = Field(sa_type=Instant)
    raw: str | None = None


WAIT = insert(WaitingEvent).on_conflict_do_nothing()


def list_waiting(db: Session, limit: int = 50, before: int | None = None) -> list[WaitingEvent]:
    """Return waiting events, newest first; `before` is the last id shown."""
    found = select(WaitingEvent).order_by(col(WaitingEvent.id).desc()).limit(limit)
    return list(db.exec(found.where(WaitingEvent.id < before) if before else found))  # type: ignore[operator]


def is_full(db: Session) -> bool:
    """Return whether the limit of waiting events is reached, so that frames of unknown keys are no longer
    stored.
    """
    return (
        db.exec(
            select(func.count()).select_from(select(WaitingEvent.id).limit(WAITING_LIMIT).subquery())
        ).one()
        >= WAITING_LIMIT
    )


def events_of_key(db: Session, number: str, since: datetime) -> list[WaitingEvent]:
    """Return the waiting events of one key number since an instant, newest first."""
    found = select(WaitingEvent).where(WaitingEvent.number == number, WaitingEvent.at >= epoch_seconds(since))
    return list(db.exec(found.order_by(col(WaitingEvent.at).desc())))


def assign_to_keys(db: Session, now: datetime, limit: int = 5000) -> int:
    """Turn waiting events whose keys are now registered into events, and put their messages. Return the
    number of rows moved. Call inside `writing`.
    """
    connection = db.connection()
    came = db.exec(
        select(WaitingEvent, SiteKey.id)
        .join(SiteKey, col(SiteKey.number) == WaitingEvent.number)
        .order_by(WaitingEvent.id)  # type: ignore[arg-type]
        .limit(limit)  # type: ignore[arg-type]
    ).all()
    shared = ("at", "kind", "code", "who", "part", "source_id", "raw")
    rows = [
        {name: getattr(waited, name) for name in shared}
        | {
            "key_id": key_id,
            "id": waited.event_id,
            "late": max(0, epoch_seconds(waited.received_at) - waited.at),
        }
        for waited, key_id in came
    ]
    taken = engines.dialect_of(connection).insert_new(connection, EVENTS, rows)
    deliveries.put_messages(db, (row for row, new in zip(rows, taken, strict=True) if new), now)
    gone = [waited.id for waited, _ in came]
    for start in range(0, len(gone), 500):
        connection.execute(delete(WaitingEvent).where(col(WaitingEvent.id).in_(gone[start : start + 500])))
    return len(came)


def store(
    connection: Connection, pairs: Iterable[tuple[StationReport, dict[str, object]]], now: datetime
) -> None:
    rows = [
        {"number": report.key[:64], "event_id": row["id"], "received_at": now, "raw": row["raw"]}
        | {name: row[name] for name in ("at", "kind", "code", "who", "part", "source_id")}
        for report, row in pairs
        if row["key_id"] is None
    ]
    if rows:
        connection.execute(WAIT, rows)
