"""The one file: how it is opened, how it is written, and the column types that mean the same everywhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from sqlalchemy import BigInteger, Engine, MetaData, create_engine, event
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session, SQLModel

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = MetaData(naming_convention=NAMES).naming_convention

MAX_ID = 2**63

# SQLite has one writer. Waiting here costs a few milliseconds; its own busy back-off costs half a second at p99.
_writer = Lock()


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime in Python, whole milliseconds since 1970 in the file: short, sortable, the same on any engine."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else stamp(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else instant(value)


def stamp(at: datetime) -> int:
    """Milliseconds since 1970 of an aware instant; a naive one is a mistake and raises ValueError."""
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return round(at.timestamp() * 1000)


def instant(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def open_engine(url: str) -> Engine:
    """An engine on `sqlite:///…`: write-ahead log, every commit on the disk before it is answered, foreign keys held."""
    # An error of the database goes to the log with its statement, but without the names, phones and codes put into it.
    engine = create_engine(
        url, pool_size=10, max_overflow=50, connect_args={"check_same_thread": False}, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def on_connect(raw: Any, _: object) -> None:
        raw.isolation_level = None  # transactions are begun below, not by the driver
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("immediate")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


@contextmanager
def writing(db: Session) -> Iterator[Session]:
    """One write transaction: everything the decision rests on is read inside it; committed at the end or rolled back.

    It begins IMMEDIATE, because a deferred read-then-write loses updates on SQLite. No network inside.
    """
    db.rollback()  # end the read snapshot, which may be older than the last write
    with _writer:
        db.connection(execution_options={"immediate": True})
        try:
            yield db
            db.commit()
        except BaseException:
            db.rollback()
            raise
