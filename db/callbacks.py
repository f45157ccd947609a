"""The bank's callbacks: kept raw, whoever sent them; believed only after the bank itself was asked (manual §3.1).

Notifications of v3 are not signed: the address is compared with the bank's networks, and only the id is read.
"""

from datetime import datetime
from typing import Any

from sqlmodel import Field, Session, SQLModel, col, select, update

from db import Instant, discrepancies, payments, writing
from db.banking import learn
from db.payments import Payment
from rules.banking import BankRefused, BankSilent, Callback, Known

BODY = 64 * 1024


class BankCall(SQLModel, table=True):
    """A callback as it came, whoever sent it."""

    __tablename__ = "bank_call"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Instant, index=True)
    address: str
    body: str
    bank_id: str | None = Field(default=None, index=True)
    payment_id: int | None = Field(default=None, foreign_key="payment.id", index=True)
    outcome: str = Field(default="heard", description="applied, repeated, stranger, unreadable, unknown, silent…")


def latest(db: Session, payment_id: int | None = None, limit: int = 50) -> list[BankCall]:
    """The newest callbacks, of one payment or of all."""
    found = select(BankCall).order_by(col(BankCall.id).desc()).limit(limit)
    return list(db.exec(found if payment_id is None else found.where(BankCall.payment_id == payment_id)))


def hear(db: Session, bank: Any, address: str, body: bytes, now: datetime, settings: Any) -> str:
    """A callback: kept raw first, believed only after the bank was asked. The outcome's name."""
    claimed = _claim(bank, address, body)
    with writing(db):
        call, row = _keep(db, address, body, claimed, now)
    if call.outcome != "heard" or isinstance(claimed, str):
        return call.outcome
    call_id = int(call.id or 0)
    try:
        known, payee = _asked(bank, claimed.bank_id, row.payee if row else None)
    except BankSilent:
        return _outcome(db, call_id, "silent")
    except BankRefused:
        return _outcome(db, call_id, "unknown")
    row = row or payments.by_order(db, known.order_id)
    if row is None or row.payee != payee or (row.bank_id or known.bank_id) != known.bank_id:
        return _unknown(db, call_id, known, now)
    after = learn(db, int(row.id or 0), known, now, settings)
    return _outcome(db, call_id, "applied" if after.final else after.state, row.id)


def _claim(bank: Any, address: str, body: bytes) -> Callback | str:
    """What it claims, or why it is not listened to."""
    if not bank.trusted(address):
        return "stranger"
    try:
        return bank.read_callback(body)
    except ValueError:
        return "unreadable"


def _keep(db: Session, address: str, body: bytes, claimed: Callback | str, now: datetime) -> tuple[BankCall, Payment | None]:
    """The call as it came, and the payment it names. A repeat of what is posted is over with this one row."""
    call = BankCall(at=now, address=address, body=body[:BODY].decode("utf-8", "replace"))
    row = None
    if isinstance(claimed, str):
        call.outcome = claimed
    else:
        row = payments.by_bank(db, claimed.bank_id)
        call.bank_id, call.payment_id = claimed.bank_id, row.id if row else None
        if row and row.state == "paid" and not claimed.event.startswith("refund."):
            call.outcome = "repeated"
    db.add(call)
    db.flush()
    return call, row


def _asked(bank: Any, bank_id: str, payee: str | None) -> tuple[Known, str]:
    """The bank's own word, from the shop of this payee, or from whichever shop knows the id."""
    for each in (payee,) if payee else ("operator", "police"):
        try:
            return bank.status(bank_id, each), each
        except BankRefused:
            continue
    raise BankRefused("not_found")


def _unknown(db: Session, call_id: int, known: Known, now: datetime) -> str:
    if known.state == "paid":
        with writing(db):
            discrepancies.add(db, None, "unknown", known, now)
    return _outcome(db, call_id, "unknown")


def _outcome(db: Session, call_id: int, outcome: str, payment_id: int | None = None) -> str:
    told = {"outcome": outcome} | ({"payment_id": payment_id} if payment_id else {})
    with writing(db):
        db.connection().execute(update(BankCall).where(col(BankCall.id) == call_id).values(**told))
    return outcome
