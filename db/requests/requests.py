"""Requests, their steps and messages.

A subscriber's request is always fetched through its owner; staff fetch by number alone. Every change of state
is made by db/requests/decisions.py and has its own row.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, Index, Session, SQLModel, col, func, select, text

from db import Instant
from db.journal import Person
from rules import Refused
from rules.requests import request_messages
from rules.requests.kinds import KINDS
from rules.requests.requests import OPEN

FIRST_NUMBER = 100_001
_open = "state IN ('new', 'work', 'needs_info', 'approved')"


class Request(SQLModel, table=True):
    """`payload` is the plan's facts (rules/requests/plans.py): ASCII keys, days as ISO text, money as
    kopecks.
    """

    __table_args__ = (
        # At most one open request with the same content, also when two tabs send at once.
        Index(
            "uq_request_same_open",
            "contract_id",
            "fingerprint",
            unique=True,
            sqlite_where=text(_open),
            postgresql_where=text(_open),
        ),
        Index(
            "ix_request_due",
            "effective_day",
            sqlite_where=text("state = 'approved'"),
            postgresql_where=text("state = 'approved'"),
        ),
        # For the first page's list of a contract's scheduled requests; without it the planner scans all
        # contracts by day.
        Index("ix_request_waits", "contract_id", "state", "effective_day", "number"),
        Index(
            "ix_request_unread",
            "contract_id",
            sqlite_where=text("unread = 1"),
            postgresql_where=text("unread = 1"),
        ),
        Index("ix_request_state_answer_by", "state", "answer_by"),
    )

    id: int = Field(default=None, primary_key=True)
    number: int = Field(unique=True, description="what people call it: № 100 001")
    contract_id: int = Field(foreign_key="contract.id", index=True)
    subscriber_id: int = Field(foreign_key="subscriber.id", index=True)
    kind: str = Field(description="sms_on, suspend, refund… (rules/requests/kinds.py)")
    state: str = Field(
        default="new", description="new, work, needs_info, approved, done, refused or withdrawn"
    )
    payload: dict[str, Any] = Field(sa_type=JSON, default_factory=dict)
    fingerprint: str = Field(description="equal for what says the same")
    effective_day: date | None = Field(default=None, description="the Moscow day it takes effect at 00:00")
    early: int = Field(default=0, description="1: asked for earlier than the notice allows")
    override: str | None = Field(default=None, description="why staff allowed another day than the rule")
    acceptance_id: int | None = Field(default=None, foreign_key="acceptance.id")

    sent_at: datetime = Field(sa_type=Instant)
    answer_by: datetime = Field(
        sa_type=Instant, description="an answer is owed by then: to the request, or to the last reply"
    )
    answered_at: datetime | None = Field(
        default=None, sa_type=Instant, description="staff's answer or decision; None: owed"
    )
    decided_at: datetime | None = Field(default=None, sa_type=Instant)
    carried_at: datetime | None = Field(
        default=None, sa_type=Instant, description="its effect is in the services"
    )
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    moved_at: datetime = Field(sa_type=Instant, description="the last step or message")
    assignee_id: int | None = Field(default=None, foreign_key="staff.id", index=True)
    unread: int = Field(default=0, description="1: something the subscriber has not opened yet")
    version: int = Field(
        default=1, description="grows with each step and message; a decision names the one it was made on"
    )


class RequestStep(SQLModel, table=True):
    """One line of the timeline; an `internal` one is shown to staff only."""

    __tablename__ = "request_step"

    id: int = Field(default=None, primary_key=True)
    request_id: int = Field(foreign_key="request.id", index=True)
    at: datetime = Field(sa_type=Instant)
    actor: str = Field(description="subscriber:7, staff:2, system:rule, system:jobs")
    name: str = Field(default="", description="who that was, as shown")
    verb: str
    state: str = Field(description="the state it led to")
    words: str = Field(default="", description="the reason or the question, as the subscriber reads it")
    internal: int = 0


class RequestMessage(SQLModel, table=True):
    """One message of the dialogue; its files are in db/requests/attachments.py."""

    __tablename__ = "request_message"

    id: int = Field(default=None, primary_key=True)
    request_id: int = Field(foreign_key="request.id", index=True)
    at: datetime = Field(sa_type=Instant)
    actor: str
    name: str = ""
    text: str
    internal: int = Field(default=0, description="1: a note among staff")


class DuplicateRequest(Refused):
    """An open request has the same content; `number` is its number."""

    def __init__(self, number: int) -> None:
        super().__init__(form=request_messages.same_open_message(number))
        self.number = number


def actor(who: Person | str) -> tuple[str, str]:
    """Return (actor, name) in the form in which steps and messages store them."""
    if isinstance(who, str):
        return who, request_messages.SYSTEM_NAME
    return who.actor, who.name


def is_acting(actor: str) -> bool:
    """Return whether this actor of a step or message is a representative of the owner."""
    return actor.startswith("subscriber:") and "/" in actor


def next_number(db: Session) -> int:
    """Return the next number: the largest plus one. Call inside `writing`, where there is only one writer."""
    return (db.exec(select(func.max(Request.number))).one() or FIRST_NUMBER - 1) + 1


def list_requests(
    db: Session, contract_id: int, limit: int = 50, before: int | None = None, owner: int | None = None
) -> list[Request]:
    """Return the contract's requests, newest first. `before` is the last number of the previous page, `owner`
    the subscriber they were sent for.
    """
    query = select(Request).where(Request.contract_id == contract_id)
    if owner is not None:
        query = query.where(Request.subscriber_id == owner)
    if before:
        query = query.where(Request.number < before)
    return list(db.exec(query.order_by(col(Request.number).desc()).limit(limit)))


def find_owned(db: Session, who: Person, number: int) -> Request | None:
    """Return the request if it belongs to a contract of this subscriber, else None. A representative sees one
    contract's requests only.
    """
    query = select(Request).where(Request.number == number, Request.subscriber_id == who.id)
    if who.rights is not None:
        query = query.where(Request.contract_id == who.contract_id)
    return db.exec(query).first()


def find_by_number(db: Session, number: int) -> Request | None:
    """Return the request of any subscriber; for staff."""
    return db.exec(select(Request).where(Request.number == number)).first()


def open_requests(db: Session, contract_id: int, *kinds: str) -> list[Request]:
    """Return the open requests of these kinds (of all kinds when none are given), by effective day."""
    query = select(Request).where(Request.contract_id == contract_id, col(Request.state).in_(OPEN))
    if kinds:
        query = query.where(col(Request.kind).in_(kinds))
    return list(db.exec(query.order_by(col(Request.effective_day), col(Request.number))))


def scheduled_requests(db: Session, contract_id: int) -> list[Request]:
    """Return the approved requests that wait for their effective day, the earliest first."""
    return [one for one in open_requests(db, contract_id) if one.state == "approved" and one.effective_day]


def find_same_open(db: Session, contract_id: int, fingerprint: str) -> Request | None:
    return db.exec(
        select(Request).where(
            Request.contract_id == contract_id,
            Request.fingerprint == fingerprint,
            col(Request.state).in_(OPEN),
        )
    ).first()


def steps(db: Session, request: Request, *, internal: bool = False) -> list[RequestStep]:
    """Return the timeline, oldest first; steps for staff only when `internal`."""
    query = select(RequestStep).where(RequestStep.request_id == request.id)
    if not internal:
        query = query.where(RequestStep.internal == 0)
    return list(db.exec(query.order_by(col(RequestStep.id))))


def sender(db: Session, request: Request) -> str:
    """Return the actor who sent the request: the owner or a representative."""
    sent = select(RequestStep.actor).where(RequestStep.request_id == request.id, RequestStep.verb == "send")
    return db.exec(sent.order_by(col(RequestStep.id)).limit(1)).first() or ""


def messages(db: Session, request: Request, *, internal: bool = False) -> list[RequestMessage]:
    """Return the dialogue, oldest first; staff's notes only when `internal`."""
    query = select(RequestMessage).where(RequestMessage.request_id == request.id)
    if not internal:
        query = query.where(RequestMessage.internal == 0)
    return list(db.exec(query.order_by(col(RequestMessage.id))))


def held_amount(db: Session, contract_id: int, *, but: int | None = None) -> int:
    """Return the kopecks that the contract's open refunds and transfers hold, so that they are not free. The
    request with the id `but` is not counted.
    """
    kinds = (name for name, spec in KINDS.items() if spec.holds_money)
    found = open_requests(db, contract_id, *kinds)
    return sum(int(one.payload.get("amount", 0)) for one in found if one.id != but)
