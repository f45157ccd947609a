"""PostgreSQL 14 or newer: processes on several hosts, replicas, failover.

Writers take one advisory lock for the whole database, so what is read inside `writing` stays true until its
commit, as in SQLite; readers have a snapshot per transaction and never wait.
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
    select,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import ARRAY, BigInteger, Integer
from sqlmodel import Session, func, text

WRITER = 0x6B616269  # the advisory lock of writers
# A writer that waits longer gets an error, as in SQLite; an idle one loses its connection and the lock.
LOCK = text(
    "SELECT set_config('lock_timeout', '10s', true), "
    "set_config('idle_in_transaction_session_timeout', '60s', true), pg_advisory_xact_lock(:writer)"
).bindparams(writer=WRITER)

DOCUMENT = (
    "(setweight(to_tsvector('simple', {0}words), 'A') || setweight(to_tsvector('simple', {0}stems), 'D'))"
)
FIND = text(
    "SELECT s.kind, s.ref_id, s.contract_id "  # noqa: S608
    "FROM search s, to_tsquery('simple', :query) AS query "
    f"WHERE {DOCUMENT.format('s.')} @@ query AND s.kind = :kind "
    f"ORDER BY ts_rank({DOCUMENT.format('s.')}, query) DESC, s.ref_id DESC LIMIT :limit"
)
FTS_WORD = re.compile(r'"([^"]*)"(\*?)')


class Long(BigInteger):
    """64-bit integers, as in SQLite: kopecks and the seconds of 2099 do not fit in 32 bits.

    Parameters are not cast: the driver sends the narrowest type, and the server widens it.
    """

    render_bind_cast = False


@compiles(Integer, "postgresql")
def _compile_integer(_type: Integer, _compiler: Any, **_: Any) -> str:
    return "BIGINT"


def open_engine(url: str) -> Engine:
    """Return an engine: one snapshot per read transaction; connections lost in a failover are replaced."""
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
        """Keep the first line of an error: the server's DETAIL repeats values such as names and phones."""
        for error in (context.original_exception, context.sqlalchemy_exception):
            if error is not None and error.args and isinstance(error.args[0], str):
                error.args = (error.args[0].split("\n", 1)[0], *error.args[1:])

    return engine


def _adapters() -> tuple[type, type]:
    """Return a dumper of strings and a loader of sums."""
    from psycopg.adapt import Dumper, Loader  # imported only where PostgreSQL is used

    class Plain(Dumper):
        """Drops NUL, which PostgreSQL does not store."""

        def dump(self, obj: str) -> bytes:
            return obj.replace("\0", "").encode()

    class Whole(Loader):
        """A sum of integers arrives as numeric; make it an int."""

        def load(self, data: Any) -> int | float:
            statement = bytes(data)
            return float(statement) if b"." in statement else int(statement)

    return Plain, Whole


def acquire(engine: Engine) -> Any:
    return engine.raw_connection()


def release(engine: Engine, raw: Any) -> None:
    raw.close()  # the pool rolls back


def begin_reading(raw: Any) -> None:
    """Do nothing: the driver begins a transaction by itself."""


def begin_writing(db: Session) -> None:
    """Begin READ COMMITTED: it sees the latest commits, and under the lock nobody else commits."""
    db.connection(execution_options={"isolation_level": "READ COMMITTED"}).execute(LOCK)


@contextmanager
def migrating(connection: Connection) -> Iterator[None]:
    """Hold a lock, so that of hosts that start together one migrates and the others wait and find it done."""
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
    """Return nothing: ON CONFLICT DO UPDATE is an UPDATE, and the UPDATE trigger refuses it."""
    return []


def search_index() -> list[str]:
    return [f"CREATE INDEX search_fts ON search USING gin ({DOCUMENT.format('')})"]


ROWS = {"insert": ("NEW",), "update": ("OLD", "NEW"), "delete": ("OLD",)}


def search_triggers(table: str, columns: str, deeds: str, noted: str) -> list[str]:
    """`noted` selects (kind, ref_id) of a changed `{row}`; only updates of `columns` count, "" for all."""
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


def trigger_names(connection: Connection) -> set[str]:
    """Return names of all triggers."""
    return {
        name for (name,) in connection.exec_driver_sql("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
    }


def find(db: Connection, query: str, kind: str, limit: int) -> Iterable[Any]:
    """Return the best matches; whole words rank first. The query needs no escaping: letters and
    digits only.
    """
    words = FTS_WORD.sub(lambda m: f"'{m[1]}'" + (":*" if m[2] else ""), query)
    tsquery = words.replace(" AND ", " & ").replace(" OR ", " | ")
    return db.execute(FIND, {"query": tsquery, "kind": kind, "limit": limit})


def insert_new(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> list[bool]:
    """Insert a batch in one round trip (each column as one array); return per row whether it was new."""
    if not rows:
        return []
    statement, place = _array_insert(table)
    new = {
        tuple(key): True
        for key in connection.execute(statement, {name: [row[name] for row in rows] for name in rows[0]})
    }
    # pop: a second row with the same key in this batch is not new.
    return [new.pop(place(row), False) for row in rows]


@cache
def _array_insert(table: Table) -> tuple[Any, Any]:
    key, columns = table.primary_key.columns, table.columns
    statement = select(
        *(func.unnest(bindparam(one.name, type_=ARRAY(one.type))).label(one.name) for one in columns)
    )
    return insert(table).from_select(columns.keys(), statement).on_conflict_do_nothing().returning(
        *key
    ), itemgetter(*key.keys())


def blank_value(column: Any) -> ColumnElement[bytes]:
    """Return an empty value: the old row waits for VACUUM, so zeros would overwrite nothing."""
    return func.decode("", "hex")


def rewrite(engine: Engine, tables: list[str]) -> None:
    """Rewrite and lock each table in turn; old values stay only in archived WAL and earlier backups."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        quoted = db.dialect.identifier_preparer
        for table in tables:
            db.exec_driver_sql(f"VACUUM (FULL, ANALYZE) {quoted.quote(table)}")


def partition_statements() -> list[str]:
    """Return SQL of the default partition, for months without a table and events with an impossible time."""
    return ["CREATE TABLE event_rest PARTITION OF event DEFAULT"]


def create_partitions(engine: Engine, now: datetime, ahead: int = 2) -> int:
    """Create missing tables: this month, the coming ones, past ones with stored events; return how many.

    Events before 2000 or of later months stay in the default partition.
    """
    with engine.connect() as db:
        there = {
            name
            for (name,) in db.execute(text("SELECT relname FROM pg_class WHERE relname LIKE 'event\\_2%'"))
        }
        since, until = _month_bounds(date(2000, 1, 1))[0], _month_bounds(_month(now, 1))[0]
        found = db.execute(
            text(
                "SELECT DISTINCT date_trunc('month', to_timestamp(at) AT TIME ZONE 'UTC')::date FROM "
                "event_rest "
                "WHERE at >= :since AND at < :until"
            ),
            {"since": since, "until": until},
        ).scalars()
        months = sorted({*found, *(_month(now, n) for n in range(ahead + 1))})
    missing = [month for month in months if _partition_name(month) not in there]
    for month in missing:
        with Session(engine) as db:
            begin_writing(db)
            create_partition(db.connection(), month)
            db.commit()
    return len(missing)


def create_partition(db: Connection, month: date) -> None:
    """Create the table of a month, move its events from the default partition, and attach it."""
    name, (first, last) = _partition_name(month), _month_bounds(month)
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


def _month_bounds(month: date) -> tuple[int, int]:
    """Return the first second of the month and of the next one (UTC)."""
    first = datetime(month.year, month.month, 1, tzinfo=UTC)
    return int(first.timestamp()), int(datetime.combine(_month(first, 1), first.timetz()).timestamp())


def _partition_name(month: date) -> str:
    return f"event_{month:%Y_%m}"


ASYNC_COMMIT = "SET synchronous_commit = off"
