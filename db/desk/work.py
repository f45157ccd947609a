"""What goes on behind the pages, for the desk's work page: what waits, what is stuck, what was last heard."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from db.access import sms_limits
from db.outbox import Message
from db.payments.payments import Payment
from settings import Settings

SILENT = timedelta(minutes=30)


@dataclass(frozen=True)
class Outbox:
    """Counts by state, and since when the oldest that should have gone waits."""

    waiting: int
    sending: int
    dead: int
    oldest: datetime | None


def outbox(db: Session, now: datetime) -> Outbox:
    found = db.exec(
        select(Message.state, func.count()).where(col(Message.state) != "sent").group_by(Message.state)
    ).all()
    counts = dict(found)
    oldest = select(func.min(Message.put_at)).where(Message.state == "waiting", Message.not_before <= now)
    return Outbox(
        counts.get("waiting", 0), counts.get("sending", 0), counts.get("dead", 0), db.exec(oldest).one()
    )


def forms(db: Session, settings: Settings, now: datetime) -> list[tuple[str, int, str]]:
    """(whose forms, SMS they caused in a day, how bad that is): before people are refused, somebody should
    know.
    """
    full = settings.sms_total_per_day
    return [
        (
            who,
            count,
            "alarm" if count >= full else "warn" if sms_limits.is_near_total(settings, count) else "good",
        )
        for who, count in sms_limits.totals(db, now).items()
    ]


def unreconciled(db: Session, now: datetime) -> list[Payment]:
    """Payments the bank was told of half an hour ago and has not settled since: neither paid nor refused,
    oldest first.
    """
    silent = select(Payment).where(
        col(Payment.state).in_(("created", "pending")), col(Payment.sent_at) < now - SILENT
    )
    return list(db.exec(silent.order_by(col(Payment.id)).limit(50)))
