"""Six-digit codes by SMS: ten minutes, once, five tries, and good only for the request they were sent for (SPEC Access)."""

import hmac
import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from sqlmodel import Field, Session, SQLModel, col, delete, select, update

from db import Instant

LIFE = timedelta(minutes=10)
TRIES = 5


class Code(SQLModel, table=True):
    """`bound_to` is the hash of what the code answers for: a session, or the page that asked for it."""

    id: int | None = Field(default=None, primary_key=True)
    purpose: str = Field(description="login, confirm, phone…")
    bound_to: str = Field(index=True)
    subscriber_id: int | None = Field(default=None, foreign_key="subscriber.id")
    contract_id: int | None = Field(default=None, foreign_key="contract.id")
    about: str = Field(default="", description="what else it answers for: a contract number, a new phone")
    digest: str
    made_at: datetime = Field(sa_type=Instant)
    tries: int = 0
    used_at: datetime | None = Field(default=None, sa_type=Instant)


def _digest(binding: str, digits: str) -> str:
    return hmac.new(binding.encode(), digits.encode(), sha256).hexdigest()


def _key(purpose: str, binding: str) -> str:
    return sha256(f"{purpose}:{binding}".encode()).hexdigest()


def make(
    db: Session,
    purpose: str,
    binding: str,
    now: datetime,
    *,
    subscriber_id: int | None = None,
    contract_id: int | None = None,
    about: str = "",
) -> str:
    """Six digits for this binding; an earlier code of the same binding stops working. Call inside `writing`."""
    key = _key(purpose, binding)
    db.connection().execute(delete(Code).where(col(Code.bound_to) == key))
    digits = f"{secrets.randbelow(1_000_000):06}"
    db.add(
        Code(purpose=purpose, bound_to=key, subscriber_id=subscriber_id, contract_id=contract_id,
             about=about, digest=_digest(binding, digits), made_at=now)
    )  # fmt: skip
    return digits


def pending(db: Session, purpose: str, binding: str, now: datetime) -> Code | None:
    """The code that waits for this binding, spent, late or not; None when none was ever made."""
    row = db.exec(select(Code).where(Code.bound_to == _key(purpose, binding))).first()
    return row if row and row.made_at > now - timedelta(hours=1) else None


def use(db: Session, purpose: str, binding: str, digits: str, now: datetime) -> Code | None:
    """The code when these are its digits, spending it; None otherwise, counting the try. Call inside `writing`."""
    row = right(db, purpose, binding, digits, now)
    if row:
        spend(db, row, now)
    return row


def right(db: Session, purpose: str, binding: str, digits: str, now: datetime) -> Code | None:
    """The same without spending it: for two codes that only open together. A wrong try is counted. Inside `writing`."""
    row = db.exec(select(Code).where(Code.bound_to == _key(purpose, binding))).first()
    if row is None or row.used_at or row.tries >= TRIES or row.made_at < now - LIFE:
        return None
    if hmac.compare_digest(row.digest, _digest(binding, digits)):
        return row
    db.connection().execute(update(Code).where(col(Code.id) == row.id).values(tries=row.tries + 1))
    return None


def spend(db: Session, row: Code, now: datetime) -> None:
    db.connection().execute(update(Code).where(col(Code.id) == row.id).values(used_at=now))


def sweep(db: Session, now: datetime) -> None:
    db.connection().execute(delete(Code).where(col(Code.made_at) < now - timedelta(days=1)))
