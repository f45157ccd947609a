"""Where SQLite and PostgreSQL differ: one module each, with the same functions. The rest of `db` speaks what
both understand.

`of(...)` picks the module by the engine's address, once; nothing outside this room asks which engine it is.

    open_engine(url)              ready to read, with the habits the rest relies on
    lend(engine)                  a driver's connection for hot reads; take_back(engine, raw) ends its reading
    begin_reading(raw)            one snapshot on the driver's own connection, until it is rolled back
    begin_writing(db)             open a session's write transaction: the only writer of all processes
    migrating(connection)         the transaction migrations run in
    append_only(table, days)      statements that forbid changing rows, and deleting younger ones
    no_replace(table, *keys)      statements that forbid an INSERT to replace a row of the same key
    search_index()                statements that make `search` searchable
    search_watch(...)             statements that note in `search_stale` what a change of a table touches
    find(db, asked, kind, limit)  (kind, ref_id, contract_id) of the best matches of an FTS5 expression
    blank(column)                 an expression that overwrites bytes before they are deleted
    rewrite(engine, tables)       write these tables anew, so that nothing deleted is left beside
    partitions()                  statements for a new `event` table; prepare(engine, now) adds months
    added(connection, table, rows)    insert a batch; of each row whether it was new, by the table's key
    HASTE                         said to a new connection whose commits need not wait for the disk
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

__all__ = ["hasty", "insert", "of", "prepare"]


def of(where: Any) -> ModuleType:
    """By an address, or anything that has a dialect: an engine, a connection, a session's bind."""
    name = where if isinstance(where, str) else where.dialect.name
    if name.startswith("sqlite"):
        return sqlite
    if name.startswith("postgresql"):
        return postgres
    raise ValueError("CABINET_DATABASE: a path of a SQLite file, or postgresql+psycopg://…")


@contextmanager
def hasty(engine: Engine) -> Iterator[None]:
    """Commits inside do not wait for the disk: for data one can make anew."""

    def relax(raw: Any, _: object) -> None:
        raw.execute(of(engine).HASTE)
        raw.commit()

    event.listen(engine, "connect", relax)
    engine.dispose()
    try:
        yield
    finally:
        event.remove(engine, "connect", relax)
        engine.dispose()


def prepare(engine: Engine, _settings: object, now: datetime) -> None:
    """The job: where events are kept by months, the coming ones get their tables."""
    of(engine).prepare(engine, now)
