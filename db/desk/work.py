"""Queries of the staff work page: the outbox, SMS limits, unreconciled payments."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from db.access import sms_limits
from db.outbox import Message
from db.payments.payments import Payment
from settings import Settings

SILENT = timedelta(minutes=30)


@dataclass(frozen=True)
class OutboxCounts:
    """Messages counted by state, and since when the oldest due one waits."""

    waiting: int
    sending: int
    dead: int
    oldest: datetime | None


def outbox(db: Session, now: datetime) -> OutboxCounts:
    found = db.exec(
        select(Message.state, func.count()).where(col(Message.state) != "sent").group_by(Message.state)
    ).all()
    counts = dict(found)
    oldest = select(func.min(Message.put_at)).where(Message.state == "waiting", Message.not_before <= now)
    return OutboxCounts(
        counts.get("waiting", 0), counts.get("sending", 0), counts.get("dead", 0), db.exec(oldest).one()
    )


def forms(db: Session, settings: Settings, now: datetime) -> list[tuple[str, int, str]]:
    """Return (which forms, SMS sent for them in a day, mark); the mark warns before the limit
    refuses people.
    """
    full = settings.sms_total_per_day
    return [
        (
            who,
            count,
            "alarm" if count >= full else "warn" if sms_limits.is_near_total(settings, count) else "good",
        )
        for who, count in sms_limits.daily_totals(db, now).items()
    ]


def unreconciled(db: Session, now: datetime) -> list[Payment]:
    """Return payments sent to the bank at least half an hour ago that still have no outcome, oldest first."""
    silent = select(Payment).where(
        col(Payment.state).in_(("created", "pending")), col(Payment.sent_at) < now - SILENT
    )
    return list(db.exec(silent.order_by(col(Payment.id)).limit(50)))
