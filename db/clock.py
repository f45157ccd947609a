"""The clock. In a demonstration it can be shifted; all processes read the shift from the database."""

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
        """The difference from real time."""
        with self.engine.connect() as db:
            return timedelta(seconds=db.execute(self._shift).scalar() or 0)


def set_shift(db: Session, seconds: int) -> None:
    """Set the shift from real time; call inside `writing`."""
    row = db.exec(select(ClockShift)).first() or ClockShift(seconds=0)
    row.seconds = seconds
    db.add(row)
