"""Sessions as rows: the cookie's value is stored only as a hash, new at every sign-in, deleted at
sign-out.
"""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, bindparam
from sqlmodel import Field, Session, SQLModel, col, delete, func, select, update

from db import Instant
from db.access.account_rows import rows_of_person, rows_of_subscriber
from db.access.representatives import Representative
from db.access.staff import Staff
from db.journal import Person
from db.people.contracts import Contract
from db.people.subscribers import Subscriber
from rules import days

TOUCH_INTERVAL = timedelta(minutes=1)


class SessionRow(SQLModel, table=True):
    """`seen_at` changes only when a person opens a page, at most once a minute; a poll never changes it."""

    __tablename__ = "session"
    __table_args__ = {"sqlite_autoincrement": True}

    id: int = Field(default=None, primary_key=True)
    token_hash: bytes = Field(unique=True)
    kind: str = Field(description="subscriber or staff")
    subscriber_id: int | None = Field(default=None, foreign_key="subscriber.id", index=True)
    staff_id: int | None = Field(default=None, foreign_key="staff.id", index=True)
    representative_id: int | None = Field(default=None, foreign_key="representative.id", index=True)
    contract_id: int | None = Field(default=None, foreign_key="contract.id")
    stage: str = Field(
        default="open", description="open, or what must be done first: choose, totp, app, app-choose"
    )
    created_at: datetime = Field(sa_type=Instant)
    seen_at: datetime = Field(sa_type=Instant)
    confirmed_at: datetime | None = Field(
        default=None, sa_type=Instant, description="last confirmed by a code"
    )
    device: str = ""
    address: str = ""


def hash_token(token: str) -> bytes:
    return sha256(token.encode()).digest()


_contract_count = (
    select(func.count())
    .select_from(Contract)
    .where(col(Contract.subscriber_id) == SessionRow.subscriber_id)
    .correlate(SessionRow)
    .scalar_subquery()
)
_live = (
    select(  # type: ignore[call-overload, misc]
        SessionRow.id,
        SessionRow.kind,
        SessionRow.stage,
        SessionRow.seen_at,
        SessionRow.confirmed_at,
        SessionRow.subscriber_id,
        SessionRow.staff_id,
        SessionRow.contract_id,
        Subscriber.name,
        Contract.number,
        Contract.address.label("contract_address"),  # type: ignore[attr-defined]
        Contract.unread,
        Staff.name.label("staff_name"),  # type: ignore[attr-defined]
        Staff.role,
        SessionRow.representative_id,
        Representative.name.label("acting"),  # type: ignore[attr-defined]
        Representative.rights,
        _contract_count.label("contracts"),
        Subscriber.security_unread,
        Subscriber.app_off_at,
    )
    .select_from(SessionRow)
    .outerjoin(Subscriber, col(Subscriber.id) == SessionRow.subscriber_id)
    .outerjoin(
        Contract,
        # A contract may pass to another subscriber while a session of the former one is open.
        (col(Contract.id) == SessionRow.contract_id)
        & (col(Contract.subscriber_id) == SessionRow.subscriber_id),
    )
    .outerjoin(Staff, (col(Staff.id) == SessionRow.staff_id) & col(Staff.disabled_at).is_(None))
    .outerjoin(
        Representative,
        (col(Representative.id) == SessionRow.representative_id)
        & col(Representative.taken_at).is_(None)
        & (col(Representative.until) >= bindparam("today")),
    )
    .where(
        col(SessionRow.token_hash) == bindparam("token"),
        col(SessionRow.seen_at) > bindparam("idle", type_=Instant),
        col(SessionRow.created_at) > bindparam("oldest", type_=Instant),
    )
)


def find_person(
    db: Connection, token: str, now: datetime, idle: timedelta, longest: timedelta
) -> tuple[Person, datetime] | None:
    """Return the person of this session and when it was last used; None when it ended or expired."""
    parameters: dict[str, Any] = {
        "token": hash_token(token),
        "idle": now - idle,
        "oldest": now - longest,
        "today": days.today(now),
    }
    row = db.execute(_live, parameters).first()
    if (
        row is None
        or (row.kind == "staff" and row.role is None)
        or (row.representative_id and row.rights is None)
    ):
        return None
    if row.contract_id and row.number is None:
        return None
    return Person(
        session_id=row.id,
        kind=row.kind,
        id=row.subscriber_id or row.staff_id,
        name=row.acting or row.name or row.staff_name,
        owner=row.name or "",
        representative_id=row.representative_id,
        rights=None if row.representative_id is None else frozenset(row.rights.split()),
        contract_id=row.contract_id,
        contract_number=row.number,
        contract_address=row.contract_address or "",
        role=row.role,
        stage=row.stage,
        confirmed_at=row.confirmed_at,
        unread=row.unread or 0,
        contracts=row.contracts,
        binding=parameters["token"].hex(),
        security_unread=row.security_unread or 0,
        app_off_at=row.app_off_at,
    ), row.seen_at


def start(
    db: Session,
    now: datetime,
    *,
    subscriber_id: int | None = None,
    staff_id: int | None = None,
    representative_id: int | None = None,
    contract_id: int | None = None,
    stage: str = "open",
    device: str = "",
    address: str = "",
) -> str:
    """Start a session and return the cookie's value, which is stored nowhere."""
    token = secrets.token_urlsafe(24)
    db.add(
        SessionRow(
            token_hash=hash_token(token),
            kind="staff" if staff_id else "subscriber",
            subscriber_id=subscriber_id,
            staff_id=staff_id,
            representative_id=representative_id,
            contract_id=contract_id,
            stage=stage,
            created_at=now,
            seen_at=now,
            device=device[:120],
            address=address,
        )
    )
    return token


def touch(db: Session, session_id: int, now: datetime) -> None:
    """Record that a page was opened. An UPDATE cannot bring back a row that a sign-out deleted."""
    db.connection().execute(update(SessionRow).where(col(SessionRow.id) == session_id).values(seen_at=now))


def update_session(db: Session, who: Person, **values: object) -> None:
    """Update this session by its token, not only by id, so that a session that ended meanwhile is not
    changed.
    """
    mine = col(SessionRow.token_hash) == bytes.fromhex(who.binding)
    db.connection().execute(
        update(SessionRow).where(col(SessionRow.id) == who.session_id, mine).values(**values)
    )


def renew(db: Session, who: Person, **values: object) -> str:
    """Give this session a new cookie and return it: a copied cookie, and codes and forms bound to it, stop
    working. Inside `writing`.
    """
    token = secrets.token_urlsafe(24)
    update_session(db, who, token_hash=hash_token(token), **values)
    return token


def list_devices(
    db: Session, who: Person, now: datetime, idle: timedelta, longest: timedelta
) -> list[SessionRow]:
    """Return live sessions of this person, the last used first."""
    return list(
        db.exec(
            select(SessionRow)
            .where(
                rows_of_person(SessionRow, who),
                SessionRow.seen_at > now - idle,
                SessionRow.created_at > now - longest,
            )
            .order_by(col(SessionRow.seen_at).desc())
        )
    )


def end(db: Session, who: Person, session_id: int | None = None, *, keep: int | None = None) -> int:
    """End one session of this person, or all except `keep`; return how many ended."""
    gone = delete(SessionRow).where(rows_of_person(SessionRow, who))
    if session_id is not None:
        gone = gone.where(col(SessionRow.id) == session_id)
    if keep is not None:
        gone = gone.where(col(SessionRow.id) != keep)
    return db.connection().execute(gone).rowcount


def end_representative(db: Session, representative_id: int) -> int:
    """End all sessions of a representative; return how many ended."""
    gone = delete(SessionRow).where(col(SessionRow.representative_id) == representative_id)
    return db.connection().execute(gone).rowcount


def end_subscriber(db: Session, subscriber_id: int) -> None:
    """End every session of the subscriber, but not of their representatives."""
    db.connection().execute(delete(SessionRow).where(rows_of_subscriber(SessionRow, subscriber_id, None)))


def end_staff(db: Session, staff_id: int) -> int:
    """End all sessions of an employee; return how many ended."""
    return db.connection().execute(delete(SessionRow).where(col(SessionRow.staff_id) == staff_id)).rowcount


def idle_since(db: Session, token: str) -> datetime | None:
    """When the session of this cookie was last used, even if it expired since; None when it was ended."""
    return db.exec(select(SessionRow.seen_at).where(SessionRow.token_hash == hash_token(token))).first()


def delete_expired(db: Session, now: datetime, longest: timedelta) -> None:
    """Delete sessions past their lifetime."""
    db.connection().execute(delete(SessionRow).where(col(SessionRow.created_at) < now - longest))
