"""Announcements of the operator (planned works, an outage): to everyone or to some contracts, between two
days.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, exists, or_
from sqlmodel import Field, Index, Session, SQLModel, col, func, insert, select

from db import Instant
from db.people import notification_preferences
from db.people.contracts import Contract, Site
from rules import days
from rules.people.announcements import AnnouncementPlan, concerns_contract

NUMBER = re.compile(r"\b(\d\d)\s?(\d{3})\s?(\d{3})\b")


class Notice(SQLModel, table=True):
    """Shown on Moscow days `first` to `last`, both included. `everyone` 0: only to the contracts listed."""

    __table_args__ = (Index("ix_notice_last", "last"),)

    id: int = Field(default=None, primary_key=True)
    title: str
    text: str
    first: date
    last: date
    everyone: int = 1
    whom: str = Field(default="", description="the filter in words, as the desk reads it")
    staff_id: int = Field(foreign_key="staff.id")
    at: datetime = Field(sa_type=Instant)
    withdrawn_at: datetime | None = Field(default=None, sa_type=Instant)


class NoticeContract(SQLModel, table=True):
    __tablename__ = "notice_contract"
    __table_args__ = {"sqlite_with_rowid": False}

    notice_id: int = Field(
        primary_key=True, foreign_key="notice.id", sa_column_kwargs={"autoincrement": False}
    )
    contract_id: int = Field(
        primary_key=True, foreign_key="contract.id", index=True, sa_column_kwargs={"autoincrement": False}
    )


class NoticeRead(SQLModel, table=True):
    """Who marked an announcement as read; it stays in the list of announcements."""

    __tablename__ = "notice_read"

    notice_id: int = Field(primary_key=True, foreign_key="notice.id")
    actor: str = Field(primary_key=True)
    at: datetime = Field(sa_type=Instant)


_to_this_contract = or_(
    col(Notice.everyone) == 1,
    exists().where(
        col(NoticeContract.notice_id) == col(Notice.id),
        col(NoticeContract.contract_id) == bindparam("contract"),
    ),
)
_read_at = (
    select(NoticeRead.at)
    .where(NoticeRead.notice_id == Notice.id, NoticeRead.actor == bindparam("actor"))
    .correlate(Notice)
    .scalar_subquery()
)
_current = (
    select(Notice.id, Notice.title, Notice.text, Notice.first, Notice.last)  # type: ignore[call-overload]
    .where(
        col(Notice.withdrawn_at).is_(None),
        col(Notice.first) <= bindparam("today"),
        col(Notice.last) >= bindparam("today"),
        _to_this_contract,
        _read_at.is_(None),
    )
    .order_by(col(Notice.id).desc())
)
_history = (
    select(
        Notice.id,
        Notice.title,
        Notice.text,
        Notice.first,
        Notice.last,
        Notice.everyone,
        Contract.owned_since,
        _read_at.label("read_at"),
    )  # type: ignore[call-overload]
    .join(Contract, col(Contract.id) == bindparam("contract"))
    .where(col(Notice.withdrawn_at).is_(None), col(Notice.first) <= bindparam("today"), _to_this_contract)
    .order_by(col(Notice.id).desc())
    .limit(50)
)


def current_announcements(db: Connection, contract_id: int, actor: str, today: date) -> Sequence[Any]:
    """Return announcements in force today for this contract that this person has not marked as read."""
    return db.execute(_current, {"contract": contract_id, "actor": actor, "today": today}).all()


def history(db: Connection, contract_id: int, actor: str, today: date) -> Sequence[Any]:
    """Return the announcements ever shown to this contract, newest first, with when this person marked them
    as read.

    One addressed to this contract that ended before the present owner took it over is left out.
    """
    found = db.execute(_history, {"contract": contract_id, "actor": actor, "today": today}).all()
    return [
        row
        for row in found
        if row.everyone or row.owned_since is None or row.last >= days.today(row.owned_since)
    ]


def mark_read(db: Session, notice_id: int, contract_id: int, actor: str, now: datetime) -> bool:
    """Mark it as read; False when there is no such announcement for this contract. Inside `writing`."""
    mine = select(Notice.id).where(
        Notice.id == notice_id, col(Notice.withdrawn_at).is_(None), _to_this_contract
    )
    if db.connection().execute(mine, {"contract": contract_id}).first() is None:
        return False
    if db.get(NoticeRead, (notice_id, actor)) is None:
        db.add(NoticeRead(notice_id=notice_id, actor=actor, at=now))
    return True


def find_recipients(db: Session, plan: AnnouncementPlan) -> list[tuple[int, int]]:
    """Return (contract, subscriber) ids the plan concerns; contracts that have ended are left out."""
    rows = db.exec(
        select(Contract.id, Contract.number, Contract.subscriber_id, Contract.address, Contract.ends_on)  # type: ignore[call-overload]
    ).all()
    places: dict[int, list[str]] = {}
    for contract_id, address in db.exec(select(Site.contract_id, Site.address)):
        places.setdefault(contract_id, []).append(address)
    live = [row for row in rows if row.ends_on is None or row.ends_on >= plan.first]  # type: ignore[attr-defined]
    return [
        (row.id, row.subscriber_id)  # type: ignore[attr-defined]
        for row in live
        if concerns_contract(plan, row.number, [row.address, *places.get(row.id, [])])  # type: ignore[attr-defined]
    ]


def add(
    db: Session, plan: AnnouncementPlan, staff_id: int, whom: list[tuple[int, int]], now: datetime
) -> Notice:
    """Save it and, if the plan says so, queue messages to those who chose to receive them. Inside
    `writing`.
    """
    row = Notice(
        title=plan.title,
        text=plan.text,
        first=plan.first,
        last=plan.last,
        everyone=int(plan.everyone),
        whom=plan.whom,
        staff_id=staff_id,
        at=now,
    )
    db.add(row)
    db.flush()
    if not plan.everyone:
        db.connection().execute(
            insert(NoticeContract),
            [{"notice_id": row.id, "contract_id": contract_id} for contract_id, _ in whom],
        )
    for subscriber_id in dict.fromkeys(subscriber_id for _, subscriber_id in whom) if plan.send else ():
        notification_preferences.notify(
            db, subscriber_id, "notice", f"{plan.title}. {plan.text}", now, subject=plan.title
        )
    return row


def latest_announcements(db: Session, limit: int = 100) -> Sequence[Any]:
    """Return (Notice, how many marked it as read) for staff, newest first."""
    read = select(func.count()).where(NoticeRead.notice_id == Notice.id).correlate(Notice).scalar_subquery()
    return db.exec(select(Notice, read).order_by(col(Notice.id).desc()).limit(limit)).all()


def find_contract_ids(db: Session, texts: Iterable[str]) -> list[int]:
    """Return ids of the contracts whose numbers occur in these texts."""
    numbers = {int("".join(found)) for text in texts for found in NUMBER.findall(text)}
    return [id_ for id_ in db.exec(select(Contract.id).where(col(Contract.number).in_(numbers))) if id_]


def withdraw(db: Session, notice_id: int, now: datetime) -> Notice | None:
    """Stop showing it; None when there is no such announcement in force. Inside `writing`."""
    row = db.get(Notice, notice_id)
    if row is None or row.withdrawn_at:
        return None
    row.withdrawn_at = now
    db.add(row)
    return row
