"""The bank's callbacks (manual §3.1): stored as received; a change is made only after asking the bank.

Notifications of YooKassa v3 are not signed, so the sender's address is compared with the bank's networks, and
only the payment's id is read.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam
from sqlmodel import Field, Index, Session, SQLModel, col, select, text, update

from db import Instant, sealed_columns, writing
from db.group_commit import GroupCommit
from db.payments import discrepancies, payments
from db.payments.banking import apply_bank_status
from db.payments.payments import Payment
from rules.payments.bank import Bank
from rules.payments.banking import BankPayment, BankRefused, BankSilent, Callback
from settings import Settings

MAX_BODY = 64 * 1024


class BankCallback(SQLModel, table=True):
    """A callback as received, from any address."""

    __tablename__ = "bank_call"
    __table_args__ = (
        Index(
            "ix_bank_call_clear", "id", sqlite_where=text("body <> ''"), postgresql_where=text("body <> ''")
        ),
    )

    id: int = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Instant, index=True)
    address: str
    body: str = Field(default="", description="of an earlier release")
    body_sealed: str | None = Field(
        default=None, description="as it came (db.sealed_columns): it may name a saved card"
    )
    bank_id: str | None = Field(default=None, index=True)
    payment_id: int | None = Field(default=None, foreign_key="payment.id", index=True)
    outcome: str = Field(
        default="heard", description="applied, repeated, stranger, unreadable, unknown, silent…"
    )


class IncomingCallback(NamedTuple):
    """A callback to store. `claimed` is its parsed content, or the name of the outcome that rejects it."""

    address: str
    body: bytes
    claimed: Callback | str
    now: datetime


class StoredCallback(NamedTuple):
    """The id and outcome of a stored callback, and the payment that it names."""

    call_id: int
    outcome: str
    payment_id: int | None
    payee: str | None


def receive(db: Session, bank: Bank, address: str, body: bytes, now: datetime, settings: Settings) -> str:
    """Store a callback, ask the bank about its payment, apply the answer and return the outcome's name."""
    claimed = _read(bank, address, body)
    stored = _batch.submit(db, IncomingCallback(address, body, claimed, now))
    if stored.outcome != "heard" or isinstance(claimed, str):
        return stored.outcome
    try:
        bank_payment, payee = _bank_status(bank, claimed.bank_id, stored.payee)
    except BankSilent:
        return _set_outcome(db, stored.call_id, "silent")
    except BankRefused:
        return _set_outcome(db, stored.call_id, "unknown")
    row = (
        payments.reload(db, stored.payment_id)
        if stored.payment_id
        else payments.find_by_order_id(db, bank_payment.order_id)
    )
    if row is None or row.payee != payee or (row.bank_id or bank_payment.bank_id) != bank_payment.bank_id:
        return _record_unknown(db, stored.call_id, bank_payment, now)
    after = apply_bank_status(db, row.id, bank_payment, now, settings)
    return _set_outcome(db, stored.call_id, "applied" if after.final else after.state, row.id)


def _read(bank: Bank, address: str, body: bytes) -> Callback | str:
    """Return the parsed callback, or the name of the outcome that rejects it."""
    if not bank.trusted(address):
        return "stranger"
    try:
        return bank.read_callback(body)
    except ValueError:
        return "unreadable"


def _store(db: Session, crowd: list[IncomingCallback]) -> list[StoredCallback]:
    """Store the callbacks as received. Inside `writing`.

    A repeated callback about a payment that is already paid gets its final outcome here.
    """
    rows = [_build_row(db, one) for one in crowd]
    db.add_all(call for call, _ in rows)
    db.flush()
    for incoming, (call, _) in zip(crowd, rows, strict=True):
        sealed_columns.write(db, call, "body_sealed", incoming.body[:MAX_BODY].decode("utf-8", "replace"))
    return [StoredCallback(call.id, call.outcome, call.payment_id, payee) for call, payee in rows]


def _build_row(db: Session, incoming: IncomingCallback) -> tuple[BankCallback, str | None]:
    """Return the row to store and the payee of the payment it names."""
    call = BankCallback(at=incoming.now, address=incoming.address)
    if isinstance(incoming.claimed, str):
        call.outcome = incoming.claimed
        return call, None
    named = db.execute(_payment_named, {"bank_id": incoming.claimed.bank_id}).first()
    call.bank_id, call.payment_id = incoming.claimed.bank_id, named.id if named else None
    if named and named.state == "paid" and not incoming.claimed.event.startswith("refund."):
        call.outcome = "repeated"
    return call, named.payee if named else None


_payment_named = select(Payment.id, Payment.state, Payment.payee).where(
    col(Payment.bank_id) == bindparam("bank_id")
)
_batch: GroupCommit[IncomingCallback, StoredCallback] = GroupCommit(_store)


def _bank_status(bank: Bank, bank_id: str, payee: str | None) -> tuple[BankPayment, str]:
    """Return the bank's status and the payee of the shop it came from; `payee` None means try both shops."""
    for each in (payee,) if payee else ("operator", "police"):
        try:
            return bank.status(bank_id, each), each
        except BankRefused:
            continue
    raise BankRefused("not_found")


def _record_unknown(db: Session, call_id: int, bank_payment: BankPayment, now: datetime) -> str:
    if bank_payment.state == "paid":
        with writing(db):
            discrepancies.add(db, None, "unknown", bank_payment, now)
    return _set_outcome(db, call_id, "unknown")


def _set_outcome(db: Session, call_id: int, outcome: str, payment_id: int | None = None) -> str:
    values = {"outcome": outcome} | ({"payment_id": payment_id} if payment_id else {})
    with writing(db):
        db.connection().execute(update(BankCallback).where(col(BankCallback.id) == call_id).values(**values))
    return outcome
