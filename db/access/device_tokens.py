"""Browsers that somebody has signed in from: wrong tries from elsewhere never block them.

A browser has one random id in a signed cookie, stored here as a hash with each account that signed in from
it. The id changes at every sign-in, so a copied or planted one is useless. It ends with the sessions that its
person ends.
"""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from sqlmodel import Field, Session, SQLModel, col, delete, select, update

from db import Instant
from db.access.account_rows import rows_of_account, rows_of_person
from db.access.representatives import Representative
from db.access.sessions import SessionRow, hash_token
from db.access.staff import Staff
from db.journal import Person
from db.people.contracts import Contract


class DeviceToken(SQLModel, table=True):
    """One account of one browser: a subscriber's, a representative's or an employee's."""

    __tablename__ = "device_token"
    __table_args__ = {"sqlite_autoincrement": True}  # the id is part of counter names that outlive the row

    id: int = Field(default=None, primary_key=True)
    token_hash: bytes = Field(index=True)
    subscriber_id: int | None = Field(default=None, foreign_key="subscriber.id", index=True)
    representative_id: int | None = Field(default=None, foreign_key="representative.id", index=True)
    staff_id: int | None = Field(default=None, foreign_key="staff.id", index=True)
    session_hash: bytes = Field(description="the session last begun here: who ends that one ends this too")
    seen_at: datetime = Field(sa_type=Instant, description="the last entry")


def new_token() -> str:
    return secrets.token_urlsafe(24)


def hash_device(token: str) -> bytes:
    return sha256(token.encode()).digest()


def find_for_contract(db: Session, token_hash: bytes, number: int) -> int | None:
    """Return the row of this browser if the contract's subscriber has signed in from it, else None."""
    mine = select(DeviceToken.id).join(Contract, col(Contract.subscriber_id) == DeviceToken.subscriber_id)
    own = col(DeviceToken.representative_id).is_(None)
    return db.exec(mine.where(DeviceToken.token_hash == token_hash, Contract.number == number, own)).first()


def find_for_representative(db: Session, token_hash: bytes, phone: str) -> int | None:
    """Return the row of this browser if a representative with this phone has signed in from it."""
    mine = select(DeviceToken.id).join(
        Representative, col(Representative.id) == DeviceToken.representative_id
    )
    return db.exec(mine.where(DeviceToken.token_hash == token_hash, Representative.phone == phone)).first()


def find_for_staff(db: Session, token_hash: bytes, login: str) -> int | None:
    """Return the row of this browser if the employee with this login has signed in from it."""
    mine = select(DeviceToken.id).join(Staff, col(Staff.id) == DeviceToken.staff_id)
    return db.exec(mine.where(DeviceToken.token_hash == token_hash, Staff.login == login)).first()


def issue(
    db: Session,
    former: bytes,
    session_token: str,
    now: datetime,
    *,
    subscriber_id: int | None = None,
    representative_id: int | None = None,
    staff_id: int | None = None,
) -> str:
    """Return a new id for this browser, tied to this account and to those it was tied to before. Inside
    `writing`.
    """
    token = new_token()
    fresh = hash_device(token)
    db.connection().execute(
        update(DeviceToken).where(col(DeviceToken.token_hash) == former).values(token_hash=fresh)
    )
    account = rows_of_account(DeviceToken, subscriber_id, representative_id, staff_id)
    row = db.exec(select(DeviceToken).where(DeviceToken.token_hash == fresh, account)).first()
    row = row or DeviceToken(
        token_hash=fresh, subscriber_id=subscriber_id, representative_id=representative_id, staff_id=staff_id
    )  # type: ignore[call-arg]
    row.session_hash, row.seen_at = hash_token(session_token), now
    db.add(row)
    return token


def revoke(db: Session, who: Person, *, keep: bytes | None = None) -> None:
    """Forget this person's browsers, except `keep`. Inside `writing`."""
    gone = delete(DeviceToken).where(rows_of_person(DeviceToken, who))
    db.connection().execute(gone if keep is None else gone.where(col(DeviceToken.token_hash) != keep))


def revoke_session(db: Session, who: Person, session_id: int) -> None:
    """Forget the browser in which this session began. Inside `writing`, before the session ends."""
    there = select(SessionRow.token_hash).where(SessionRow.id == session_id)
    gone = delete(DeviceToken).where(
        rows_of_person(DeviceToken, who), col(DeviceToken.session_hash).in_(there)
    )
    db.connection().execute(gone)


def move_session(db: Session, who: Person, session_token: str) -> None:
    """Tie the browser of the current session to its new cookie. Inside `writing`."""
    begun = update(DeviceToken).where(
        rows_of_person(DeviceToken, who), col(DeviceToken.session_hash) == bytes.fromhex(who.binding)
    )
    db.connection().execute(begun.values(session_hash=hash_token(session_token)))


def revoke_representative(db: Session, representative_id: int) -> None:
    db.connection().execute(
        delete(DeviceToken).where(col(DeviceToken.representative_id) == representative_id)
    )


def revoke_staff(db: Session, staff_id: int) -> None:
    db.connection().execute(delete(DeviceToken).where(col(DeviceToken.staff_id) == staff_id))


def delete_expired(db: Session, now: datetime, life: timedelta) -> None:
    """Delete browsers not used to sign in for `life`: their cookies have expired too."""
    db.connection().execute(delete(DeviceToken).where(col(DeviceToken.seen_at) < now - life))
