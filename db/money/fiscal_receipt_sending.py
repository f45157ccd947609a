"""The job that submits fiscal receipts to the cash register and polls their state (54-ФЗ)."""

from datetime import datetime, timedelta

from sqlalchemy import literal
from sqlmodel import Session, col, func, select

from db import Instant, leases, writing
from db.money.fiscal_receipts import FiscalReceipt
from rules.money import fiscal_receipts as rules
from rules.money.fiscal_register import (
    FiscalRegister,
    RegisterDeclined,
    RegisteredReceipt,
    RegisterUnreachable,
)

GIVE_UP = timedelta(days=3)


def due_receipts(db: Session, now: datetime, limit: int = 50) -> list[int]:
    return [
        id
        for id in db.exec(select(FiscalReceipt.id).where(col(FiscalReceipt.next_at) <= now).limit(limit))
        if id
    ]


def claim(db: Session, receipt_id: int, now: datetime) -> FiscalReceipt | None:
    """Claim a due receipt until a lease ends; None if another worker has claimed it. Inside `writing`."""
    claimed = leases.claim(
        db,
        FiscalReceipt,
        receipt_id,
        col(FiscalReceipt.next_at) <= now,
        next_at=now + leases.LEASE,
        tries=FiscalReceipt.tries + 1,
        first_try_at=func.coalesce(FiscalReceipt.first_try_at, literal(now, Instant)),
    )
    return db.exec(select(FiscalReceipt).where(FiscalReceipt.id == receipt_id)).one() if claimed else None


def send_due(db: Session, register: FiscalRegister | None, now: datetime) -> None:
    """Submit the due receipts and ask the register for the state of submitted ones. Outside `writing`.

    Without a `register` (receipts have been turned off) the waiting receipts go to the accountant.
    """
    for receipt_id in due_receipts(db, now):
        with writing(db):
            row = claim(db, receipt_id, now)
            if row and register is None:
                mark_declined(db, receipt_id, rules.TURNED_OFF)
        if row and register:
            _hand_over(db, register, row, now)


def _hand_over(db: Session, register: FiscalRegister, row: FiscalReceipt, now: datetime) -> None:
    id = row.id
    try:
        answer = (
            register.ask(row.register_id, now)
            if row.register_id
            else register.register(row.sheet(), row.key, now)
        )
    except RegisterUnreachable as silence:
        with writing(db):
            postpone(db, id, str(silence), now)
    except RegisterDeclined as refusal:
        with writing(db):
            mark_declined(db, id, str(refusal))
    else:
        with writing(db):
            apply_register_answer(db, id, answer, now)


def apply_register_answer(db: Session, receipt_id: int, answer: RegisteredReceipt, now: datetime) -> None:
    """Store the register's answer. Inside `writing`."""
    row = _reload(db, receipt_id)
    row.register_id, row.error = answer.id, ""
    row.state = {"pending": "sent", "done": "done", "refused": "failed"}[answer.state]
    row.document, row.storage, row.sign, row.registered_at = (
        answer.document,
        answer.storage,
        answer.sign,
        answer.at,
    )
    row.next_at = now + retry_pause(row.tries) if row.state == "sent" else None
    if row.state == "failed":
        row.error = rules.DECLINED
    _give_up_if_expired(row, rules.NOT_PRINTED, now)
    db.add(row)


def postpone(db: Session, receipt_id: int, error: str, now: datetime) -> None:
    """Schedule another try after an inconclusive answer, for up to three days. Inside `writing`."""
    row = _reload(db, receipt_id)
    row.error, row.next_at = error, now + retry_pause(row.tries)
    _give_up_if_expired(row, rules.no_answer(error), now)
    db.add(row)


def mark_declined(db: Session, receipt_id: int, error: str) -> None:
    """Mark the receipt failed with the register's reason, for the accountant. Inside `writing`."""
    row = _reload(db, receipt_id)
    row.state, row.error, row.next_at = "failed", error, None
    db.add(row)


def _reload(db: Session, receipt_id: int) -> FiscalReceipt:
    return db.exec(select(FiscalReceipt).where(FiscalReceipt.id == receipt_id)).one()


def _give_up_if_expired(row: FiscalReceipt, words: str, now: datetime) -> None:
    if row.next_at is not None and row.first_try_at is not None and now - row.first_try_at > GIVE_UP:
        row.state, row.error, row.next_at = "failed", words, None


def retry_pause(tries: int) -> timedelta:
    """Return the pause before the next try: one minute, doubled after each failure, at most six hours."""
    return min(timedelta(minutes=2 ** min(tries - 1, 10)), timedelta(hours=6))
