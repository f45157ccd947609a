"""Browsers somebody has entered from: strangers' tries elsewhere never count against them.

A browser has one random id in a signed cookie, kept here as a hash beside each account that entered from it.
The id is new at every entry, so a copy made earlier, or one planted, is worth nothing. It dies with the
sessions that its person ends.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Field, Session, SQLModel, col, delete, select, update

from db import Instant
from db.access.representatives import Representative
from db.access.sessions import SessionRow, hash_token
from db.access.staff import Staff
from db.journal import Person
from db.people.contracts import Contract


class DeviceToken(SQLModel, table=True):
    """One account of one browser: a subscriber's own, a representative's or that of one of staff."""

    __tablename__ = "device_token"
    __table_args__ = {"sqlite_autoincrement": True}  # its number stands in counters that outlive it

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
    """The row of this browser, if whose contract it is has entered from it; None otherwise."""
    mine = select(DeviceToken.id).join(Contract, col(Contract.subscriber_id) == DeviceToken.subscriber_id)
    own = col(DeviceToken.representative_id).is_(None)
    return db.exec(mine.where(DeviceToken.token_hash == token_hash, Contract.number == number, own)).first()


def find_for_representative(db: Session, token_hash: bytes, phone: str) -> int | None:
    """The row of this browser, if a representative with this phone has entered from it."""
    mine = select(DeviceToken.id).join(
        Representative, col(Representative.id) == DeviceToken.representative_id
    )
    return db.exec(mine.where(DeviceToken.token_hash == token_hash, Representative.phone == phone)).first()


def find_for_staff(db: Session, token_hash: bytes, login: str) -> int | None:
    """The row of this browser, if one of staff with this login has entered from it."""
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
    """A new id for this browser, known from now on for this account and for whom it was known before. Inside
    `writing`.
    """
    token = new_token()
    fresh = hash_device(token)
    db.connection().execute(
        update(DeviceToken).where(col(DeviceToken.token_hash) == former).values(token_hash=fresh)
    )
    account = _account_clause(subscriber_id, representative_id, staff_id)
    row = db.exec(select(DeviceToken).where(DeviceToken.token_hash == fresh, *account)).first()
    row = row or DeviceToken(
        token_hash=fresh, subscriber_id=subscriber_id, representative_id=representative_id, staff_id=staff_id
    )  # type: ignore[call-arg]
    row.session_hash, row.seen_at = hash_token(session_token), now
    db.add(row)
    return token


def _account_clause(
    subscriber_id: int | None, representative_id: int | None, staff_id: int | None
) -> Sequence[ColumnElement[bool]]:
    return (
        _equal(DeviceToken.subscriber_id, subscriber_id),
        _equal(DeviceToken.representative_id, representative_id),
        _equal(DeviceToken.staff_id, staff_id),
    )


def _equal(column: Any, value: int | None) -> ColumnElement[bool]:
    return col(column).is_(None) if value is None else col(column) == value


def revoke(db: Session, who: Person, *, keep: bytes | None = None) -> None:
    """This person's browsers, but the one that asks, are strangers again. Call inside `writing`."""
    gone = delete(DeviceToken).where(*_person_clause(who))
    db.connection().execute(gone if keep is None else gone.where(col(DeviceToken.token_hash) != keep))


def revoke_session(db: Session, who: Person, session_id: int) -> None:
    """The browser this session of the person's was begun in. Call inside `writing`, before the session
    ends.
    """
    there = select(SessionRow.token_hash).where(SessionRow.id == session_id)
    gone = delete(DeviceToken).where(*_person_clause(who), col(DeviceToken.session_hash).in_(there))
    db.connection().execute(gone)


def move_session(db: Session, who: Person, session_token: str) -> None:
    """The session of this request goes on under another cookie: its browser stays the one it was begun in.
    Inside `writing`.
    """
    begun = update(DeviceToken).where(
        *_person_clause(who), col(DeviceToken.session_hash) == bytes.fromhex(who.binding)
    )
    db.connection().execute(begun.values(session_hash=hash_token(session_token)))


def revoke_representative(db: Session, representative_id: int) -> None:
    db.connection().execute(
        delete(DeviceToken).where(col(DeviceToken.representative_id) == representative_id)
    )


def revoke_staff(db: Session, staff_id: int) -> None:
    db.connection().execute(delete(DeviceToken).where(col(DeviceToken.staff_id) == staff_id))


def _person_clause(who: Person) -> Sequence[ColumnElement[bool]]:
    if who.kind == "staff":
        return _account_clause(None, None, who.id)
    return _account_clause(who.id, who.representative_id, None)


def delete_expired(db: Session, now: datetime, life: timedelta) -> None:
    """Forget browsers nobody has entered from for so long: their cookies are over too."""
    db.connection().execute(delete(DeviceToken).where(col(DeviceToken.seen_at) < now - life))
