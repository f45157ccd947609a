"""Answers of the bank that differ from our orders.

They are never posted automatically: an accountant sees them until they are closed. Closing the last one ends
its payment: paid with the sum the bank reported, returned, settled by hand, or failed.
"""

from datetime import datetime

from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select, update

from db import Instant, journal
from db.journal import Person
from db.money import fiscal_receipts
from db.payments import autopay, autopay_charges, payments
from db.payments.payments import Payment
from rules.payments import discrepancies as rules
from rules.payments.banking import BankPayment
from rules.payments.discrepancies import DiscrepancyClosing


class Discrepancy(SQLModel, table=True):
    __table_args__ = (UniqueConstraint("bank_id", "kind"),)

    id: int = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Instant)
    kind: str = Field(description="amount, currency, order, unknown, or refund")
    bank_id: str
    payment_id: int | None = Field(default=None, foreign_key="payment.id", index=True)
    expected: int | None = Field(default=None, description="kopecks we asked for")
    reported_amount: int = Field(sa_column_kwargs={"name": "said"}, description="kopecks the bank reports")
    currency: str = "RUB"
    order: str | None = Field(default=None, description="the order id the bank gave")
    settled_at: datetime | None = Field(default=None, sa_type=Instant)
    settled_by: str | None = None
    note: str = ""


def open_discrepancies(db: Session) -> list[Discrepancy]:
    """Return the open discrepancies for the accountant, oldest first."""
    found = select(Discrepancy).where(col(Discrepancy.settled_at).is_(None)).order_by(col(Discrepancy.id))
    return list(db.exec(found))


def has_open_discrepancy(db: Session, row: Payment) -> bool:
    """Return whether this payment has an open discrepancy."""
    return _count_open(db, row.id) > 0


def closed_discrepancy(db: Session, row: Payment) -> Discrepancy | None:
    """Return the closed discrepancy that ended this payment; None if there was none."""
    found = select(Discrepancy).where(
        Discrepancy.payment_id == row.id, col(Discrepancy.settled_at).is_not(None)
    )
    return db.exec(found.order_by(col(Discrepancy.settled_at).desc(), col(Discrepancy.id).desc())).first()


def _count_open(db: Session, payment_id: int | None) -> int:
    found = select(Discrepancy.id).where(
        Discrepancy.payment_id == payment_id, col(Discrepancy.settled_at).is_(None)
    )
    return len(db.exec(found).all())


def add(db: Session, row: Payment | None, kind: str, bank_payment: BankPayment, now: datetime) -> None:
    """Add a discrepancy, once per bank payment and kind. Inside `writing`."""
    found = select(Discrepancy.id).where(
        Discrepancy.bank_id == bank_payment.bank_id, Discrepancy.kind == kind
    )
    if db.exec(found).first() is None:
        db.add(
            Discrepancy(
                at=now,
                kind=kind,
                bank_id=bank_payment.bank_id,
                payment_id=row.id if row else None,
                expected=row.amount if row else None,
                reported_amount=bank_payment.amount,
                currency=bank_payment.currency,
                order=bank_payment.order_id,
            )
        )


def find_payment(db: Session, one: Discrepancy) -> Payment | None:
    return payments.reload(db, one.payment_id) if one.payment_id else None


def allowed_outcomes(db: Session, one: Discrepancy) -> dict[str, str]:
    """Return the outcomes an accountant may choose for this discrepancy."""
    payment = find_payment(db, one)
    alone = payment is None or _count_open(db, payment.id) == 1
    return rules.allowed_outcomes(one.kind, payment.payee if payment else None, one.currency, alone)


def open_discrepancy(db: Session, discrepancy_id: int) -> Discrepancy:
    """Return the discrepancy; Refused if it is already closed. Inside `writing`."""
    found = select(Discrepancy).where(Discrepancy.id == discrepancy_id, col(Discrepancy.settled_at).is_(None))
    return rules.require_open(db.exec(found.execution_options(populate_existing=True)).first())


def close(
    db: Session,
    one: Discrepancy,
    closing: DiscrepancyClosing,
    who: Person,
    now: datetime,
    rates: fiscal_receipts.VatRates,
) -> None:
    """Close it with the accountant's outcome; closing the last one ends its payment. Inside `writing`."""
    db.connection().execute(
        update(Discrepancy)
        .where(col(Discrepancy.id) == one.id)
        .values(settled_at=now, settled_by=who.actor, note=closing.note)
    )
    payment = find_payment(db, one)
    journal.note(
        db,
        who,
        "payments.settle_discrepancy",
        now,
        contract_id=payment.contract_id if payment else None,
        discrepancy=one.id,
        outcome=closing.outcome,
        note=closing.note,
    )
    # If the bank has reported the right sum in the meantime, the payment is posted and must stay paid.
    if payment and payment.state != "paid" and not _count_open(db, payment.id):
        _end_payment(db, one, payment, closing.outcome, now, rates)


def _end_payment(
    db: Session, one: Discrepancy, row: Payment, outcome: str, now: datetime, rates: fiscal_receipts.VatRates
) -> None:
    ordered, to = row.amount, rules.PAYMENT_STATE[outcome]
    if to != "failed" and one.currency == "RUB":
        row.amount = one.reported_amount
    if to == "paid":
        bank_payment = BankPayment(one.bank_id, "paid", one.reported_amount, one.currency, row.order)
        payments.post(db, row, bank_payment, now, rates)
        autopay.on_binding_paid(db, row, None, now)
    else:
        row.state, row.reason, row.ask_at = to, "mistake" if to == "failed" else None, None
    db.add(row)
    db.flush()
    if row.method == "saved":
        autopay_charges.on_payment_finished(db, row, now)
    message = rules.closing_message(row.id, outcome, one.reported_amount, ordered)
    payments.notify(db, row.contract_id, message, now, otherwise=row.contact)
