"""The clock everybody is given. In a demonstration it can be moved, and the jobs see the same moved clock
through the file.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Field, Session, SQLModel, select


class ClockShift(SQLModel, table=True):
    __tablename__ = "clock_shift"

    id: int = Field(default=None, primary_key=True)
    seconds: int = 0


class Clock:
    """`now()` is the aware UTC instant."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class MovableClock(Clock):
    """For demonstrations only; production never builds one."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._shift = select(ClockShift.seconds)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.shift()

    def shift(self) -> timedelta:
        """How far from real time this clock was moved."""
        with self.engine.connect() as db:
            return timedelta(seconds=db.execute(self._shift).scalar() or 0)


def move(db: Session, seconds: int) -> None:
    """Set the shift from real time; call inside `writing`."""
    row = db.exec(select(ClockShift)).first() or ClockShift(seconds=0)
    row.seconds = seconds
    db.add(row)
