"""The desk's queue of requests. Lines are read as columns, because staff poll the queue all day."""

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
# More undecided requests than this call for more staff, not for a longer list.
MOST = 5000


@dataclass(frozen=True)
class QueueLine:
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
class QueueFilter:
    """A filter of the queue. `whose`: "" all, "mine", "nobody"; `me` is the id of the signed-in employee."""

    state: str = OURS
    kind: str = ""
    whose: str = ""
    late: bool = False
    me: int = 0


def undecided_lines(db: Session) -> list[QueueLine]:
    """All requests that wait for a decision, by deadline, then by number."""
    rows = db.connection().execute(_query().where(col(Request.state).in_(UNDECIDED)).limit(MOST))
    return sorted(map(_line, rows), key=sort_key)


def sort_key(line: QueueLine) -> tuple[float, int]:
    """Return the sort key of the queue, which is also the cursor of pagination."""
    return (line.due.timestamp() if line.due else float("inf")), line.number


def filter_lines(lines: Sequence[QueueLine], wanted: QueueFilter, now: datetime) -> list[QueueLine]:
    """The undecided lines that pass the filter."""
    return [
        line
        for line in lines
        if line.state in STATES[wanted.state]
        and wanted.kind in ("", line.kind)
        and (wanted.whose != "mine" or line.assignee_id == wanted.me)
        and (wanted.whose != "nobody" or line.assignee_id is None)
        and (not wanted.late or rule.is_overdue(line.due, now))
    ]


def count_lines(lines: Sequence[QueueLine], me: int, now: datetime) -> dict[str, int]:
    """Return how many lines wait for us and for subscribers, are late, mine and unassigned; and the newest
    number.
    """
    ours = [line for line in lines if line.state in STATES[OURS]]
    return {
        OURS: len(ours),
        THEIRS: sum(line.state in STATES[THEIRS] for line in lines),
        "late": sum(rule.is_overdue(line.due, now) for line in ours),
        "mine": sum(line.assignee_id == me for line in ours),
        "nobody": sum(line.assignee_id is None for line in ours),
        "newest": max((line.number for line in lines), default=0),
    }


def decided_lines(
    db: Session, wanted: QueueFilter, before: int | None = None, limit: int = PAGE
) -> list[QueueLine]:
    """Approved or closed requests, the latest first; `before` is the last number of the previous page."""
    query = _query().where(col(Request.state).in_(STATES[wanted.state]))
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


def staff_name(db: Session, staff_id: int | None) -> str | None:
    return db.exec(select(Staff.name).where(Staff.id == staff_id)).first() if staff_id else None


def _query() -> Any:
    return (
        select(*FIELDS)
        .join(Contract, col(Contract.id) == Request.contract_id)
        .join(  # type: ignore[call-overload]
            Subscriber, col(Subscriber.id) == Request.subscriber_id
        )
    )


def _line(row: Any) -> QueueLine:
    due = rule.due_at(rule.PendingWork(row.state, row.answer_by, row.answered_at, row.effective_day))
    return QueueLine(
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
