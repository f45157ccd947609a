"""Events of the monitoring station.

`event` is clustered by its primary key (key, instant, id). So a page of the feed is one backward scan of the
key, whatever the size of the table, and a repeated report conflicts with the row it repeats
(rules.events.events.event_identity). Instants are whole seconds since 1970, UTC. checks/bench/events.py
measures it with one million and fifty million rows.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, tuple_
from sqlmodel import Field, Session, SQLModel, and_, col, select

from db.events.keys import SiteKey
from db.prepared_reads import read_connection
from rules.events.events import VISIBLE_KINDS, EventKind, epoch_seconds, from_epoch
from rules.events.feed import EventRow


class Event(SQLModel, table=True):
    __table_args__ = {"sqlite_with_rowid": False, "postgresql_partition_by": "RANGE (at)"}

    key_id: int = Field(primary_key=True, foreign_key="key.id", sa_column_kwargs={"autoincrement": False})
    at: int = Field(
        primary_key=True, sa_column_kwargs={"autoincrement": False}, description="seconds since 1970, UTC"
    )
    id: int = Field(
        primary_key=True,
        sa_column_kwargs={"autoincrement": False},
        description="rules.events.events.event_identity",
    )
    kind: int = Field(description="rules.events.events.EventKind")
    code: str = Field(description="canonical, rules.events.event_codes")
    who: str | None = Field(default=None, description="user or zone as the station names it")
    part: int = Field(default=0, description="partition")
    source_id: int = Field(description="station_source.id")
    late: int = Field(default=0, description="seconds between the event and its arrival")
    raw: str | None = Field(
        default=None, description="the wire text of an unknown code or an impossible time"
    )


NEVER = 2**62


class Cursor(NamedTuple):
    """The last row of a page; the next page starts after it."""

    at: int
    id: int
    key_id: int


FIELDS = (
    Event.key_id,
    Event.at,
    Event.id,
    Event.kind,
    Event.code,
    Event.who,
    Event.part,
    Event.late,
    Event.raw,
)
OF_KEYS = col(Event.key_id).in_(bindparam("keys", expanding=True))
OF_KINDS = col(Event.kind).in_(bindparam("kinds", expanding=True))

# `at <= :at` is implied by the row comparison, but SQLite needs it to start the scan at the cursor.
PAGE = (
    select(*FIELDS)  # type: ignore[call-overload]
    .where(
        OF_KEYS,
        OF_KINDS,
        col(Event.at) >= bindparam("since"),
        col(Event.at) <= bindparam("at"),
        tuple_(col(Event.at), col(Event.id), col(Event.key_id))
        < tuple_(bindparam("at"), bindparam("id"), bindparam("key_id")),
    )
    .order_by(col(Event.at).desc(), col(Event.id).desc(), col(Event.key_id).desc())
    .limit(bindparam("limit"))
)

ONE = select(*FIELDS).where(  # type: ignore[call-overload]
    OF_KEYS, Event.key_id == bindparam("key_id"), Event.at == bindparam("at"), Event.id == bindparam("id")
)  # type: ignore[call-overload]

_last = (
    select(Event.at)
    .where(Event.key_id == SiteKey.id, OF_KINDS, col(Event.at) < bindparam("until"))
    .order_by(col(Event.at).desc())
    .limit(1)
    .correlate(SiteKey)
    .scalar_subquery()
)
LATEST = (
    select(*FIELDS)  # type: ignore[call-overload]
    .select_from(SiteKey)
    .join(Event, and_(Event.key_id == SiteKey.id, Event.at == _last, OF_KINDS))
    .where(col(SiteKey.id).in_(bindparam("keys", expanding=True)))
    .order_by(col(Event.at).desc(), col(Event.id).desc())
)


def event_page(
    db: Session | Connection,
    key_ids: Sequence[int],
    since: datetime,
    until: datetime,
    kinds: Sequence[int] = VISIBLE_KINDS,
    before: Cursor | None = None,
    limit: int = 50,
) -> Sequence[Any]:
    """Return rows of FIELDS with since <= at < until, newest first; `before` is the cursor of the last row
    shown.
    """
    start = before or Cursor(epoch_seconds(until), -1, -1)
    values = {
        "keys": list(key_ids),
        "kinds": [int(kind) for kind in kinds],
        "since": epoch_seconds(since),
        "limit": limit,
    }
    return read_connection(db).execute(PAGE, values | start._asdict()).all()


def iterate(
    db: Session | Connection,
    key_ids: Sequence[int],
    since: datetime,
    until: datetime,
    kinds: Sequence[int] = VISIBLE_KINDS,
) -> Iterator[Any]:
    """Yield all rows of the period, newest first, reading 1,000 rows at a time; for exports."""
    before = None
    while rows := event_page(db, key_ids, since, until, kinds, before, 1000):
        yield from rows
        before = cursor_of(rows[-1])


def latest_events(
    db: Session | Connection,
    key_ids: Sequence[int],
    kinds: Sequence[int] = VISIBLE_KINDS,
    until: datetime | None = None,
) -> dict[int, Any]:
    """Return the newest event of each key before `until`; a key without events is left out."""
    end = epoch_seconds(until) if until else NEVER
    rows = read_connection(db).execute(
        LATEST, {"keys": list(key_ids), "kinds": [int(kind) for kind in kinds], "until": end}
    )
    newest: dict[int, Any] = {}
    for row in rows:
        newest.setdefault(row.key_id, row)
    return newest


def last_switches(
    db: Session | Connection, key_ids: Sequence[int], until: datetime | None = None
) -> dict[int, Any]:
    """Return the last arming or disarming of each key before `until`."""
    return latest_events(db, key_ids, (EventKind.arm, EventKind.disarm), until)


def find_event(db: Session | Connection, key_ids: Sequence[int], place: Cursor) -> Any | None:
    """Return the event at this cursor if it belongs to one of these keys, else None."""
    return read_connection(db).execute(ONE, {"keys": list(key_ids)} | place._asdict()).one_or_none()


def cursor_of(row: EventRow) -> Cursor:
    return Cursor(row.at, row.id, row.key_id)


def instant_of(row: EventRow) -> datetime:
    """Return the event's instant, aware, UTC."""
    return from_epoch(row.at)
