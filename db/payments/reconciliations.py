"""The daily reconciliation with the bank.

It is requested each night or by an accountant; a job makes it and stores the result.
"""

import json
from datetime import date, datetime, timedelta

from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select

from db import Instant, writing
from db.payments.payments import Payment
from rules import days
from rules.payments.bank import Bank
from rules.payments.banking import BankPayment, BankRefused, BankSilent
from rules.payments.reconciliations import EDGE, OurPayment, ReconciliationDifference, compare

PAYEES = ("operator", "police")
RETRY_AFTER = timedelta(minutes=10)
MORNING = timedelta(hours=6)


class Reconciliation(SQLModel, table=True):
    __table_args__ = (UniqueConstraint("day", "payee"),)

    id: int = Field(default=None, primary_key=True)
    day: date
    payee: str = Field(description="operator or police")
    next_at: datetime | None = Field(
        default=None, sa_type=Instant, index=True, description="when to ask; None: done"
    )
    done_at: datetime | None = Field(default=None, sa_type=Instant)
    error: str = ""
    count: int = Field(default=0, description="paid payments at the bank")
    total: int = Field(default=0, description="kopecks of them")
    found: str = Field(
        default="[]", description="JSON list of rules.payments.reconciliations.ReconciliationDifference"
    )

    @property
    def differences(self) -> list[ReconciliationDifference]:
        return [ReconciliationDifference(**one) for one in json.loads(self.found)]


def request(db: Session, day: date, now: datetime) -> None:
    """Request the reconciliation of a day, again if it was made before. Inside `writing`."""
    for payee in PAYEES:
        row = db.exec(
            select(Reconciliation).where(Reconciliation.day == day, Reconciliation.payee == payee)
        ).first()
        row = row or Reconciliation(day=day, payee=payee)
        row.next_at, row.error = now, ""
        db.add(row)


def request_yesterday(db: Session, now: datetime) -> None:
    """Request the reconciliation of yesterday once, from six in the morning Moscow time. Inside `writing`."""
    today = days.today(now)
    present = select(Reconciliation.id).where(Reconciliation.day == today - timedelta(days=1))
    if now >= days.midnight(today) + MORNING and db.exec(present).first() is None:
        request(db, today - timedelta(days=1), now)


def due_reconciliations(db: Session, now: datetime) -> list[Reconciliation]:
    return list(
        db.exec(
            select(Reconciliation).where(col(Reconciliation.next_at) <= now).order_by(col(Reconciliation.id))
        )
    )


def latest_reconciliations(db: Session, limit: int = 30) -> list[Reconciliation]:
    newest = select(Reconciliation).order_by(col(Reconciliation.day).desc(), col(Reconciliation.payee))
    return list(db.exec(newest.limit(limit)))


def carry_out_due(db: Session, bank: Bank, now: datetime) -> None:
    with writing(db):
        request_yesterday(db, now)
    for row in due_reconciliations(db, now):
        carry_out(db, row, bank, now)


def carry_out(db: Session, row: Reconciliation, bank: Bank, now: datetime) -> None:
    """Compare one Moscow day with the bank's list. Outside `writing`.

    If the bank does not answer, it is asked again in ten minutes.
    """
    start, end = days.midnight(row.day), days.midnight(row.day + timedelta(days=1))
    theirs: list[BankPayment] = []
    try:
        theirs, error = bank.between(start - EDGE, end + EDGE, row.payee), ""
    except (BankSilent, BankRefused) as silence:
        error = type(silence).__name__
    with writing(db):
        row = db.exec(select(Reconciliation).where(Reconciliation.id == row.id)).one()
        row.error, row.next_at = error, now + RETRY_AFTER if error else None
        if not error:
            _store(db, row, theirs, start, end, now)
        db.add(row)


def _store(
    db: Session, row: Reconciliation, theirs: list[BankPayment], start: datetime, end: datetime, now: datetime
) -> None:
    paid = [one for one in theirs if one.state == "paid" and (one.at is None or start <= one.at < end)]
    row.done_at, row.count, row.total = now, len(paid), sum(one.amount for one in paid)
    found = compare(_our_payments(db, row.payee, start - EDGE, end + EDGE), theirs, start, end)
    row.found = json.dumps([one.plain() for one in found])


def _our_payments(db: Session, payee: str, start: datetime, end: datetime) -> list[OurPayment]:
    mine = select(Payment).where(
        Payment.payee == payee, col(Payment.sent_at) >= start, col(Payment.sent_at) < end
    )
    return [
        OurPayment(one.id, one.bank_id, one.amount, one.state, one.sent_at or start) for one in db.exec(mine)
    ]
