"""After a restore from a back-up: find at the bank what the back-up has lost, before money moves again.

A restore is recorded with the moment of its back-up. Until the bank's lists since then have been compared,
the jobs charge no saved card, pay no refund and print no receipt. Messages that waited in the back-up may
have been sent since, so they are held until the operator decides. A charge or refund found at the bank gets
its row again with the same id and key.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Field, Session, SQLModel, col, func, select, update

from db import Instant, journal, outbox, writing
from db.money.fiscal_receipts import FiscalReceipt
from db.outbox import Message
from db.payments import autopay_charges, banking, discrepancies, lost_refunds, payments
from db.payments.payments import Payment
from db.payments.reconciliations import PAYEES
from db.people.contracts import Contract
from rules.days import moment
from rules.messages import DROPPED_AFTER_RESTORE
from rules.money.fiscal_receipts import PRINTED_BEFORE
from rules.payments.bank import Bank
from rules.payments.banking import BankPayment, BankRefund, BankRefused, BankSilent
from settings import Settings

# The bank's clock may differ from ours, and a charge is created at the bank after its row here.
EDGE = timedelta(hours=1)
# A cash register forgets an Idempotence-Key after a day: an older receipt might be printed a second time.
KEY_LIVES = timedelta(hours=20)


class Restore(SQLModel, table=True):
    """One restore: what was recorded between `copied_at` and `restored_at` is lost to this database."""

    id: int = Field(default=None, primary_key=True)
    restored_at: datetime = Field(sa_type=Instant)
    copied_at: datetime = Field(sa_type=Instant)
    reconciled_at: datetime | None = Field(
        default=None, sa_type=Instant, description="when the bank's lists were compared"
    )
    error: str = ""
    recovered: int = Field(default=0, description="payments and refunds that got their rows again")
    unknown: int = Field(default=0, description="what the accountant must look into")


def record_restore(db: Session, copied_at: datetime, now: datetime) -> Restore:
    """Record that this database is a back-up of that moment, and hold the waiting messages.

    Inside `writing`.
    """
    row = Restore(restored_at=now, copied_at=copied_at)
    db.add(row)
    waiting = update(Message).where(col(Message.state).in_(("waiting", "sending")))
    held = db.connection().execute(waiting.values(state="held")).rowcount
    journal.note(db, "system:restore", "restores.mark", now, copied=moment(copied_at), held=held)
    db.flush()
    return row


def is_reconciled(engine: Engine) -> bool:
    """Return whether every restore of this database has been compared with the bank."""
    with Session(engine) as db:
        return not unreconciled_restores(db)


def unreconciled_restores(db: Session) -> list[Restore]:
    return list(
        db.exec(select(Restore).where(col(Restore.reconciled_at).is_(None)).order_by(col(Restore.id)))
    )


def latest_restore(db: Session) -> Restore | None:
    return db.exec(select(Restore).order_by(col(Restore.id).desc()).limit(1)).first()


def count_held_messages(db: Session) -> int:
    """Return how many messages wait for the operator's decision."""
    return db.exec(select(func.count()).where(Message.state == "held")).one()


def release_messages(db: Session, now: datetime, *, send: bool) -> int:
    """Send the held messages, or drop them for good, and return their number. Inside `writing`."""
    held = update(Message).where(col(Message.state) == "held")
    if send:
        to: dict[str, Any] = {"state": "waiting", "not_before": now}
    else:
        to = {"state": "dead", "error": DROPPED_AFTER_RESTORE}
        outbox.empty_secret_words(db, col(Message.state) == "held")
    count = db.connection().execute(held.values(**to)).rowcount
    journal.note(
        db, "system:restore", "restores.release", now, outcome="sent" if send else "dropped", released=count
    )
    return count


def reconcile(db: Session, row: Restore, bank: Bank | None, now: datetime, settings: Settings) -> None:
    """Compare the bank's lists since the back-up with our rows and restore what is missing.

    Call it outside `writing`. If the bank does not answer, the next run asks again; without a bank there is
    nothing to compare.
    """
    since, until = row.copied_at - EDGE, now + timedelta(minutes=1)
    try:
        paid = [(payee, one) for payee in PAYEES for one in bank.between(since, until, payee)] if bank else []
        returned = (
            [one for payee in PAYEES for one in bank.refunds_between(since, until, payee)] if bank else []
        )
    except (BankSilent, BankRefused) as silence:
        _note_error(db, row, type(silence).__name__)
        return
    outcomes = [_apply_payment(db, bank_payment, payee, row, now, settings) for payee, bank_payment in paid]
    outcomes += [_apply_refund(db, bank_payment, now) for bank_payment in returned]
    with writing(db):
        fresh = db.get_one(Restore, row.id)
        fresh.reconciled_at, fresh.error = now, ""
        fresh.recovered, fresh.unknown = outcomes.count("recovered"), outcomes.count("unknown")
        db.add(fresh)
        _fail_old_receipts(db, fresh, now)
        journal.note(
            db, "system:restore", "restores.reconcile", now, recovered=fresh.recovered, unknown=fresh.unknown
        )


def _note_error(db: Session, row: Restore, error: str) -> None:
    with writing(db):
        db.connection().execute(update(Restore).where(col(Restore.id) == row.id).values(error=error))


def _apply_payment(
    db: Session, bank_payment: BankPayment, payee: str, restore: Restore, now: datetime, settings: Settings
) -> str:
    """Apply one payment of the bank's list and return "known", "recovered" or "unknown"."""
    mine = payments.find_by_bank_id(db, bank_payment.bank_id) or payments.find_by_order_id(
        db, bank_payment.order_id
    )
    if mine is None and bank_payment.state == "failed":
        return "known"  # no money moved
    if mine is None:
        with writing(db):
            mine = autopay_charges.recover_lost_charge(
                db, bank_payment, restore.copied_at, now
            ) or _recover_lost_payment(db, bank_payment, payee, now)
            if mine is None:
                discrepancies.add(db, None, "unknown", bank_payment, now)
                return "unknown"
            journal.note(
                db,
                "system:restore",
                "payments.recover",
                now,
                contract_id=mine.contract_id,
                payment=mine.id,
                amount=bank_payment.amount,
            )
        banking.apply_bank_status(db, mine.id, bank_payment, now, settings)
        return "recovered"
    banking.apply_bank_status(db, mine.id, bank_payment, now, settings)
    return "known"


def _recover_lost_payment(
    db: Session, bank_payment: BankPayment, payee: str, now: datetime
) -> Payment | None:
    """Add the row of a payment that a person began after the back-up was made.

    Returns None if the bank does not name its contract.
    """
    found = (
        select(Contract.id).where(Contract.number == bank_payment.contract)
        if bank_payment.contract and bank_payment.order_id
        else None
    )
    contract_id = db.exec(found).first() if found is not None else None
    if contract_id is None:
        return None
    return payments.add_recovered(db, contract_id, bank_payment, payee, now)


def _apply_refund(db: Session, bank_refund: BankRefund, now: datetime) -> str:
    """Apply one refund of the bank's list and return "known", "recovered" or "unknown"."""
    if bank_refund.state == "failed" or lost_refunds.has_bank_refund(db, bank_refund.bank_id):
        return "known"
    with writing(db):
        if lost_refunds.recover_lost_refund(db, bank_refund, now):
            return "recovered"
        about = BankPayment(bank_refund.bank_id, "paid", bank_refund.amount, "RUB")
        discrepancies.add(db, payments.find_by_bank_id(db, bank_refund.payment_bank_id), "refund", about, now)
    return "unknown"


def _fail_old_receipts(db: Session, row: Restore, now: datetime) -> None:
    """Fail the receipts that wait in a back-up older than the register's memory. Inside `writing`.

    The accountant decides about them.
    """
    if now - row.copied_at < KEY_LIVES:
        return
    old = update(FiscalReceipt).where(
        col(FiscalReceipt.put_at) <= row.copied_at, col(FiscalReceipt.state) == "waiting"
    )
    db.connection().execute(old.values(state="failed", error=PRINTED_BEFORE, next_at=None))
