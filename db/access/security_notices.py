"""Notices in the cabinet that a way of signing in changed: on the home page until read, and in the list of
announcements.
"""

from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select, update

from db import Instant
from db.people import subscribers
from db.people.subscribers import Subscriber


class SecurityNotice(SQLModel, table=True):
    """Belongs to the subscriber, not to a contract: it is not handed over, and representatives do not see
    it.
    """

    __tablename__ = "security_notice"
    __table_args__ = {"sqlite_autoincrement": True}

    id: int = Field(default=None, primary_key=True)
    subscriber_id: int = Field(foreign_key="subscriber.id", index=True)
    change: str = Field(description="password, phone, app-on… (rules/access/credentials.py)")
    text: str
    at: datetime = Field(sa_type=Instant)
    read_at: datetime | None = Field(default=None, sa_type=Instant)


def add(db: Session, subscriber_id: int, change: str, text: str, now: datetime) -> None:
    """Add a notice and set the subscriber's flag, without which pages do not query notices. Inside
    `writing`.
    """
    db.add(SecurityNotice(subscriber_id=subscriber_id, change=change, text=text, at=now))
    who = subscribers.get_subscriber(db, subscriber_id)
    who.security_unread = 1
    db.add(who)


def unread_notices(db: Session, subscriber_id: int, limit: int = 10) -> list[SecurityNotice]:
    mine = select(SecurityNotice).where(
        SecurityNotice.subscriber_id == subscriber_id, col(SecurityNotice.read_at).is_(None)
    )
    return list(db.exec(mine.order_by(col(SecurityNotice.id).desc()).limit(limit)))


def latest_notices(db: Session, subscriber_id: int, limit: int = 50) -> list[SecurityNotice]:
    mine = select(SecurityNotice).where(SecurityNotice.subscriber_id == subscriber_id)
    return list(db.exec(mine.order_by(col(SecurityNotice.id).desc()).limit(limit)))


def mark_read(db: Session, subscriber_id: int, last: int, now: datetime) -> None:
    """Mark notices up to id `last`, the newest that was on the page. Inside `writing`."""
    waiting = (col(SecurityNotice.subscriber_id) == subscriber_id) & col(SecurityNotice.read_at).is_(None)
    seen = update(SecurityNotice).where(waiting, col(SecurityNotice.id) <= last)
    db.connection().execute(seen.values(read_at=now))
    left = select(SecurityNotice.id).where(waiting).limit(1)
    unread = 1 if db.exec(left).first() is not None else 0
    mine = update(Subscriber).where(col(Subscriber.id) == subscriber_id)
    db.connection().execute(mine.values(security_unread=unread))
