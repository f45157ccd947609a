"""The station's side: what it reports becomes events at once, or waits for the desk; nothing is dropped (SPEC
§4).

`ingest` is the one way in for every door. A repeated report is known by the event's own key
(rules.events.events.identity) and, where the sender numbers its reports, by a receipt kept for some days,
since the time may differ the second time.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from zlib import crc32

from sqlalchemy import Connection, Engine, Table, bindparam, delete, literal_column, text
from sqlalchemy.dialects.postgresql import Insert
from sqlmodel import Field, Index, Session, SQLModel, col, func, select

from db import Instant, engines, writing
from db.engines import insert
from db.events import deliveries
from db.events.events import Event
from db.events.keys import Key
from db.prepared_reads import Reading, reader
from rules.events.events import EARLIEST, Report, believable, identity, seconds

RECEIPT_DAYS = 7
CROWD = 50_000


class Source(SQLModel, table=True):
    """Who speaks to us: a station's export, a receiver, a file; and when each was last heard."""

    __tablename__ = "station_source"

    id: int = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    contact_at: datetime = Field(sa_type=Instant)
    event_at: datetime | None = Field(
        default=None, sa_type=Instant, description="when it last reported an event"
    )


class Receipt(SQLModel, table=True):
    """The sender's numbers of the last days, so that a report sent again is one."""

    __tablename__ = "station_receipt"
    __table_args__ = {"sqlite_with_rowid": False}

    source_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    external: str = Field(primary_key=True)
    at: int = Field(description="when we took it, seconds since 1970")


class WaitingEvent(SQLModel, table=True):
    """What came for a key the registry does not know (yet): the desk sees it, and it moves on when the key
    appears.
    """

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


LAST = select(func.max(Source.contact_at)).where(~col(Source.name).startswith("csv"))
TAKEN, DUPLICATE, WAITING = "taken", "duplicate", "waiting"
# What this process has heard since it began, by answer: for its figures.
heard: Counter[str] = Counter()
KEYS = select(Key.number, Key.id).where(col(Key.number).in_(bindparam("numbers", expanding=True)))
# Contact is for «silent for minutes»: to the second is enough, and spares most commits a page.
HEARD_AGAIN = timedelta(seconds=1)
SOURCE = select(Source.id, Source.contact_at, Source.event_at).where(Source.name == bindparam("source"))
_heard = insert(Source).values(
    name=bindparam("source"), contact_at=bindparam("now"), event_at=bindparam("event_at")
)
HEARD = _heard.on_conflict_do_update(
    index_elements=["name"],
    set_={
        "contact_at": _heard.excluded.contact_at,
        "event_at": func.coalesce(_heard.excluded.event_at, col(Source.event_at)),
    },
).returning(Source.id)  # type: ignore[arg-type]
EVENTS: Table = Event.__table__
WAIT = insert(WaitingEvent).on_conflict_do_nothing()


def ingest(
    db: Session,
    source: str,
    reports: Sequence[Report],
    now: datetime,
    again: timedelta = timedelta(days=RECEIPT_DAYS),
) -> list[str]:
    """Keep a batch; per report "taken", "duplicate" or "waiting" (its key is unknown). Call inside `writing`.

    A report of the same source and external id within `again` is a duplicate whatever its time says.
    """
    connection = db.connection()
    source_id = contact(db, source, now, event=bool(reports))
    fresh = _unreceived(connection, source_id, reports, now, again)
    ids: dict[str, int] = dict(connection.execute(KEYS, {"numbers": list({r.key for r in reports})}).all())
    rows = [_row(report, ids.get(report.key), source_id, now) for report in reports]
    known = [row for row, new in zip(rows, fresh, strict=True) if new and row["key_id"] is not None]
    taken = iter(engines.of(connection).added(connection, EVENTS, known))
    _wait(connection, [(r, row) for r, row, new in zip(reports, rows, fresh, strict=True) if new], now)
    answers = [
        WAITING if row["key_id"] is None else TAKEN if new and next(taken) else DUPLICATE
        for row, new in zip(rows, fresh, strict=True)
    ]
    heard.update(answers)
    deliveries.tell(db, (row for row, answer in zip(rows, answers, strict=True) if answer is TAKEN), now)
    return answers


def known(db: Session, numbers: set[str]) -> set[str]:
    """Which of these key numbers the registry has."""
    return {number for number, _ in db.connection().execute(KEYS, {"numbers": list(numbers)})}


def contact(db: Session, source: str, now: datetime, *, event: bool = False) -> int:
    """Note that a source was heard (its heartbeat counts); its id. Call inside `writing`."""
    connection = db.connection()
    known = connection.execute(SOURCE, {"source": source}).one_or_none()
    if known and now - HEARD_AGAIN < (known.event_at or EARLIEST if event else known.contact_at) <= now:
        return int(known.id)
    told = {"source": source, "now": now, "event_at": now if event else None}
    return int(connection.execute(HEARD, told).scalar_one())


def sources(db: Session) -> list[Source]:
    """Everyone who ever spoke, the longest silent first: the desk's line of stations."""
    return list(db.exec(select(Source).order_by(col(Source.contact_at))))


def last_contact(db: Session | Reading) -> datetime | None:
    """When any live source was last heard; files do not count as contact."""
    return reader(db).execute(LAST).scalar_one()


def waiting(db: Session, limit: int = 50, before: int | None = None) -> list[WaitingEvent]:
    """Events without a known key, newest first, for the desk; `before` is the last id shown."""
    found = select(WaitingEvent).order_by(col(WaitingEvent.id).desc()).limit(limit)
    return list(db.exec(found.where(WaitingEvent.id < before) if before else found))  # type: ignore[operator]


def crowded(db: Session) -> bool:
    """Whether the waiting room is so full that strangers on an open port must be turned away unheard."""
    return (
        db.exec(select(func.count()).select_from(select(WaitingEvent.id).limit(CROWD).subquery())).one()
        >= CROWD
    )


def heard_of(db: Session, number: str, since: datetime) -> list[WaitingEvent]:
    """What an unknown key said since then, newest first: the proof that somebody holds it in their hands."""
    found = select(WaitingEvent).where(WaitingEvent.number == number, WaitingEvent.at >= seconds(since))
    return list(db.exec(found.order_by(col(WaitingEvent.at).desc())))


def adopt(db: Session, now: datetime, limit: int = 5000) -> int:
    """Move what waited for keys the registry has learnt since, and tell of what is still news; call inside
    `writing`.
    """
    connection = db.connection()
    came = db.exec(
        select(WaitingEvent, Key.id)
        .join(Key, col(Key.number) == WaitingEvent.number)
        .order_by(WaitingEvent.id)
        .limit(limit)  # type: ignore[arg-type]
    ).all()
    shared = ("at", "kind", "code", "who", "part", "source_id", "raw")
    rows = [
        {name: getattr(waited, name) for name in shared}
        | {"key_id": key_id, "id": waited.event_id, "late": max(0, seconds(waited.received_at) - waited.at)}
        for waited, key_id in came
    ]
    taken = engines.of(connection).added(connection, EVENTS, rows)
    deliveries.tell(db, (row for row, new in zip(rows, taken, strict=True) if new), now)
    gone = [waited.id for waited, _ in came]
    for start in range(0, len(gone), 500):
        connection.execute(delete(WaitingEvent).where(col(WaitingEvent.id).in_(gone[start : start + 500])))
    return len(came)


def forget(db: Session, now: datetime, limit: int = 20_000) -> int:
    """Drop receipts older than their days, some at a time so that no writer waits long; call inside
    `writing`.
    """
    old = text("SELECT source_id, external FROM station_receipt WHERE at < :at LIMIT :limit")
    gone = text(f"DELETE FROM station_receipt WHERE (source_id, external) IN ({old.text})")  # noqa: S608 - our own text
    bound = {"at": seconds(now - timedelta(days=RECEIPT_DAYS)), "limit": limit}
    return db.connection().execute(gone, bound).rowcount


def _row(report: Report, key_id: int | None, source_id: int, now: datetime) -> dict[str, object]:
    """A panel with a wrong clock may still have seen a burglar: it counts from when we heard it, what it said
    kept.
    """
    trusted = believable(report.at, now)
    at = report.at if report.at is not None and trusted else now
    doubted = report.at is not None and not trusted
    raw = report.raw or (f"время {report.at:%d.%m.%Y %H:%M:%S}" if doubted else None)
    return {
        "key_id": key_id,
        "at": seconds(at),
        "id": identity(report),
        "kind": int(report.kind),
        "code": report.code,
        "who": report.who,
        "part": report.part,
        "source_id": source_id,
        "late": max(0, seconds(now) - seconds(at)),
        "raw": raw,
    }


def _unreceived(
    connection: Connection, source_id: int, reports: Sequence[Report], now: datetime, again: timedelta
) -> list[bool]:
    """Which reports their sender has not numbered before; one whose time we replace is known by what it
    claimed.
    """
    marks = [_mark(report, now) for report in reports]
    first = list(dict.fromkeys(mark for mark in marks if mark))
    if not first:
        return [True] * len(reports)
    rows = [{"source_id": source_id, "external": mark, "at": seconds(now)} for mark in first]
    new = {external: True for (external,) in connection.execute(_receive(round(again.total_seconds())), rows)}
    # A mark is fresh once: popping it leaves its twin in the same batch a duplicate.
    return [mark is None or new.pop(mark, None) is not None for mark in marks]


def _mark(report: Report, now: datetime) -> str | None:
    if report.external:
        return report.external[:64]
    if report.at is None or believable(report.at, now):
        return None
    return f"~{report.key}:{seconds(report.at)}:{crc32(f'{report.code}|{report.who}'.encode()):x}"


@cache
def _receive(again: int) -> Insert:
    """Receipts of a batch: answered for those not seen these seconds. A bound value here would cost a
    statement a row.
    """
    said = insert(Receipt)
    stale = col(Receipt.at) < said.excluded.at - literal_column(str(again))
    return said.on_conflict_do_update(
        index_elements=["source_id", "external"], set_={"at": said.excluded.at}, where=stale
    ).returning(Receipt.external)  # type: ignore[arg-type]


def _wait(connection: Connection, pairs: Iterable[tuple[Report, dict[str, object]]], now: datetime) -> None:
    rows = [
        {"number": report.key[:64], "event_id": row["id"], "received_at": now, "raw": row["raw"]}
        | {name: row[name] for name in ("at", "kind", "code", "who", "part", "source_id")}
        for report, row in pairs
        if row["key_id"] is None
    ]
    if rows:
        connection.execute(WAIT, rows)


def move_waiting(engine: Engine, settings: object, now: datetime) -> None:
    """Job: events that waited for a key the registry has learnt go where they belong; old receipts are
    dropped.
    """
    with Session(engine) as db:
        with writing(db):
            adopt(db, now)
        while True:
            with writing(db):
                if forget(db, now) < 20_000:
                    return
