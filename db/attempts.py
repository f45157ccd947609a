"""Limits that a restart does not lift: each try is a row, counted in a window (SPEC Access)."""

from datetime import datetime, timedelta

from sqlmodel import Field, Index, Session, SQLModel, col, delete, func, select

from db import Instant


class Attempt(SQLModel, table=True):
    __table_args__ = (Index("ix_attempt_what_subject_at", "what", "subject", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    what: str
    subject: str
    at: datetime = Field(sa_type=Instant)


class TooMany(Exception):
    """The limit is reached; `wait` is how long until one more is allowed."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"{wait.total_seconds():.0f} s")
        self.wait = wait


def add(db: Session, what: str, subject: str, now: datetime) -> None:
    db.add(Attempt(what=what, subject=subject, at=now))


def wait(db: Session, what: str, subject: str, now: datetime, limit: int, window: timedelta) -> timedelta | None:
    """How long until one more is allowed; None when it is allowed now."""
    rows = db.exec(
        select(Attempt.at)
        .where(Attempt.what == what, Attempt.subject == subject, Attempt.at > now - window)
        .order_by(col(Attempt.at).desc())
        .limit(limit)
    ).all()
    return None if len(rows) < limit else rows[-1] + window - now


def check(db: Session, what: str, subject: str, now: datetime, limit: int, window: timedelta) -> None:
    """Raise TooMany when the limit in the window is reached."""
    left = wait(db, what, subject, now, limit, window)
    if left is not None:
        raise TooMany(left)


def count(db: Session, what: str, subject: str, since: datetime) -> int:
    same = select(func.count()).where(Attempt.what == what, Attempt.subject == subject, Attempt.at > since)
    return db.exec(same).one()


def forget(db: Session, what: str, subject: str) -> None:
    """Start over for this subject: it succeeded."""
    db.connection().execute(delete(Attempt).where(col(Attempt.what) == what, col(Attempt.subject) == subject))


def sweep(db: Session, now: datetime) -> None:
    db.connection().execute(delete(Attempt).where(col(Attempt.at) < now - timedelta(days=2)))
