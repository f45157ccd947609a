"""Six-digit codes by SMS: ten minutes, once, five tries, and good only for the request they were sent for."""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlmodel import Field, Session, SQLModel, col, delete, select, update

from db import Instant
from db.journal import Person

LIFETIME = timedelta(minutes=10)
MAX_TRIES = 5


class Code(SQLModel, table=True):
    """`bound_to` is the hash of the random value the code answers for: a session's, or that of the page that
    asked for it.
    """

    __table_args__ = {"sqlite_autoincrement": True}

    id: int = Field(default=None, primary_key=True)
    purpose: str = Field(description="login, confirm, phone…")
    bound_to: str = Field(index=True)
    session_id: int | None = Field(default=None, foreign_key="session.id", ondelete="CASCADE", index=True)
    subscriber_id: int | None = Field(default=None, foreign_key="subscriber.id", index=True)
    contract_id: int | None = Field(default=None, foreign_key="contract.id")
    about: str = Field(default="", description="what else it answers for: a contract number, a new phone")
    digest: str
    made_at: datetime = Field(sa_type=Instant)
    tries: int = 0
    used_at: datetime | None = Field(default=None, sa_type=Instant)


@dataclass(frozen=True)
class Binding:
    """What a code opens: a purpose, in the hands of whoever holds `value`, for this subscriber and nobody
    else.

    `value` is random and never given out twice (a session's, a page's token); a number of a row is not.

    """

    purpose: str
    value: str
    subscriber_id: int | None
    session_id: int | None = None

    def __post_init__(self) -> None:
        if len(self.value) < 16:
            raise ValueError("a code is bound to a random value")

    @property
    def key(self) -> str:
        return sha256(f"{self.purpose}:{self.value}".encode()).hexdigest()

    def digest(self, secret: str, digits: str) -> str:
        """Keyed by what the file alone does not hold, so that a copy of it does not tell the digits."""
        material = f"{self.purpose}:{self.value}:{self.subscriber_id}:{digits}"
        return hmac.new(secret.encode(), material.encode(), sha256).hexdigest()


def session_binding(purpose: str, who: Person) -> Binding:
    """For this session of this person; it dies with the session, and when the session's cookie changes."""
    return Binding(purpose, who.binding, who.id, who.session_id)


def create_code(
    db: Session, secrets_: Sequence[str], binding: Binding, now: datetime, *, about: str = ""
) -> str:
    """Six digits for this binding; an earlier code of the same binding stops working. Call inside `writing`.

    `secrets_` are the settings' own: the newest keys the digest, any of them still verifies it.
    """
    db.connection().execute(delete(Code).where(col(Code.bound_to) == binding.key))
    digits = f"{secrets.randbelow(1_000_000):06}"
    db.add(
        Code(
            purpose=binding.purpose,
            bound_to=binding.key,
            subscriber_id=binding.subscriber_id,
            session_id=binding.session_id,
            about=about,
            digest=binding.digest(secrets_[-1], digits),
            made_at=now,
        )
    )
    return digits


def find_pending(db: Session, binding: Binding, now: datetime) -> Code | None:
    """The code that waits for this binding, spent, late or not; None when none was ever made."""
    row = _find(db, binding)
    return row if row and row.made_at > now - timedelta(hours=1) else None


def find_by_token(db: Session, purpose: str, token: str, now: datetime) -> Code | None:
    """The code a stranger's page waits for: who it is for stands in the row. As `pending`."""
    found = (
        select(Code).where(Code.bound_to == Binding(purpose, token, None).key) if len(token) >= 16 else None
    )
    row = db.exec(found).first() if found is not None else None
    return row if row and row.made_at > now - timedelta(hours=1) else None


def use_code(
    db: Session, secrets_: Sequence[str], binding: Binding, digits: str, now: datetime
) -> Code | None:
    """The code when these are its digits, spending it; None otherwise, counting the try. Call inside
    `writing`.
    """
    row = check_code(db, secrets_, binding, digits, now)
    if row:
        mark_used(db, row, now)
    return row


def check_code(
    db: Session, secrets_: Sequence[str], binding: Binding, digits: str, now: datetime
) -> Code | None:
    """The same without spending it: for two codes that only open together. A wrong try is counted. Inside
    `writing`.
    """
    row = _find(db, binding)
    if row is None or row.used_at or row.tries >= MAX_TRIES or row.made_at < now - LIFETIME:
        return None
    if any(hmac.compare_digest(row.digest, binding.digest(secret, digits)) for secret in secrets_):
        return row
    db.connection().execute(update(Code).where(col(Code.id) == row.id).values(tries=row.tries + 1))
    return None


def _find(db: Session, binding: Binding) -> Code | None:
    whose = Code.subscriber_id == binding.subscriber_id
    return db.exec(select(Code).where(Code.bound_to == binding.key, whose)).first()


def mark_used(db: Session, row: Code, now: datetime) -> None:
    db.connection().execute(update(Code).where(col(Code.id) == row.id).values(used_at=now))


def revoke_codes(db: Session, subscriber_id: int) -> None:
    """No code sent so far opens anything of this subscriber any more. Call inside `writing`."""
    db.connection().execute(delete(Code).where(col(Code.subscriber_id) == subscriber_id))


def delete_expired(db: Session, now: datetime) -> None:
    db.connection().execute(delete(Code).where(col(Code.made_at) < now - timedelta(days=1)))
