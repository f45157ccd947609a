"""Payments through the bank: created → pending → paid | failed | expired (manual §3.1).

A row is written with its idempotence key before the bank is called, so that a crash can be recovered.
`ask_at` is when to ask the bank for the status next; None means never.
"""

import json
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import and_, or_
from sqlmodel import Field, Index, Session, SQLModel, col, select, text

from db import Instant, journal, leases, outbox
from db.journal import Person
from db.money import accruals, fiscal_receipts, ledger
from db.people import notification_preferences, ownership
from db.people.contracts import Contract
from rules import days, paths
from rules.messages import MessageText
from rules.payments import payments as rules
from rules.payments.banking import BankPayment, PaymentOrder
from rules.payments.payments import PaymentPlan

FIRST_ASK = timedelta(seconds=10)
CLOCK_SKEW = timedelta(seconds=5)


class Payment(SQLModel, table=True):
    __table_args__ = (
        Index("ix_payment_contract_id_id", "contract_id", "id"),
        Index(
            "ix_payment_ask_at",
            "ask_at",
            sqlite_where=text("ask_at IS NOT NULL"),
            postgresql_where=text("ask_at IS NOT NULL"),
        ),
        Index(
            "ix_payment_clear",
            "id",
            sqlite_where=text("token IS NOT NULL"),
            postgresql_where=text("token IS NOT NULL"),
        ),
    )

    id: int = Field(default=None, primary_key=True)
    contract_id: int = Field(foreign_key="contract.id")
    order: str = Field(unique=True, description="our id of it at the bank")
    payee: str = Field(description="operator, or police: money that never touches the ledger")
    amount: int = Field(description="kopecks")
    method: str = Field(description="card, sbp, or saved: a card charged without its owner")
    state: str = "created"
    contact: str = Field(default="", description="where the receipt goes: e-mail or mobile in E.164")
    purpose: str = Field(description="what the bank's page and the history say it is for")
    fields: str = Field(default="{}", description="JSON: the fields of a payment to the police, as they were")
    template_id: int | None = None
    save_card: bool = False
    token: str | None = Field(
        default=None, description="of an earlier release: the card lies sealed in its autopay"
    )
    card: str | None = Field(default=None, description="what paid, as a person knows it: Мир •• 4477")
    key: str = Field(description="Idempotence-Key of every try to create it")
    bank_id: str | None = Field(default=None, unique=True)
    page: str | None = Field(default=None, description="the bank's page to pay it on")
    created_at: datetime = Field(sa_type=Instant)
    sent_at: datetime | None = Field(
        default=None, sa_type=Instant, description="when the bank was first told of it"
    )
    ask_at: datetime | None = Field(default=None, sa_type=Instant)
    paid_at: datetime | None = Field(default=None, sa_type=Instant)
    reason: str | None = Field(default=None, description="why it failed, the bank's word")
    refunded: int = 0

    @property
    def words(self) -> str:
        return rules.describe_state(self.state, self.reason, self.amount, self.refunded)

    @property
    def final(self) -> bool:
        return self.state in rules.FINAL

    @property
    def details(self) -> dict[str, str]:
        return json.loads(self.fields)


def add(
    db: Session,
    contract_id: int,
    plan: PaymentPlan,
    purpose: str,
    now: datetime,
    *,
    fields: dict[str, str] | None = None,
    template_id: int | None = None,
) -> Payment:
    """Add a payment that a person is about to make. Inside `writing`, before the bank is called."""
    row = Payment(
        contract_id=contract_id,
        order=str(uuid4()),
        payee=plan.payee,
        amount=plan.amount,
        method=plan.method,
        contact=plan.contact,
        purpose=purpose,
        fields=json.dumps(fields or {}, ensure_ascii=False),
        template_id=template_id,
        save_card=plan.save_card,
        key=str(uuid4()),
        created_at=now,
        ask_at=now + FIRST_ASK,
    )
    db.add(row)
    db.flush()
    return row


def add_saved_card_charge(
    db: Session,
    contract_id: int,
    amount: int,
    contact: str,
    card: str,
    purpose: str,
    now: datetime,
    order: str,
    key: str,
) -> Payment:
    """Add a charge of a saved card, which the job sends to the bank. Inside `writing`.

    `order` and `key` are derived from the charge's due day and attempt.
    """
    row = Payment(
        contract_id=contract_id,
        order=order,
        payee="operator",
        amount=amount,
        method="saved",
        contact=contact,
        purpose=purpose,
        card=card,
        key=key,
        created_at=now,
        ask_at=now,
    )
    db.add(row)
    db.flush()
    return row


def add_recovered(
    db: Session, contract_id: int, bank_payment: BankPayment, payee: str, now: datetime
) -> Payment:
    """Add a payment that the bank has and this database has lost. Inside `writing`.

    The caller applies the bank's status to it next.
    """
    row = Payment(
        contract_id=contract_id,
        order=str(bank_payment.order_id),
        payee=payee,
        amount=bank_payment.amount,
        method="card",
        purpose=rules.RECOVERED_PURPOSE,
        key=str(uuid4()),
        created_at=bank_payment.at or now,
        sent_at=bank_payment.at or now,
        ask_at=now + FIRST_ASK,
    )
    row.contact = fiscal_receipts.receipt_contact(db, contract_id)
    db.add(row)
    db.flush()
    return row


def build_order(db: Session, row: Payment, origin: str) -> PaymentOrder:
    """Return the order to send to the bank."""
    method = "card" if row.method == "saved" else row.method
    back = origin + paths.payment_page(row.id)
    number = db.exec(select(Contract.number).where(Contract.id == row.contract_id)).one()
    return PaymentOrder(row.order, row.amount, row.purpose, method, back, row.save_card, row.payee, number)  # type: ignore[arg-type]


def owned_payment(db: Session, contract_id: int | None, payment_id: int) -> Payment | None:
    """Return the payment if it belongs to this contract and its present owner, else None."""
    ours = select(Payment).where(Payment.id == payment_id, Payment.contract_id == contract_id)
    return db.exec(ours.where(ownership.present_owner_clause(contract_id, col(Payment.created_at)))).first()


def contract_payments(
    db: Session, contract_id: int | None, limit: int = 30, before: int | None = None
) -> list[Payment]:
    """Return a contract's payments, newest first; `before` is the last id of the previous page."""
    found = select(Payment).where(
        Payment.contract_id == contract_id,
        ownership.present_owner_clause(contract_id, col(Payment.created_at)),
    )
    found = found.order_by(col(Payment.id).desc()).limit(limit)
    return list(db.exec(found if before is None else found.where(col(Payment.id) < before)))


def find_by_bank_id(db: Session, bank_id: str) -> Payment | None:
    return db.exec(select(Payment).where(Payment.bank_id == bank_id)).first()


def find_by_order_id(db: Session, order_id: str | None) -> Payment | None:
    return db.exec(select(Payment).where(Payment.order == order_id)).first() if order_id else None


def reload(db: Session, payment_id: int) -> Payment:
    """Return the row as it is in the database now, bypassing the session's cache."""
    found = select(Payment).where(Payment.id == payment_id).execution_options(populate_existing=True)
    return db.exec(found).one()


def last_contact(db: Session, contract_id: int | None) -> str:
    """Return the contact of the last receipt, to prefill the form; "" if there is none."""
    found = select(Payment.contact).where(Payment.contract_id == contract_id, Payment.contact != "")
    found = found.where(ownership.present_owner_clause(contract_id, col(Payment.created_at)))
    return db.exec(found.order_by(col(Payment.id).desc()).limit(1)).first() or ""


def due_payments(db: Session, now: datetime, limit: int = 50) -> list[tuple[int, datetime]]:
    """Return (id, ask_at) of payments that are due for a status check, the longest waiting first."""
    # A row with a time in the future was written before the clock was set back.
    ripe = or_(
        col(Payment.ask_at) <= now,
        and_(col(Payment.ask_at).is_not(None), col(Payment.created_at) > now + CLOCK_SKEW),
    )
    found = select(Payment.id, Payment.ask_at).where(ripe).order_by(col(Payment.ask_at))
    return [(int(id), at) for id, at in db.exec(found.limit(limit)) if id and at]


def claim(db: Session, payment_id: int, seen: datetime, now: datetime) -> bool:
    """Claim a due payment for a minute; False if another job has claimed it. Inside `writing`."""
    due = col(Payment.ask_at) == seen
    return leases.claim(db, Payment, payment_id, due, ask_at=now + timedelta(minutes=1))


def post(
    db: Session, row: Payment, bank_payment: BankPayment, now: datetime, rates: fiscal_receipts.VatRates
) -> None:
    """Post a received payment: ledger entry, receipt, journal row and message.

    Inside `writing`, once per payment.
    """
    row.state, row.paid_at, row.ask_at, row.reason = "paid", now, None, None
    row.card = bank_payment.paid_with or row.card
    db.add(row)
    journal.note(
        db,
        "system:bank",
        "payments.paid",
        now,
        contract_id=row.contract_id,
        payment=row.id,
        amount=row.amount,
        payee=row.payee,
    )
    if row.payee == "operator":
        _enter(db, row, now, rates)


def _enter(db: Session, row: Payment, now: datetime, rates: fiscal_receipts.VatRates) -> None:
    source, before = f"payment:{row.id}", accruals.balance(db, row.contract_id, now)
    today, note = days.today(now), rules.entry_note(row.method, row.card)
    ledger.add(db, row.contract_id, row.amount, "payment", source, day=today, now=now, note=note)
    fiscal_receipts.add_prepayment_receipt(
        db, row.contract_id, row.amount, before, source, row.contact, now, rates, row.bank_id
    )
    number = db.exec(select(Contract.number).where(Contract.id == row.contract_id)).one()
    notify(db, row.contract_id, rules.received_message(row.amount, number, before + row.amount), now)


def notify(
    db: Session, contract_id: int, message: MessageText, now: datetime, *, otherwise: str = ""
) -> None:
    """Notify the subscriber about money over the channels they chose; receipts are sent separately.

    `otherwise` is the address used if no channel is left. It is given for messages that must arrive, such as
    the announcement of a charge.
    """
    owner = db.exec(select(Contract.subscriber_id).where(Contract.id == contract_id)).one()
    words, subject = message
    if (
        not notification_preferences.notify(
            db, owner, "money", words, now, contract_id=contract_id, subject=subject
        )
        and otherwise
    ):
        channel = "mail" if "@" in otherwise else "sms"
        outbox.put(
            db, channel, otherwise, words, kind="money", now=now, contract_id=contract_id, subject=subject
        )


def note_start(db: Session, who: Person, row: Payment, now: datetime) -> None:
    journal.note(
        db, who, "payments.start", now, payment=row.id, amount=row.amount, payee=row.payee, method=row.method
    )
