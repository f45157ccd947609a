"""Dialects: what differs between SQLite and PostgreSQL, one module each with the same functions.

`dialect_of(...)` returns the module; no code outside this package asks which engine it is.

    open_engine(url)              an engine with our settings
    acquire(engine)               a driver connection for hot reads; release(engine, raw) ends the read
    begin_reading(raw)            a snapshot on a driver connection, until it is rolled back
    begin_writing(db)             begin a session's write transaction: the only writer of all processes
    migrating(connection)         the transaction migrations run in
    append_only(table, days)      statements that forbid changing rows, and deleting younger ones
    no_replace(table, *keys)      statements that forbid an INSERT to replace a row of the same key
    search_index()                statements that make `search` searchable
    search_triggers(...)          statements that note in `search_stale` what a change of a table touches
    find(db, query, kind, limit)  (kind, ref_id, contract_id) of the best matches of an FTS5 expression
    trigger_names(connection)     names of all triggers
    blank_value(column)           an expression that overwrites bytes before they are deleted
    rewrite(engine, tables)       rewrite these tables, so that no deleted data is left on the disk
    partition_statements()        statements for a new `event` table
    create_partitions(engine, now)    add tables for months
    insert_new(connection, table, rows)    insert a batch; per row whether its primary key was new
    ASYNC_COMMIT                  a statement after which commits of a connection do not wait for the disk
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from types import ModuleType
from typing import Any

from sqlalchemy import Engine, event

# PostgreSQL's INSERT … ON CONFLICT, which SQLite's compiler reads as its own.
from sqlalchemy.dialects.postgresql import insert

from db.engines import postgres, sqlite
from settings import Settings

__all__ = ["create_partitions", "dialect_of", "insert", "without_fsync"]


def dialect_of(where: Any) -> ModuleType:
    """Return the module for a URL, or for any object with a dialect: an engine, a connection, a session's
    bind.
    """
    name = where if isinstance(where, str) else where.dialect.name
    if name.startswith("sqlite"):
        return sqlite
    if name.startswith("postgresql"):
        return postgres
    raise ValueError("CABINET_DATABASE: a path of a SQLite file, or postgresql+psycopg://…")


@contextmanager
def without_fsync(engine: Engine) -> Iterator[None]:
    """Do not wait for the disk in commits inside this block; only for data that can be generated again."""

    def relax(raw: Any, _: object) -> None:
        raw.execute(dialect_of(engine).ASYNC_COMMIT)
        raw.commit()

    event.listen(engine, "connect", relax)
    engine.dispose()
    try:
        yield
    finally:
        event.remove(engine, "connect", relax)
        engine.dispose()


def create_partitions(engine: Engine, _settings: Settings, now: datetime) -> None:
    """Job: create the tables of the coming months where `event` is partitioned."""
    dialect_of(engine).create_partitions(engine, now)
