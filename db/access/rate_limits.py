"""Rate limits that survive a restart: each try is a row, counted in a time window."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from sqlmodel import Field, Index, Session, SQLModel, col, delete, func, select

from db import Instant

# A button for an SMS pressed twice is one wish; pressed again later on the same page, it is another.
DOUBLE_PRESS = timedelta(seconds=20)


class Attempt(SQLModel, table=True):
    __table_args__ = (Index("ix_attempt_what_subject_at", "what", "subject", "at"),)

    id: int = Field(default=None, primary_key=True)
    what: str
    subject: str
    at: datetime = Field(sa_type=Instant)


class Counter(NamedTuple):
    """The number of rows of this subject allowed in the window; `words` say so, with {} for the moment of the
    next.
    """

    what: str
    subject: str
    limit: int
    window: timedelta
    words: str = ""


class RateLimitExceeded(Exception):
    """The limit is reached; `wait` is the time until the next is allowed, `words` what is limited
    (`Counter.words`).
    """

    def __init__(self, wait: timedelta, words: str = "") -> None:
        super().__init__(f"{wait.total_seconds():.0f} s")
        self.wait = wait
        self.words = words


def add_attempt(db: Session, what: str, subject: str, now: datetime) -> None:
    db.add(Attempt(what=what, subject=subject, at=now))


def add_attempts(db: Session, counters: Sequence[Counter], now: datetime) -> None:
    """Add one row for each subject, however many windows count it. Inside `writing`."""
    for what, subject in dict.fromkeys((one.what, one.subject) for one in counters):
        add_attempt(db, what, subject, now)


def time_until_allowed(
    db: Session, what: str, subject: str, now: datetime, limit: int, window: timedelta
) -> timedelta | None:
    """Return how long until one more is allowed; None when it is allowed now."""
    if limit <= 0:
        return window
    oldest = db.exec(
        select(Attempt.at)
        .where(Attempt.what == what, Attempt.subject == subject, Attempt.at > now - window)
        .order_by(col(Attempt.at).desc())
        .offset(limit - 1)
        .limit(1)
    ).first()
    return None if oldest is None else oldest + window - now


def check(db: Session, what: str, subject: str, now: datetime, limit: int, window: timedelta) -> None:
    """Raise RateLimitExceeded when the limit in the window is reached."""
    check_all(db, [Counter(what, subject, limit, window)], now)


def check_all(db: Session, counters: Sequence[Counter], now: datetime) -> None:
    """Raise RateLimitExceeded for the counter that takes longest to free up."""
    full = [
        (left, one.words)
        for one in counters
        if (left := time_until_allowed(db, one.what, one.subject, now, one.limit, one.window))
    ]
    if full:
        raise RateLimitExceeded(*max(full, key=lambda found: found[0]))


def count_attempts(db: Session, what: str, subject: str, since: datetime) -> int:
    same = select(func.count()).where(Attempt.what == what, Attempt.subject == subject, Attempt.at > since)
    return db.exec(same).one()


def is_repeat(db: Session, key: str, now: datetime, within: timedelta = timedelta(hours=1)) -> bool:
    """Return whether a form with this key was submitted within that time: repeated, it is done once. Inside
    `writing`.
    """
    if not key:
        return False
    subject = sha256(key.encode()).hexdigest()
    again = time_until_allowed(db, "form", subject, now, 1, within) is not None
    add_attempt(db, "form", subject, now)
    return again


def clear_attempts(db: Session, what: str, subject: str) -> None:
    """Delete this subject's attempts after a success."""
    db.connection().execute(delete(Attempt).where(col(Attempt.what) == what, col(Attempt.subject) == subject))


def delete_expired(db: Session, now: datetime) -> None:
    db.connection().execute(delete(Attempt).where(col(Attempt.at) < now - timedelta(days=2)))
