"""Opening and writing the database, and the column types shared by all tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import BigInteger, Engine, MetaData
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session, SQLModel

from db import engines, write_lock

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = MetaData(naming_convention=NAMES).naming_convention

MAX_ID = 2**63

# One writing thread at a time: waiting for this lock takes milliseconds, while SQLite's busy back-off takes
# half a second at p99.
_writer = write_lock.process_lock


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime in Python, whole milliseconds since 1970 in the database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else stamp(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else instant(value)


def stamp(at: datetime) -> int:
    """Return milliseconds since 1970 of an aware instant. ValueError for a naive one."""
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return round(at.timestamp() * 1000)


def instant(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def open_engine(url: str) -> Engine:
    """Return an engine for `sqlite:///…` or `postgresql+psycopg://…`; every commit is durable when it
    returns.
    """
    return engines.dialect_of(url).open_engine(url)


@contextmanager
def writing(db: Session) -> Iterator[Session]:
    """Open one write transaction, committed at the end or rolled back on an error. Read inside it whatever
    the decision depends on.

    Only one process writes at a time, on either engine. Make no network calls inside.
    """
    db.rollback()  # end the read snapshot, which may be older than the last write
    with _writer:
        try:
            engines.dialect_of(db.get_bind()).begin_writing(db)
            yield db
            db.commit()
        except BaseException:
            db.rollback()
            raise
