"""The desk's queue and the card beside a request. Lines are read as columns: a queue is looked at all day
long.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from db.access.staff import Staff
from db.people.contracts import Contract
from db.people.subscribers import Subscriber
from db.requests.requests import Request, RequestStep
from rules.desk import deadlines as rule
from rules.requests.requests import CLOSED, UNDECIDED

OURS, THEIRS, APPROVED, ENDED = "ours", "theirs", "approved", "ended"
STATES: dict[str, tuple[str, ...]] = {
    OURS: ("new", "work"),
    THEIRS: ("needs_info",),
    APPROVED: ("approved",),
    ENDED: CLOSED,
}
PAGE = 50
# More undecided than this and the desk needs people, not a longer list.
MOST = 5000


@dataclass(frozen=True)
class Line:
    """One request in the queue; `due` is by when the desk must act (rules/desk/deadlines.py)."""

    id: int
    number: int
    kind: str
    state: str
    sent_at: datetime
    moved_at: datetime
    effective_day: date | None
    early: int
    assignee_id: int | None
    contract: int
    subscriber: str
    subscriber_id: int
    due: datetime | None


FIELDS: tuple[Any, ...] = (
    Request.id,
    Request.number,
    Request.kind,
    Request.state,
    Request.sent_at,
    Request.moved_at,
    Request.effective_day,
    Request.early,
    Request.assignee_id,
    Request.answer_by,
    Request.answered_at,
    col(Contract.number).label("contract"),
    col(Subscriber.name).label("subscriber"),
    Request.subscriber_id,
)


@dataclass(frozen=True)
class Wanted:
    """What of the queue is looked at. `whose`: "" all, "mine", "nobody"; `me` is who looks."""

    state: str = OURS
    kind: str = ""
    whose: str = ""
    late: bool = False
    me: int = 0


def undecided(db: Session) -> list[Line]:
    """Everything that waits for a decision, what is due first, then as it came."""
    rows = db.connection().execute(_lines().where(col(Request.state).in_(UNDECIDED)).limit(MOST))
    return sorted(map(_line, rows), key=place)


def place(line: Line) -> tuple[float, int]:
    """Where a line stands in the queue; also the cursor of a page's end."""
    return (line.due.timestamp() if line.due else float("inf")), line.number


def chosen(lines: Sequence[Line], wanted: Wanted, now: datetime) -> list[Line]:
    """Those of the undecided that are asked for."""
    return [
        line
        for line in lines
        if line.state in STATES[wanted.state]
        and wanted.kind in ("", line.kind)
        and (wanted.whose != "mine" or line.assignee_id == wanted.me)
        and (wanted.whose != "nobody" or line.assignee_id is None)
        and (not wanted.late or rule.overdue(line.due, now))
    ]


def counts(lines: Sequence[Line], me: int, now: datetime) -> dict[str, int]:
    """What the desk has before it: how many wait for us, for them, are late, mine and nobody's."""
    ours = [line for line in lines if line.state in STATES[OURS]]
    return {
        OURS: len(ours),
        THEIRS: sum(line.state in STATES[THEIRS] for line in lines),
        "late": sum(rule.overdue(line.due, now) for line in ours),
        "mine": sum(line.assignee_id == me for line in ours),
        "nobody": sum(line.assignee_id is None for line in ours),
        "newest": max((line.number for line in lines), default=0),
    }


def decided(db: Session, wanted: Wanted, before: int | None = None, limit: int = PAGE) -> list[Line]:
    """Approved and ended ones, the latest number first; `before` is the last number of the page above."""
    query = _lines().where(col(Request.state).in_(STATES[wanted.state]))
    if wanted.kind:
        query = query.where(Request.kind == wanted.kind)
    if wanted.whose:
        query = query.where(Request.assignee_id == (wanted.me if wanted.whose == "mine" else None))
    if before:
        query = query.where(Request.number < before)
    return [
        _line(row) for row in db.connection().execute(query.order_by(col(Request.number).desc()).limit(limit))
    ]


def last_step(db: Session, request: Request) -> RequestStep | None:
    query = select(RequestStep).where(RequestStep.request_id == request.id)
    return db.exec(query.order_by(col(RequestStep.id).desc()).limit(1)).first()


def name_of(db: Session, staff_id: int | None) -> str | None:
    return db.exec(select(Staff.name).where(Staff.id == staff_id)).first() if staff_id else None


def _lines() -> Any:
    return (
        select(*FIELDS)
        .join(Contract, col(Contract.id) == Request.contract_id)
        .join(  # type: ignore[call-overload]
            Subscriber, col(Subscriber.id) == Request.subscriber_id
        )
    )


def _line(row: Any) -> Line:
    due = rule.due(rule.PendingWork(row.state, row.answer_by, row.answered_at, row.effective_day))
    return Line(
        row.id,
        row.number,
        row.kind,
        row.state,
        row.sent_at,
        row.moved_at,
        row.effective_day,
        row.early,
        row.assignee_id,
        row.contract,
        row.subscriber,
        row.subscriber_id,
        due,
    )
