"""Sends payments to the bank and applies its answers about payments; no other module applies those.

An answer that differs from the order becomes a discrepancy. The bank is a parameter and is never called
inside a transaction. `refresh_due` recovers from a crash between the steps, because the row and its key are
written before the bank is called.
"""

from datetime import datetime, timedelta

from sqlmodel import Session

from db import journal, writing
from db.money import fiscal_receipts
from db.payments import autopay, autopay_charges, discrepancies, payments
from db.payments.payments import Payment
from rules.payments.bank import Bank
from rules.payments.banking import BankPayment, BankRefused, BankSilent
from rules.payments.payments import differences, next_check_at, next_state
from settings import Settings

KEY_LIVES = timedelta(hours=23)  # YooKassa v3 remembers an Idempotence-Key for a day.


def send_payment(db: Session, bank: Bank, payment_id: int, now: datetime, settings: Settings) -> Payment:
    """Create the payment at the bank, or repeat the call with the same key. Bank errors are not raised."""
    ready = _prepare_sending(db, payment_id, now)
    if ready is None:
        return payments.reload(db, payment_id)
    row, token = ready
    try:
        order = payments.build_order(db, row, settings.origin)
        bank_payment = bank.charge_saved(order, token, row.key) if token else bank.create(order, row.key)
    except BankSilent:
        return payments.reload(db, payment_id)
    except BankRefused as no:
        bank_payment = BankPayment("", "failed", row.amount, "RUB", row.order, reason="refused")
        with writing(db):
            journal.note(
                db, "system:bank", "payments.refused", now, contract_id=row.contract_id, code=no.code
            )
    return apply_bank_status(db, payment_id, bank_payment, now, settings)


def _prepare_sending(db: Session, payment_id: int, now: datetime) -> tuple[Payment, str | None] | None:
    """Return the payment and the token of the saved card to charge, if any.

    Returns None if the payment must not be sent, for example because autopay was turned off.
    """
    with writing(db):
        row = payments.reload(db, payment_id)
        if row.bank_id or row.state != "created":
            return None
        try:
            token = autopay_charges.token_to_charge(db, row) if row.method == "saved" else None
        except LookupError:
            return None  # the decryption key is missing (see `litestar check`); charged once it is back
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


def apply_bank_status(
    db: Session, payment_id: int, bank_payment: BankPayment, now: datetime, settings: Settings
) -> Payment:
    """Apply the bank's status to a payment, once: `writing` serialises concurrent callers."""
    with writing(db):
        row = payments.reload(db, payment_id)
        if bank_payment.bank_id and row.bank_id is None:
            row.bank_id, row.page = bank_payment.bank_id, bank_payment.page
        _apply(db, row, bank_payment, now, settings.vat_rates)
        db.add(row)
    return row


def _apply(
    db: Session, row: Payment, bank_payment: BankPayment, now: datetime, rates: fiscal_receipts.VatRates
) -> None:
    if bank_payment.refunded != row.refunded and row.state == "paid":
        row.refunded = bank_payment.refunded
    to = next_state(row.state, bank_payment.state)
    if to is None:
        return
    wrong = differences(row.amount, row.order, bank_payment) if to == "paid" else ()
    for kind in wrong:
        discrepancies.add(db, row, kind, bank_payment, now)
    if wrong:
        row.ask_at = None
        return
    _transition(db, row, to, bank_payment, now, rates)


def _transition(
    db: Session,
    row: Payment,
    to: str,
    bank_payment: BankPayment,
    now: datetime,
    rates: fiscal_receipts.VatRates,
) -> None:
    if to == "paid":
        payments.post(db, row, bank_payment, now, rates)
        autopay.on_binding_paid(db, row, bank_payment.card, now)
    else:
        row.state, row.reason = to, bank_payment.reason
        row.ask_at = None if to == "failed" else row.ask_at
        if to == "failed":
            journal.note(
                db,
                "system:bank",
                "payments.failed",
                now,
                contract_id=row.contract_id,
                payment=row.id,
                reason=bank_payment.reason,
            )
    db.add(row)
    db.flush()
    if row.final and row.method == "saved":
        autopay_charges.on_payment_finished(db, row, now)


def refresh_status(db: Session, bank: Bank, payment_id: int, now: datetime, settings: Settings) -> Payment:
    """Ask the bank for the status and apply it. Bank errors are not raised: nothing changes then."""
    row = payments.reload(db, payment_id)
    if row.bank_id is None:
        return _recover_lost_payment(db, bank, row, now, settings)
    try:
        bank_payment = bank.status(row.bank_id, row.payee)
    except (BankSilent, BankRefused):
        return row
    return apply_bank_status(db, payment_id, bank_payment, now, settings)


def _recover_lost_payment(
    db: Session, bank: Bank, row: Payment, now: datetime, settings: Settings
) -> Payment:
    """Recover from a crash between the call and its answer.

    The call is repeated while the key is valid; otherwise the payment is searched for in the bank's list.
    """
    if row.state == "created" and now - row.created_at < KEY_LIVES:
        row = send_payment(db, bank, row.id, now, settings)
    if row.bank_id or row.sent_at is None or row.state != "created":
        return row
    try:
        listed = bank.between(row.sent_at - timedelta(hours=1), now + timedelta(minutes=1), row.payee)
    except (BankSilent, BankRefused):
        return row
    found = next((bank_payment for bank_payment in listed if bank_payment.order_id == row.order), None)
    if found:
        return apply_bank_status(db, row.id, found, now, settings)
    if row.method == "saved":
        nothing = BankPayment("", "failed", row.amount, "RUB", row.order, reason="lost")
        return apply_bank_status(db, row.id, nothing, now, settings)
    return row


def refresh_due(db: Session, bank: Bank, now: datetime, settings: Settings) -> int:
    """Refresh every payment that is due for a check and return their number.

    After three days without a result a payment expires; if it is paid later, it is still posted.
    """
    count = 0
    for payment_id, seen in payments.due_payments(db, now):
        with writing(db):
            mine = payments.claim(db, payment_id, seen, now)
        if mine:
            row = refresh_status(db, bank, payment_id, now, settings)
            _schedule_next_check(db, row.id, now)
            count += 1
    return count


def _schedule_next_check(db: Session, payment_id: int, now: datetime) -> None:
    with writing(db):
        row = payments.reload(db, payment_id)
        if row.ask_at is None:
            return
        row.ask_at = next_check_at(row.created_at, now)
        if row.ask_at is None:
            row.state = "expired"
            journal.note(
                db, "system:jobs", "payments.expired", now, contract_id=row.contract_id, payment=row.id
            )
            autopay_charges.on_payment_finished(db, row, now)
        db.add(row)
