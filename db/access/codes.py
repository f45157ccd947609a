"""Six-digit codes by SMS: valid ten minutes, once, for five tries, and only for the request they were sent
for.
"""

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
    """`bound_to` is the hash of the random value the code is bound to: a session's, or that of the page that
    asked.
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
    """What a code confirms: a purpose, for the holder of `value` and for this subscriber only.

    `value` is random and never reused (a session's, a page's token); a row id is not suitable.
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
        """Return an HMAC with a key that is not in the database, so that a copy of it does not reveal the
        digits.
        """
        material = f"{self.purpose}:{self.value}:{self.subscriber_id}:{digits}"
        return hmac.new(secret.encode(), material.encode(), sha256).hexdigest()


def page_token(secrets_: Sequence[str], key: str) -> str:
    """Return the token of a page that waits for a code: the same for the same form, so that a button pressed
    twice leads to one page; `key` is the form's own with what was typed, "" makes a random one.
    """
    if not key:
        return secrets.token_urlsafe(18)
    return hmac.new(secrets_[-1].encode(), f"page:{key}".encode(), sha256).hexdigest()[:32]


def session_binding(purpose: str, who: Person) -> Binding:
    """Bind a code to this session; it ends with the session and when the session's cookie changes."""
    return Binding(purpose, who.binding, who.id, who.session_id)


def create_code(
    db: Session, secrets_: Sequence[str], binding: Binding, now: datetime, *, about: str = ""
) -> str:
    """Return six digits for this binding; an earlier code of the same binding stops working. Inside
    `writing`.

    `secrets_` are the settings' own: the newest keys the digest, any of them verifies it.
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
    """Return the code of this binding, even if used or expired; None when none was created within the
    hour.
    """
    row = _find(db, binding)
    return row if row and row.made_at > now - timedelta(hours=1) else None


def find_by_token(db: Session, purpose: str, token: str, now: datetime) -> Code | None:
    """Return the code that a page without a session waits for; its row says for whom. Otherwise as
    `find_pending`.
    """
    found = (
        select(Code).where(Code.bound_to == Binding(purpose, token, None).key) if len(token) >= 16 else None
    )
    row = db.exec(found).first() if found is not None else None
    return row if row and row.made_at > now - timedelta(hours=1) else None


def use_code(
    db: Session, secrets_: Sequence[str], binding: Binding, digits: str, now: datetime
) -> Code | None:
    """Return the code and mark it used when the digits match; None otherwise, counting the try. Inside
    `writing`.
    """
    row = check_code(db, secrets_, binding, digits, now)
    if row:
        mark_used(db, row, now)
    return row


def check_code(
    db: Session, secrets_: Sequence[str], binding: Binding, digits: str, now: datetime
) -> Code | None:
    """As `use_code` without marking it used, for two codes that work only together. A wrong try is
    counted.
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
    """Make every code sent to this subscriber invalid. Inside `writing`."""
    db.connection().execute(delete(Code).where(col(Code.subscriber_id) == subscriber_id))


def delete_expired(db: Session, now: datetime) -> None:
    db.connection().execute(delete(Code).where(col(Code.made_at) < now - timedelta(days=1)))
