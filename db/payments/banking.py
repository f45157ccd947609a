"""What the bank says of our payments, and the one place where it is applied; what does not fit is kept as a
discrepancy.

The bank is passed in as a value and is never called inside a transaction. Whatever dies between the steps
below is gone on with by `ask_due`: the row and its key were there before the bank heard of anything.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from db import journal, writing
from db.money import fiscal_receipts
from db.payments import autopay, autopay_charges, discrepancies, payments
from db.payments.payments import Payment
from rules.payments.banking import BankRefused, BankSilent, Known
from rules.payments.payments import ask_after, becomes, differences

KEY_LIVES = timedelta(hours=23)  # v3 remembers an Idempotence-Key for a day.


def send(db: Session, bank: Any, payment_id: int, now: datetime, settings: Any) -> Payment:
    """Tell the bank of a payment, or of one it may know already: the same key makes it the same. Never
    raises.
    """
    ready = _ready(db, payment_id, now)
    if ready is None:
        return payments.fresh(db, payment_id)
    row, token = ready
    try:
        order = payments.order(db, row, settings.origin)
        known = bank.charge_saved(order, token, row.key) if token else bank.create(order, row.key)
    except BankSilent:
        return payments.fresh(db, payment_id)
    except BankRefused as no:
        known = Known("", "failed", row.amount, "RUB", row.order, reason="refused")
        with writing(db):
            journal.note(
                db, "system:bank", "payments.refused", now, contract_id=row.contract_id, code=no.code
            )
    return apply_bank_status(db, payment_id, known, now, settings)


def _ready(db: Session, payment_id: int, now: datetime) -> tuple[Payment, str | None] | None:
    """The payment and the saved card to charge, if the bank may hear of it now. Nothing of autopay's is sent
    once its owner has said no.
    """
    with writing(db):
        row = payments.fresh(db, payment_id)
        if row.bank_id or row.state != "created":
            return None
        try:
            token = autopay_charges.token(db, row) if row.method == "saved" else None
        except LookupError:
            return None  # no key opens the card, as `litestar check` says; with the key back it is charged
        if row.method == "saved" and not token:
            if not row.sent_at:
                _withdraw(db, row)
            return None
        row.sent_at = row.sent_at or now
        db.add(row)
        return row, token


def _withdraw(db: Session, row: Payment) -> None:
    row.state, row.reason, row.ask_at = "failed", "withdrawn", None
    db.add(row)


def apply_bank_status(db: Session, payment_id: int, known: Known, now: datetime, settings: Any) -> Payment:
    """Apply the bank's word to a payment, once: `writing` makes a thousand callers wait for each other
    here.
    """
    with writing(db):
        row = payments.fresh(db, payment_id)
        if known.bank_id and row.bank_id is None:
            row.bank_id, row.page = known.bank_id, known.page
        _apply(db, row, known, now, settings.vat_rates)
        db.add(row)
    return row


def _apply(db: Session, row: Payment, known: Known, now: datetime, rates: fiscal_receipts.Rates) -> None:
    if known.refunded != row.refunded and row.state == "paid":
        row.refunded = known.refunded
    to = becomes(row.state, known.state)
    if to is None:
        return
    wrong = differences(row.amount, row.order, known) if to == "paid" else ()
    for kind in wrong:
        discrepancies.add(db, row, kind, known, now)
    if wrong:
        row.ask_at = None
        return
    _become(db, row, to, known, now, rates)


def _become(
    db: Session, row: Payment, to: str, known: Known, now: datetime, rates: fiscal_receipts.Rates
) -> None:
    if to == "paid":
        payments.post(db, row, known, now, rates)
        autopay.bound(db, row, known.card, now)
    else:
        row.state, row.reason = to, known.reason
        row.ask_at = None if to == "failed" else row.ask_at
        if to == "failed":
            journal.note(
                db,
                "system:bank",
                "payments.failed",
                now,
                contract_id=row.contract_id,
                payment=row.id,
                reason=known.reason,
            )
    db.add(row)
    db.flush()
    if row.final and row.method == "saved":
        autopay_charges.learned(db, row, now)


def ask(db: Session, bank: Any, payment_id: int, now: datetime, settings: Any) -> Payment:
    """Ask the bank what became of it and apply the answer; silence changes nothing. Never raises."""
    row = payments.fresh(db, payment_id)
    if row.bank_id is None:
        return _look_for(db, bank, row, now, settings)
    try:
        known = bank.status(row.bank_id, row.payee)
    except (BankSilent, BankRefused):
        return row
    return apply_bank_status(db, payment_id, known, now, settings)


def _look_for(db: Session, bank: Any, row: Payment, now: datetime, settings: Any) -> Payment:
    """We died between telling the bank and writing its answer down: tell it again, or look for ours in its
    list.
    """
    if row.state == "created" and now - row.created_at < KEY_LIVES:
        row = send(db, bank, row.id, now, settings)
    if row.bank_id or row.sent_at is None or row.state != "created":
        return row
    try:
        listed = bank.between(row.sent_at - timedelta(hours=1), now + timedelta(minutes=1), row.payee)
    except (BankSilent, BankRefused):
        return row
    found = next((known for known in listed if known.order_id == row.order), None)
    if found:
        return apply_bank_status(db, row.id, found, now, settings)
    if row.method == "saved":
        nothing = Known("", "failed", row.amount, "RUB", row.order, reason="lost")
        return apply_bank_status(db, row.id, nothing, now, settings)
    return row


def ask_due(db: Session, bank: Any, now: datetime, settings: Any) -> int:
    """Ask about everything silent whose time has come; after three days stop asking (paid later, it is still
    posted).
    """
    asked = 0
    for payment_id, seen in payments.due(db, now):
        with writing(db):
            mine = payments.claim(db, payment_id, seen, now)
        if mine:
            row = ask(db, bank, payment_id, now, settings)
            _later(db, row.id, now)
            asked += 1
    return asked


def _later(db: Session, payment_id: int, now: datetime) -> None:
    with writing(db):
        row = payments.fresh(db, payment_id)
        if row.ask_at is None:
            return
        row.ask_at = ask_after(row.created_at, now)
        if row.ask_at is None:
            row.state = "expired"
            journal.note(
                db, "system:jobs", "payments.expired", now, contract_id=row.contract_id, payment=row.id
            )
            autopay_charges.learned(db, row, now)
        db.add(row)
