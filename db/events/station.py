"""Ingestion of station reports: each becomes an event, or waits until the registry knows its key.

All protocols go through `ingest`. A repeated report is recognised by the event's primary key
(rules.events.events.event_identity). Where the sender numbers its reports, it is also recognised by that
number, which is kept for some days, because a repeat may have another time.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from zlib import crc32

from sqlalchemy import Connection, Engine, Table, bindparam, literal_column, text
from sqlalchemy.dialects.postgresql import Insert
from sqlmodel import Field, Session, SQLModel, col, func, select

from db import Instant, engines, writing
from db.engines import insert
from db.events import deliveries, waiting_events
from db.events.events import Event
from db.events.keys import SiteKey
from db.prepared_reads import ReadConnection, read_connection
from rules.events.events import (
    EARLIEST,
    StationReport,
    doubted_time,
    epoch_seconds,
    event_identity,
    is_believable,
)
from settings import Settings

RECEIPT_DAYS = 7


class StationSource(SQLModel, table=True):
    """A sender of reports (HTTP export, receiver, file) and the time of its last contact."""

    __tablename__ = "station_source"

    id: int = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    contact_at: datetime = Field(sa_type=Instant)
    event_at: datetime | None = Field(
        default=None, sa_type=Instant, description="when it last reported an event"
    )


class StationReceipt(SQLModel, table=True):
    """Report numbers of the last days by source, to recognise repeats."""

    __tablename__ = "station_receipt"
    __table_args__ = {"sqlite_with_rowid": False}

    source_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    external: str = Field(primary_key=True)
    at: int = Field(description="when it was received, seconds since 1970")


LAST = select(func.max(StationSource.contact_at)).where(~col(StationSource.name).startswith("csv"))
TAKEN, DUPLICATE, WAITING = "taken", "duplicate", "waiting"
# Number of answers since the start of this process, for the metrics.
answer_counts: Counter[str] = Counter()
KEYS = select(SiteKey.number, SiteKey.id).where(col(SiteKey.number).in_(bindparam("numbers", expanding=True)))
# Contact is shown to the minute, so it is stored at most once a second: most commits then write one page
# less.
CONTACT_PRECISION = timedelta(seconds=1)
SOURCE = select(StationSource.id, StationSource.contact_at, StationSource.event_at).where(
    StationSource.name == bindparam("source")
)
_contact = insert(StationSource).values(
    name=bindparam("source"), contact_at=bindparam("now"), event_at=bindparam("event_at")
)
CONTACT_UPSERT = _contact.on_conflict_do_update(  # type: ignore[call-overload]
    index_elements=["name"],
    set_={
        "contact_at": _contact.excluded.contact_at,
        "event_at": func.coalesce(_contact.excluded.event_at, col(StationSource.event_at)),
    },
).returning(StationSource.id)  # type: ignore[arg-type]
EVENTS: Table = Event.__table__  # type: ignore[attr-defined]


def ingest(
    db: Session,
    source: str,
    reports: Sequence[StationReport],
    now: datetime,
    again: timedelta = timedelta(days=RECEIPT_DAYS),
) -> list[str]:
    """Store a batch. Return for each report "taken", "duplicate" or "waiting" (unknown key). Call inside
    `writing`.

    A report with the same source and external id within `again` is a duplicate, whatever its time.
    """
    connection = db.connection()
    source_id = record_contact(db, source, now, event=bool(reports))
    fresh = _are_new(connection, source_id, reports, now, again)
    ids: dict[str, int] = dict(connection.execute(KEYS, {"numbers": list({r.key for r in reports})}).all())
    rows = [_row(report, ids.get(report.key), source_id, now) for report in reports]
    keyed = [row for row, new in zip(rows, fresh, strict=True) if new and row["key_id"] is not None]
    taken = iter(engines.dialect_of(connection).insert_new(connection, EVENTS, keyed))
    waiting_events.store(
        connection, [(r, row) for r, row, new in zip(reports, rows, fresh, strict=True) if new], now
    )
    answers = [
        WAITING if row["key_id"] is None else TAKEN if new and next(taken) else DUPLICATE
        for row, new in zip(rows, fresh, strict=True)
    ]
    answer_counts.update(answers)
    deliveries.put_messages(
        db, (row for row, answer in zip(rows, answers, strict=True) if answer is TAKEN), now
    )
    return answers


def known_numbers(db: Session, numbers: set[str]) -> set[str]:
    """Return those of the key numbers that the registry has."""
    return {number for number, _ in db.connection().execute(KEYS, {"numbers": list(numbers)})}


def record_contact(db: Session, source: str, now: datetime, *, event: bool = False) -> int:
    """Record that a source made contact (a heartbeat counts) and return its id. Call inside `writing`."""
    connection = db.connection()
    keyed = connection.execute(SOURCE, {"source": source}).one_or_none()
    if keyed and now - CONTACT_PRECISION < (keyed.event_at or EARLIEST if event else keyed.contact_at) <= now:
        return int(keyed.id)
    values = {"source": source, "now": now, "event_at": now if event else None}
    return int(connection.execute(CONTACT_UPSERT, values).scalar_one())


def sources(db: Session) -> list[StationSource]:
    """Return all sources, the one with the longest silence first."""
    return list(db.exec(select(StationSource).order_by(col(StationSource.contact_at))))


def last_contact(db: Session | ReadConnection) -> datetime | None:
    """Return the last contact of any live source; imported files do not count."""
    return read_connection(db).execute(LAST).scalar_one()


def delete_old_receipts(db: Session, now: datetime, limit: int = 20_000) -> int:
    """Delete old report numbers, at most `limit` at once so that other writers do not wait long. Call inside
    `writing`.
    """
    old = text("SELECT source_id, external FROM station_receipt WHERE at < :at LIMIT :limit")
    gone = text(f"DELETE FROM station_receipt WHERE (source_id, external) IN ({old.text})")  # noqa: S608 - our own text
    bound = {"at": epoch_seconds(now - timedelta(days=RECEIPT_DAYS)), "limit": limit}
    return db.connection().execute(gone, bound).rowcount


def _row(report: StationReport, key_id: int | None, source_id: int, now: datetime) -> dict[str, object]:
    """Return the row of a report. An implausible time is replaced by the time of arrival and kept in
    `raw`.
    """
    trusted = is_believable(report.at, now)
    at = report.at if report.at is not None and trusted else now
    raw = report.raw or (None if report.at is None or trusted else doubted_time(report.at))
    return {
        "key_id": key_id,
        "at": epoch_seconds(at),
        "id": event_identity(report),
        "kind": int(report.kind),
        "code": report.code,
        "who": report.who,
        "part": report.part,
        "source_id": source_id,
        "late": max(0, epoch_seconds(now) - epoch_seconds(at)),
        "raw": raw,
    }


def _are_new(
    connection: Connection, source_id: int, reports: Sequence[StationReport], now: datetime, again: timedelta
) -> list[bool]:
    """Return for each report whether its number is new. A report without a number but with an implausible
    time is identified by that time, the key and the content.
    """
    marks = [_mark(report, now) for report in reports]
    first = list(dict.fromkeys(mark for mark in marks if mark))
    if not first:
        return [True] * len(reports)
    rows = [{"source_id": source_id, "external": mark, "at": epoch_seconds(now)} for mark in first]
    new = {
        external: True
        for (external,) in connection.execute(_receipt_upsert(round(again.total_seconds())), rows)
    }
    # pop(), so that a second report with the same number in this batch is a duplicate.
    return [mark is None or new.pop(mark, None) is not None for mark in marks]


def _mark(report: StationReport, now: datetime) -> str | None:
    if report.external:
        return report.external[:64]
    if report.at is None or is_believable(report.at, now):
        return None
    return f"~{report.key}:{epoch_seconds(report.at)}:{crc32(f'{report.code}|{report.who}'.encode()):x}"


@cache
def _receipt_upsert(again: int) -> Insert:
    """Return the upsert that returns the numbers not seen for `again` seconds. `again` is a literal, because
    a bound value would cost one statement per row.
    """
    upsert = insert(StationReceipt)
    stale = col(StationReceipt.at) < upsert.excluded.at - literal_column(str(again))
    return upsert.on_conflict_do_update(  # type: ignore[call-overload]
        index_elements=["source_id", "external"], set_={"at": upsert.excluded.at}, where=stale
    ).returning(StationReceipt.external)  # type: ignore[arg-type]


def assign_waiting(engine: Engine, settings: Settings, now: datetime) -> None:
    """Job: assign waiting events to keys registered since then, and delete old report numbers."""
    with Session(engine) as db:
        with writing(db):
            waiting_events.assign_to_keys(db, now)
        while True:
            with writing(db):
                if delete_old_receipts(db, now) < 20_000:
                    return
