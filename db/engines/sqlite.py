"""SQLite: one file, one writer, every commit durable when it returns."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from functools import cache
from operator import itemgetter
from time import monotonic, sleep
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Connection, Dialect, Engine, Table, create_engine, event, func, text
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Session

FTS = [
    "CREATE VIRTUAL TABLE IF NOT EXISTS search_fts USING fts5(words, stems, content='search', "
    "content_rowid='id', "
    "tokenize='unicode61 remove_diacritics 2', prefix='3 5')",
    "CREATE TRIGGER IF NOT EXISTS search_fts_added AFTER INSERT ON search BEGIN "
    "INSERT INTO search_fts(rowid, words, stems) VALUES (new.id, new.words, new.stems); END",
    "CREATE TRIGGER IF NOT EXISTS search_fts_gone AFTER DELETE ON search BEGIN "
    "INSERT INTO search_fts(search_fts, rowid, words, stems) VALUES ('delete', old.id, old.words, "
    "old.stems); END",
    "CREATE TRIGGER IF NOT EXISTS search_fts_changed AFTER UPDATE ON search BEGIN "
    "INSERT INTO search_fts(search_fts, rowid, words, stems) VALUES ('delete', old.id, old.words, "
    "old.stems); "
    "INSERT INTO search_fts(rowid, words, stems) VALUES (new.id, new.words, new.stems); END",
]
FIND = text(
    "SELECT s.kind, s.ref_id, s.contract_id FROM search_fts f JOIN search s ON s.id = f.rowid "
    "WHERE search_fts MATCH :query AND s.kind = :kind ORDER BY bm25(search_fts, 4.0, 1.0), s.ref_id DESC "
    "LIMIT :limit"
)


def open_engine(url: str) -> Engine:
    """Return an engine with a write-ahead log, durable commits and foreign keys enforced."""
    # hide_parameters: errors are logged with their SQL but without values (names, phones, codes).
    engine = create_engine(
        url, pool_size=10, max_overflow=50, connect_args={"check_same_thread": False}, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def on_connect(raw: Any, _: object) -> None:
        raw.isolation_level = None  # the functions below begin transactions, not the driver
        # secure_delete zeroes freed bytes, so deleted data does not stay in the file.
        for pragma in ("busy_timeout=10000", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            raw.execute(f"PRAGMA {pragma}")
        enable_write_ahead_log(raw)

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("immediate")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def enable_write_ahead_log(raw: Any, timeout: float = 10.0) -> None:
    """Switch the file to the write-ahead log.

    The switch ignores the busy timeout: of two processes that open a new file together one gets «locked» at
    once, so it is retried. OperationalError after `timeout` seconds.
    """
    end = monotonic() + timeout
    while True:
        try:
            raw.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as problem:
            if problem.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > end:
                raise
            sleep(0.01)
        else:
            return


# Checking a connection out of the pool costs as much as two queries of a hot path, so a few are kept aside.
SPARE = 4
_spare: WeakKeyDictionary[Engine, list[Any]] = WeakKeyDictionary()


def acquire(engine: Engine) -> Any:
    spare = _spare.get(engine)
    return spare.pop() if spare else engine.raw_connection()


def release(engine: Engine, raw: Any) -> None:
    """Keep a few connections for the next `acquire`, until the engine is disposed of."""
    spare = _spare.get(engine)
    if spare is None:
        spare = _spare[engine] = []
        event.listen(engine, "engine_disposed", _close_spare)
    if len(spare) >= SPARE:
        raw.close()  # the pool rolls back
        return
    try:
        raw.rollback()
    except BaseException:
        raw.invalidate()
        raise
    spare.append(raw)


def _close_spare(engine: Engine) -> None:
    for raw in _spare.pop(engine, []):
        raw.close()


def begin_reading(raw: Any) -> None:
    raw.execute("BEGIN")


def begin_writing(db: Session) -> None:
    """Begin with BEGIN IMMEDIATE: a deferred transaction that reads and then writes would lose updates."""
    db.connection(execution_options={"immediate": True})


@contextmanager
def migrating(connection: Connection) -> Iterator[None]:
    """Turn foreign keys off, because rebuilding a parent table would delete its children; they are checked
    afterwards.
    """
    connection.exec_driver_sql("COMMIT")
    connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.invalidate()  # otherwise the pool would reuse it with foreign keys off
        raise
    if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
        connection.rollback()
        raise RuntimeError(f"the migration left rows without their parents: {broken[:5]}")
    connection.commit()
    connection.exec_driver_sql("COMMIT")
    connection.exec_driver_sql("PRAGMA foreign_keys=ON")


def append_only(table: str, days: int | None = None) -> list[str]:
    young = f"WHEN OLD.at > (unixepoch('now') - {days * 86400}) * 1000" if days else ""
    return [
        f"CREATE TRIGGER {table}_no_{deed} BEFORE {deed.upper()} ON {table} {when} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for deed, when in (("update", ""), ("delete", young))
    ]


def no_replace(table: str, *keys: str) -> list[str]:
    """Return triggers against REPLACE, which deletes conflicting rows without firing DELETE triggers."""
    same = " OR ".join(f"{key} = NEW.{key}" for key in keys)
    return [
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    ]


def search_index() -> list[str]:
    return FTS


ROWS = {"insert": ("new",), "update": ("old", "new"), "delete": ("old",)}


def search_triggers(table: str, columns: str, deeds: str, noted: str) -> list[str]:
    """Return SQL of triggers; `noted` selects (kind, ref_id) for a changed `{row}`, `columns` are those whose
    update matters, "" for any.
    """
    made = []
    for deed in deeds.split():
        when = f"UPDATE OF {columns}" if deed == "update" and columns else deed.upper()
        notes = "".join(
            f"INSERT OR IGNORE INTO search_stale(kind, ref_id) {noted.format(row=row)}; "
            for row in ROWS[deed]
        )
        made.append(
            f"CREATE TRIGGER IF NOT EXISTS {table}_search_{deed} AFTER {when} ON {table} BEGIN {notes}END"
        )
    return made


def trigger_names(connection: Connection) -> set[str]:
    """Return names of all triggers."""
    return {
        name
        for (name,) in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    }


def find(db: Connection, query: str, kind: str, limit: int) -> Iterable[Any]:
    """Return the best matches; whole words rank above stems."""
    return db.execute(FIND, {"query": query, "kind": kind, "limit": limit})


def insert_new(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> list[bool]:
    """Insert a batch and return which rows were new. Rows go in key order, so that each page is read once, on
    the driver's cursor, whose rowcount shows whether a row was new (RETURNING costs half as much again).
    """
    statement, place, values = _insert_statement(table, connection.dialect)
    cursor, new = connection.connection.cursor(), [False] * len(rows)
    for n in sorted(range(len(rows)), key=lambda n: place(rows[n])):
        cursor.execute(statement, values(rows[n]))
        new[n] = cursor.rowcount == 1
    cursor.close()
    return new


@cache
def _insert_statement(table: Table, dialect: Dialect) -> tuple[str, Any, Any]:
    statement = insert(table).on_conflict_do_nothing().compile(dialect=dialect)
    return (
        str(statement),
        itemgetter(*table.primary_key.columns.keys()),
        itemgetter(*(statement.positiontup or ())),
    )


def blank_value(column: Any) -> ColumnElement[bytes]:
    """Return zeros of the same length: SQLite leaves deleted bytes in free pages."""
    return func.zeroblob(func.length(column))


def rewrite(engine: Engine, tables: list[str]) -> None:
    """Rewrite the whole file; the write-ahead log is truncated unless somebody is reading from it."""
    with closing(engine.raw_connection()) as raw:
        raw.execute("VACUUM")  # type: ignore[attr-defined]
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[attr-defined]


def partition_statements() -> list[str]:
    """Return nothing: `event` is clustered by its key."""
    return []


def create_partitions(engine: Engine, now: datetime) -> int:
    return 0


ASYNC_COMMIT = "PRAGMA synchronous=OFF"
