"""Representatives of a subscriber: their own phone, rights and last day; revoked immediately."""

from datetime import date, datetime
from typing import Protocol

from sqlalchemy import Connection, bindparam
from sqlmodel import Field, Index, Session, SQLModel, col, select, text

from db import Instant
from db.journal import Person
from db.people import subscribers
from db.people.contracts import Contract
from rules.access.representatives import RepresentativePlan


class Representative(SQLModel, table=True):
    """Rights apply to every contract of the subscriber. Revoked or past its day, the row gives none."""

    __table_args__ = (
        Index(
            "uq_representative_live",
            "subscriber_id",
            "phone",
            unique=True,
            sqlite_where=text("taken_at IS NULL"),
            postgresql_where=text("taken_at IS NULL"),
        ),
    )

    id: int = Field(default=None, primary_key=True)
    subscriber_id: int = Field(foreign_key="subscriber.id", index=True)
    name: str
    phone: str = Field(description="E.164; codes for the entry go there")
    rights: str = Field(description="events pay requests, separated by a space")
    until: date = Field(description="the last Moscow day")
    given_at: datetime = Field(sa_type=Instant)
    taken_at: datetime | None = Field(default=None, sa_type=Instant)
    rights_notice: int = Field(
        default=0, description="1: their first page still says that rights became narrower"
    )


def list_representatives(db: Session, subscriber_id: int) -> list[Representative]:
    """Return everyone who was ever granted rights, the current ones first."""
    return list(
        db.exec(
            select(Representative)
            .where(Representative.subscriber_id == subscriber_id)
            .order_by(col(Representative.taken_at).is_not(None), col(Representative.id).desc())
        )
    )


def find_owned(db: Session, subscriber_id: int, representative_id: int) -> Representative | None:
    mine = select(Representative).where(Representative.id == representative_id)
    return db.exec(mine.where(Representative.subscriber_id == subscriber_id)).first()


class OwnedFile(Protocol):
    """The attributes of a file that decide who may open it."""

    personal: int
    at: datetime


def may_open(db: Session, who: Person, file: OwnedFile) -> bool:
    """Identity documents are for the owner only, and so is what was sent before the right was granted."""
    if who.rights is None:
        return True
    since = db.exec(select(Representative.given_at).where(Representative.id == who.representative_id)).first()
    return not file.personal and since is not None and file.at >= since


def find_active(db: Session, number: int, phone: str, today: date) -> tuple[Representative, Contract] | None:
    """Return the representative with this phone and the contract of this number, if the rights are valid
    today.
    """
    return db.exec(
        select(Representative, Contract)
        .join(Contract, col(Contract.subscriber_id) == Representative.subscriber_id)
        .where(
            Contract.number == number,
            Representative.phone == phone,
            col(Representative.taken_at).is_(None),
            Representative.until >= today,
        )
    ).first()


def is_granted(db: Session, subscriber_id: int, plan: RepresentativePlan) -> bool:
    """Return whether exactly these rights are in force already."""
    wanted = (plan.name, plan.phone, " ".join(plan.rights), plan.until)
    held = (one for one in list_representatives(db, subscriber_id) if one.taken_at is None)
    return any((one.name, one.phone, one.rights, one.until) == wanted for one in held)


def grant(db: Session, subscriber_id: int, plan: RepresentativePlan, now: datetime) -> Representative:
    """Grant rights; they replace those the phone had. Inside `writing`."""
    for row in list_representatives(db, subscriber_id):
        if row.phone == plan.phone and row.taken_at is None:
            revoke(db, row, now)
    db.flush()
    row = Representative(
        subscriber_id=subscriber_id,
        name=plan.name,
        phone=plan.phone,
        rights=" ".join(plan.rights),
        until=plan.until,
        given_at=now,
    )
    db.add(row)
    db.flush()
    return row


_notice = select(Representative.rights).where(
    col(Representative.id) == bindparam("representative"), col(Representative.rights_notice) == 1
)


def unread_rights_notice(db: Connection, representative_id: int) -> str | None:
    """Return the rights of a representative not yet told that they became narrower; None when there is
    nothing to tell.
    """
    row = db.execute(_notice, {"representative": representative_id}).first()
    return row[0] if row else None


def mark_rights_notice_read(db: Session, who: Person) -> None:
    """Mark the notice as read by this person, the owner or a representative. Inside `writing`."""
    row = (
        db.get(Representative, who.representative_id)
        if who.representative_id
        else subscribers.get_subscriber(db, who.id)
    )
    if row:
        row.rights_notice = 0
        db.add(row)


def revoke(db: Session, row: Representative, now: datetime) -> None:
    """Revoke the rights: sessions check this row, so their next request is refused. Inside `writing`."""
    row.taken_at = now
    db.add(row)
