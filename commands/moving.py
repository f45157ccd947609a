"""Copies a SQLite file into an empty PostgreSQL database: all or nothing, while nobody can write to the file.

Values are copied as stored: both engines write days, whole numbers and JSON alike, and the server parses the
rest from the text of COPY.
"""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, Engine, Integer, Table, func, select, text
from sqlmodel import Session, SQLModel

from db.engines import postgres
from db.migrations.run import current, migrate

# Triggers add rows here during the copy, so the file's own rows replace them at the end.
LAST = "search_stale"
# A new database records that it never held plain-text secrets; the file's own record replaces it.
BORN_WITH = "secrets_cleaned"
BLOCK = 5000


class Unlike(Exception):
    """Source and target differ after the copy, or must not be copied at all; in words for the operator."""


class Moved(NamedTuple):
    """One copied table: its rows, and the sums of its whole numbers by column (kopecks among them)."""

    table: str
    rows: int
    sums: dict[str, int]


def move(source: Engine, target: Engine, report: Callable[[Moved], None] = lambda _: None) -> list[Moved]:
    """Copy everything and return the tables, compared on both sides. Raises Unlike and leaves the target
    empty otherwise.
    """
    if source.dialect.name != "sqlite" or target.dialect.name != "postgresql":
        raise Unlike("Переносят из файла SQLite в PostgreSQL.")
    if not current(source):
        raise Unlike("Файл не обновлён до этой версии кабинета: запустите на нём эту версию один раз.")
    migrate(target)
    with source.connect().execution_options(immediate=True) as old, Session(target) as session:
        postgres.begin_writing(session)
        new = session.connection()
        if full := [table.name for table in _tables() if table.name != BORN_WITH and _count(new, table)]:
            raise Unlike(f"База не пуста, в ней уже есть строки: {', '.join(full)}.")
        for month in _months(old):
            postgres.create_partition(new, month)
        moved = [_one(old, new, table, report) for table in _tables()]
        session.commit()
    with target.connect().execution_options(isolation_level="AUTOCOMMIT") as new:
        new.execute(text("VACUUM (ANALYZE)"))
    return moved


def _tables() -> list[Table]:
    """Return the tables, parents before children."""
    return sorted(SQLModel.metadata.sorted_tables, key=lambda table: table.name == LAST)


def _one(old: Connection, new: Connection, table: Table, report: Callable[[Moved], None]) -> Moved:
    if table.name in (LAST, BORN_WITH):
        new.execute(table.delete())
    _copy(old, new, table)
    _number_on(old, new, table)
    before, after = _measure(old, table), _measure(new, table)
    if before != after:
        raise Unlike(
            f"Таблица {table.name} перенеслась не такой, какой была: {before} и {after}. Ничего не записано."
        )
    report(after)
    return after


def _copy(old: Connection, new: Connection, table: Table) -> None:
    quoted = new.dialect.identifier_preparer
    columns = ", ".join(quoted.quote(column.name) for column in table.columns)
    name = quoted.quote(table.name)
    driver: Any = new.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {name} ({columns}) FROM STDIN") as copy:
        for row in _rows(old, f'SELECT {columns} FROM "{table.name}"'):  # noqa: S608 - names out of the models
            copy.write_row(row)


def _rows(old: Connection, statement: str) -> Iterator[Any]:
    found = old.execution_options(yield_per=BLOCK).exec_driver_sql(statement)
    for block in found.partitions():
        yield from block


def _number_on(old: Connection, new: Connection, table: Table) -> None:
    """Set the sequences: the next id follows the last one and, where the file records it, the last ever given
    out.
    """
    if (column := table.autoincrement_column) is not None:
        last = new.execute(select(func.max(column))).scalar()
        if table.dialect_options["sqlite"]["autoincrement"]:
            given = old.exec_driver_sql(
                "SELECT seq FROM sqlite_sequence WHERE name = ?", (table.name,)
            ).scalar()
            last = max(last or 0, given or 0) or None
        sequence = func.pg_get_serial_sequence(new.dialect.identifier_preparer.quote(table.name), column.name)
        if last is not None:
            new.execute(select(func.setval(sequence, last)))


def _measure(db: Connection, table: Table) -> Moved:
    sums = [column for column in table.columns if _summed(column)]
    count, *found = db.execute(
        select(func.count(), *(func.sum(column) for column in sums)).select_from(table)
    ).one()
    return Moved(
        table.name, count, {column.name: int(one or 0) for column, one in zip(sums, found, strict=True)}
    )


def _summed(column: Column[Any]) -> bool:
    """Return whether to sum a column: amounts and counts, not identifiers."""
    return type(column.type) is Integer and not column.primary_key and not column.foreign_keys


def _count(db: Connection, table: Table) -> int:
    return db.execute(
        select(func.count()).select_from(select(1).select_from(table).limit(1).subquery())
    ).scalar_one()


def _months(old: Connection) -> list[date]:
    """Return months that have events with a plausible time; other events go to the default partition."""
    found = old.exec_driver_sql(
        "SELECT DISTINCT strftime('%Y-%m-01', at, 'unixepoch') FROM event "
        "WHERE at BETWEEN unixepoch('2000-01-01') AND unixepoch('now', '+1 month')"
    )
    return sorted(date.fromisoformat(day) for (day,) in found)
