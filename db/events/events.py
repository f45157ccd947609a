"""Events of the monitoring station, clustered so that «this key, this period, newest first» reads a handful
of pages.

`event` has no rowid: its rows lie in the order (key, instant, id), so a page of the feed is one walk
backwards whatever the file's size, a late event lands in its place, and the key itself refuses a repeated
report (rules.events.events.identity). Instants are whole seconds since 1970. Measured at a million and at
fifty: checks/bench/events.py.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, tuple_
from sqlmodel import Field, Session, SQLModel, and_, col, select

from db.events.keys import Key
from db.prepared_reads import reader
from rules.events.events import SHOWN, Kind, seconds


class Event(SQLModel, table=True):
    __table_args__ = {"sqlite_with_rowid": False, "postgresql_partition_by": "RANGE (at)"}

    key_id: int = Field(primary_key=True, foreign_key="key.id", sa_column_kwargs={"autoincrement": False})
    at: int = Field(
        primary_key=True, sa_column_kwargs={"autoincrement": False}, description="seconds since 1970, UTC"
    )
    id: int = Field(
        primary_key=True,
        sa_column_kwargs={"autoincrement": False},
        description="rules.events.events.identity",
    )
    kind: int = Field(description="rules.events.events.Kind")
    code: str = Field(description="canonical, rules.events.event_codes")
    who: str | None = Field(default=None, description="user or zone as the station names it")
    part: int = Field(default=0, description="partition")
    source_id: int = Field(description="station_source.id")
    late: int = Field(default=0, description="seconds between the event and our hearing of it")
    raw: str | None = Field(
        default=None, description="the wire text of what we could not read or did not believe"
    )


NEVER = 2**62


class Cursor(NamedTuple):
    """Where a page ended; the next one starts after it."""

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

# `at <= :at` says nothing new to a reader; it is what lets SQLite start the walk at the cursor.
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

ONE = select(*FIELDS).where(
    OF_KEYS, Event.key_id == bindparam("key_id"), Event.at == bindparam("at"), Event.id == bindparam("id")
)  # type: ignore[call-overload]

_last = (
    select(Event.at)
    .where(Event.key_id == Key.id, OF_KINDS, col(Event.at) < bindparam("until"))
    .order_by(col(Event.at).desc())
    .limit(1)
    .correlate(Key)
    .scalar_subquery()
)
LATEST = (
    select(*FIELDS)  # type: ignore[call-overload]
    .select_from(Key)
    .join(Event, and_(Event.key_id == Key.id, Event.at == _last, OF_KINDS))
    .where(col(Key.id).in_(bindparam("keys", expanding=True)))
    .order_by(col(Event.at).desc(), col(Event.id).desc())
)


def page(
    db: Session | Connection,
    key_ids: Sequence[int],
    since: datetime,
    until: datetime,
    kinds: Sequence[int] = SHOWN,
    before: Cursor | None = None,
    limit: int = 50,
) -> Sequence[Any]:
    """Rows of FIELDS from `since` up to but not with `until`, newest first; `before`: `cursor()` of the last
    one.
    """
    start = before or Cursor(seconds(until), -1, -1)
    values = {
        "keys": list(key_ids),
        "kinds": [int(kind) for kind in kinds],
        "since": seconds(since),
        "limit": limit,
    }
    return reader(db).execute(PAGE, values | start._asdict()).all()


def every(
    db: Session | Connection,
    key_ids: Sequence[int],
    since: datetime,
    until: datetime,
    kinds: Sequence[int] = SHOWN,
) -> Iterator[Any]:
    """The whole period row by row, newest first, holding no more than a page: for export."""
    before = None
    while rows := page(db, key_ids, since, until, kinds, before, 1000):
        yield from rows
        before = cursor(rows[-1])


def latest(
    db: Session | Connection,
    key_ids: Sequence[int],
    kinds: Sequence[int] = SHOWN,
    until: datetime | None = None,
) -> dict[int, Any]:
    """The newest event of each key that has any, of those before `until`."""
    end = seconds(until) if until else NEVER
    rows = reader(db).execute(
        LATEST, {"keys": list(key_ids), "kinds": [int(kind) for kind in kinds], "until": end}
    )
    newest: dict[int, Any] = {}
    for row in rows:
        newest.setdefault(row.key_id, row)
    return newest


def guarded(
    db: Session | Connection, key_ids: Sequence[int], until: datetime | None = None
) -> dict[int, Any]:
    """The last arming or disarming of each key: kind arm means it is under guard since then."""
    return latest(db, key_ids, (Kind.arm, Kind.disarm), until)


def one(db: Session | Connection, key_ids: Sequence[int], place: Cursor) -> Any | None:
    """One event if it belongs to one of these keys, else None."""
    return reader(db).execute(ONE, {"keys": list(key_ids)} | place._asdict()).one_or_none()


def cursor(row: Any) -> Cursor:
    return Cursor(row.at, row.id, row.key_id)


def moment(row: Any) -> datetime:
    """The event's instant as everything else has it: aware, UTC."""
    return datetime.fromtimestamp(row.at, UTC)
