"""PostgreSQL 14 or newer, for those who outgrow one machine: processes on several hosts, replicas, failover.

Writers take one advisory lock for the whole database, so what is read inside `writing` stays true until its
commit, as in SQLite; readers see one snapshot for their whole transaction and wait for nobody.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Table,
    bindparam,
    create_engine,
    event,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import ARRAY, BigInteger, Integer
from sqlmodel import Session

WRITER = 0x6B616269  # the advisory lock of writers
# A writer that waits longer is told so, as by SQLite; one that falls silent loses its lock with its
# connection.
LOCK = text(
    "SELECT set_config('lock_timeout', '10s', true), "
    "set_config('idle_in_transaction_session_timeout', '60s', true), pg_advisory_xact_lock(:writer)"
).bindparams(writer=WRITER)

DOCUMENT = (
    "(setweight(to_tsvector('simple', {0}words), 'A') || setweight(to_tsvector('simple', {0}stems), 'D'))"
)
FIND = text(
    "SELECT s.kind, s.ref_id, s.contract_id "  # noqa: S608
    "FROM search s, to_tsquery('simple', :asked) AS asked "
    f"WHERE {DOCUMENT.format('s.')} @@ asked AND s.kind = :kind "
    f"ORDER BY ts_rank({DOCUMENT.format('s.')}, asked) DESC, s.ref_id DESC LIMIT :limit"
)
FTS_WORD = re.compile(r'"([^"]*)"(\*?)')


class Long(BigInteger):
    """A whole number has 64 bits, as in SQLite: kopecks and the seconds of 2099 do not fit in 32.

    A parameter is not cast: the driver names the narrowest type that holds it, and the server widens that.
    """

    render_bind_cast = False


@compiles(Integer, "postgresql")
def _whole(_type: Integer, _compiler: Any, **_: Any) -> str:
    return "BIGINT"


def open_engine(url: str) -> Engine:
    """Readers in one snapshot each; a connection lost to a failover is replaced before it is used."""
    engine = create_engine(
        url,
        pool_size=10,
        max_overflow=50,
        pool_pre_ping=True,
        hide_parameters=True,
        isolation_level="REPEATABLE READ",
    )
    engine.dialect.colspecs = {**engine.dialect.colspecs, Integer: Long}  # type: ignore[misc]

    plain, whole = _adapters()

    @event.listens_for(engine, "connect")
    def on_connect(raw: Any, _: object) -> None:
        raw.adapters.register_dumper(str, plain)
        raw.adapters.register_loader("numeric", whole)

    @event.listens_for(engine, "handle_error")
    def on_error(context: Any) -> None:
        """The server's DETAIL repeats what was written: a name, a phone. The log gets its first line only."""
        for told in (context.original_exception, context.sqlalchemy_exception):
            if told is not None and told.args and isinstance(told.args[0], str):
                told.args = (told.args[0].split("\n", 1)[0], *told.args[1:])

    return engine


def _adapters() -> tuple[type, type]:
    """How texts leave and sums arrive."""
    from psycopg.adapt import Dumper, Loader  # only where PostgreSQL is chosen

    class Plain(Dumper):
        """There is no NUL in a text here; whoever sends one means nothing by it."""

        def dump(self, obj: str) -> bytes:
            return obj.replace("\0", "").encode()

    class Whole(Loader):
        """A sum of whole numbers is whole; the server calls it numeric."""

        def load(self, data: Any) -> int | float:
            said = bytes(data)
            return float(said) if b"." in said else int(said)

    return Plain, Whole


def lend(engine: Engine) -> Any:
    return engine.raw_connection()


def take_back(engine: Engine, raw: Any) -> None:
    raw.close()  # the pool rolls back


def begin_reading(raw: Any) -> None:
    """The driver begins by itself."""


def begin_writing(db: Session) -> None:
    """Each statement sees what was committed before it, and under the lock nobody commits but us."""
    db.connection(execution_options={"isolation_level": "READ COMMITTED"}).execute(LOCK)


@contextmanager
def migrating(connection: Connection) -> Iterator[None]:
    """Hosts started together migrate once: the others wait here and find it done."""
    connection.execution_options(isolation_level="READ COMMITTED").execute(
        text("SELECT pg_advisory_xact_lock(:writer)"), {"writer": WRITER}
    )
    yield
    connection.commit()


def append_only(table: str, days: int | None = None) -> list[str]:
    young = f"WHEN (OLD.at > (extract(epoch FROM now()) - {days * 86400}) * 1000)" if days else ""
    refuse = "EXECUTE FUNCTION refuse_change()"
    return [
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = "
        "'integrity_constraint_violation'; END $$",
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW {refuse}",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW {young} {refuse}",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} {refuse}",
    ]


def no_replace(_table: str, *_keys: str) -> list[str]:
    """ON CONFLICT DO UPDATE is an UPDATE, and its trigger refuses it."""
    return []


def search_index() -> list[str]:
    return [f"CREATE INDEX search_fts ON search USING gin ({DOCUMENT.format('')})"]


ROWS = {"insert": ("NEW",), "update": ("OLD", "NEW"), "delete": ("OLD",)}


def search_watch(table: str, columns: str, deeds: str, noted: str) -> list[str]:
    """`noted` selects (kind, ref_id) for a changed `{row}`; `columns` are those whose update matters, "" for
    any.
    """
    made = []
    for deed in deeds.split():
        name = f"{table}_search_{deed}"
        when = f"UPDATE OF {columns}" if deed == "update" and columns else deed.upper()
        notes = "".join(
            f"INSERT INTO search_stale(kind, ref_id) {noted.format(row=row)} ON CONFLICT DO NOTHING; "
            for row in ROWS[deed]
        )
        made += [
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"{notes}RETURN NULL; END $$",
            f"CREATE OR REPLACE TRIGGER {name} AFTER {when} ON {table} FOR EACH ROW EXECUTE FUNCTION "
            f"{name}()",
        ]
    return made


def triggers(connection: Connection) -> set[str]:
    """Triggers there are."""
    return {
        name for (name,) in connection.exec_driver_sql("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
    }


def find(db: Connection, asked: str, kind: str, limit: int) -> Iterable[Any]:
    """Whole words count more than stems. Words of an FTS5 expression are letters and digits: there is nothing
    to escape.
    """
    words = FTS_WORD.sub(lambda m: f"'{m[1]}'" + (":*" if m[2] else ""), asked)
    query = words.replace(" AND ", " & ").replace(" OR ", " | ")
    return db.execute(FIND, {"asked": query, "kind": kind, "limit": limit})


def added(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> list[bool]:
    """A column travels as one array, so a batch is one round trip whatever its size."""
    if not rows:
        return []
    said, place = _arrays(table)
    new = {
        tuple(key): True
        for key in connection.execute(said, {name: [row[name] for row in rows] for name in rows[0]})
    }
    # A place is new once: popping it leaves its twin in the same batch an old one.
    return [new.pop(place(row), False) for row in rows]


@cache
def _arrays(table: Table) -> tuple[Any, Any]:
    key, columns = table.primary_key.columns, table.columns
    said = select(
        *(func.unnest(bindparam(one.name, type_=ARRAY(one.type))).label(one.name) for one in columns)
    )
    return insert(table).from_select(columns.keys(), said).on_conflict_do_nothing().returning(
        *key
    ), itemgetter(*key.keys())


def blank(column: Any) -> ColumnElement[bytes]:
    """An update here writes a new row and leaves the old one to VACUUM, so there is no point in long
    zeros.
    """
    return func.decode("", "hex")


def rewrite(engine: Engine, tables: list[str]) -> None:
    """Table by table, each locked meanwhile; old values stay in the archived log and in earlier copies
    only.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        quoted = db.dialect.identifier_preparer
        for table in tables:
            db.exec_driver_sql(f"VACUUM (FULL, ANALYZE) {quoted.quote(table)}")


def partitions() -> list[str]:
    """What has no month of its own yet, and what a mad clock said."""
    return ["CREATE TABLE event_rest PARTITION OF event DEFAULT"]


def prepare(engine: Engine, now: datetime, ahead: int = 2) -> int:
    """Tables for this month, those to come, and past ones whose events lie in the rest: the count of those
    made.

    Events of 1970 and of years to come stay in the rest.

    """
    with engine.connect() as db:
        there = {
            name
            for (name,) in db.execute(text("SELECT relname FROM pg_class WHERE relname LIKE 'event\\_2%'"))
        }
        since, until = _edges(date(2000, 1, 1))[0], _edges(_month(now, 1))[0]
        found = db.execute(
            text(
                "SELECT DISTINCT date_trunc('month', to_timestamp(at) AT TIME ZONE 'UTC')::date FROM "
                "event_rest "
                "WHERE at >= :since AND at < :until"
            ),
            {"since": since, "until": until},
        ).scalars()
        months = sorted({*found, *(_month(now, n) for n in range(ahead + 1))})
    missing = [month for month in months if _name(month) not in there]
    for month in missing:
        with Session(engine) as db:
            begin_writing(db)
            part(db.connection(), month)
            db.commit()
    return len(missing)


def part(db: Connection, month: date) -> None:
    """A month's table, filled from the rest and then put in its place."""
    name, (first, last) = _name(month), _edges(month)
    if db.execute(text("SELECT to_regclass(:name)"), {"name": name}).scalar():
        return
    for statement in (
        f"CREATE TABLE {name} (LIKE event INCLUDING ALL)",
        "WITH gone AS "  # noqa: S608 - our own
        f"(DELETE FROM event_rest WHERE at >= {first} AND at < {last} RETURNING *) "
        f"INSERT INTO {name} SELECT * FROM gone",
        f"ALTER TABLE event ATTACH PARTITION {name} FOR VALUES FROM ({first}) TO ({last})",
    ):
        db.exec_driver_sql(statement)


def _month(now: datetime, ahead: int) -> date:
    months = now.year * 12 + now.month - 1 + ahead
    return date(months // 12, months % 12 + 1, 1)


def _edges(month: date) -> tuple[int, int]:
    """Its first second, and the first of the next month (UTC)."""
    first = datetime(month.year, month.month, 1, tzinfo=UTC)
    return int(first.timestamp()), int(datetime.combine(_month(first, 1), first.timetz()).timestamp())


def _name(month: date) -> str:
    return f"event_{month:%Y_%m}"


HASTE = "SET synchronous_commit = off"
