"""The bank's callbacks: kept raw, whoever sent them; believed only after the bank itself was asked (manual
§3.1).

Notifications of v3 are not signed: the address is compared with the bank's networks, and only the id is read.
"""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam
from sqlmodel import Field, Index, Session, SQLModel, col, select, text, update

from db import Instant, sealed_columns, writing
from db.group_commit import GroupCommit
from db.payments import discrepancies, payments
from db.payments.banking import apply_bank_status
from db.payments.payments import Payment
from rules.payments.banking import BankRefused, BankSilent, Callback, Known

BODY = 64 * 1024


class BankCall(SQLModel, table=True):
    """A callback as it came, whoever sent it."""

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


def latest(db: Session, payment_id: int | None = None, limit: int = 50) -> list[BankCall]:
    """The newest callbacks, of one payment or of all."""
    found = select(BankCall).order_by(col(BankCall.id).desc()).limit(limit)
    return list(db.exec(found if payment_id is None else found.where(BankCall.payment_id == payment_id)))


class Said(NamedTuple):
    """A callback to be kept: whence, what, and what it claims, or why it is not listened to."""

    address: str
    body: bytes
    claimed: Callback | str
    now: datetime


class Heard(NamedTuple):
    """A callback kept, and the payment it names."""

    call_id: int
    outcome: str
    payment_id: int | None
    payee: str | None


def hear(db: Session, bank: Any, address: str, body: bytes, now: datetime, settings: Any) -> str:
    """A callback: kept raw first, believed only after the bank was asked. The outcome's name."""
    claimed = _claim(bank, address, body)
    heard = _together.submit(db, Said(address, body, claimed, now))
    if heard.outcome != "heard" or isinstance(claimed, str):
        return heard.outcome
    try:
        known, payee = _asked(bank, claimed.bank_id, heard.payee)
    except BankSilent:
        return _outcome(db, heard.call_id, "silent")
    except BankRefused:
        return _outcome(db, heard.call_id, "unknown")
    row = payments.fresh(db, heard.payment_id) if heard.payment_id else payments.by_order(db, known.order_id)
    if row is None or row.payee != payee or (row.bank_id or known.bank_id) != known.bank_id:
        return _unknown(db, heard.call_id, known, now)
    after = apply_bank_status(db, row.id, known, now, settings)
    return _outcome(db, heard.call_id, "applied" if after.final else after.state, row.id)


def _claim(bank: Any, address: str, body: bytes) -> Callback | str:
    """What it claims, or why it is not listened to."""
    if not bank.trusted(address):
        return "stranger"
    try:
        return bank.read_callback(body)
    except ValueError:
        return "unreadable"


def _keep(db: Session, crowd: list[Said]) -> list[Heard]:
    """The calls as they came. A repeat of what is posted is over with this one row. Inside `writing`."""
    rows = [_row(db, one) for one in crowd]
    db.add_all(call for call, _ in rows)
    db.flush()
    for said, (call, _) in zip(crowd, rows, strict=True):
        sealed_columns.write(db, call, "body_sealed", said.body[:BODY].decode("utf-8", "replace"))
    return [Heard(call.id, call.outcome, call.payment_id, payee) for call, payee in rows]


def _row(db: Session, said: Said) -> tuple[BankCall, str | None]:
    """The row, and whose payment it names."""
    call = BankCall(at=said.now, address=said.address)
    if isinstance(said.claimed, str):
        call.outcome = said.claimed
        return call, None
    named = db.execute(_named, {"bank_id": said.claimed.bank_id}).first()
    call.bank_id, call.payment_id = said.claimed.bank_id, named.id if named else None
    if named and named.state == "paid" and not said.claimed.event.startswith("refund."):
        call.outcome = "repeated"
    return call, named.payee if named else None


_named = select(Payment.id, Payment.state, Payment.payee).where(col(Payment.bank_id) == bindparam("bank_id"))
_together: GroupCommit[Said, Heard] = GroupCommit(_keep)


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
