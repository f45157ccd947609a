"""Decisions of staff about a request: approve, refuse, assign."""

from datetime import date, datetime

from litestar import Response
from litestar.exceptions import PermissionDeniedException
from litestar.params import FromPath
from sqlmodel import Session

from db.access import staff
from db.journal import Person, note
from db.requests import decisions
from db.requests.requests import Request as Row
from routes.requests.staff_request_page import URL, run_action
from rules import Refused, amounts, days
from rules.access.staff import RIGHTS, may_decide
from rules.numbers import whole_number
from rules.requests import notice_period
from rules.requests.decisions import MISSING_REASON
from rules.requests.dialogues import require_words
from rules.requests.kinds import KINDS
from rules.requests.requests import STATE_WORDS
from web import Db, Now, Request, Typed, Who, office, post
from web.staff_pages import require_right, roles_with


@post(URL + "/approve", staff=roles_with("decide", "decide_money"))
def approve(request: Request, db: Db, now: Now, who: Who, typed: Typed, number: FromPath[str]) -> Response:
    def action(db: Session, row: Row) -> str:
        _may_decide(who, row)
        reason = typed.get("reason", "")
        day = days.parse(typed["day"], "day") if typed.get("day") else None
        if _overrides(row, day, now):
            require_right(who, "override")
            note(
                db,
                who,
                "desk.override",
                now,
                contract_id=row.contract_id,
                number=row.number,
                day=day,
                reason=reason,
            )
        amount = amounts.kopecks(typed.get("amount", "")) if KINDS[row.kind].staff_amount else None
        decisions.approve(
            db,
            row,
            who,
            now,
            day=day,
            reason=reason,
            words=typed.get("note", ""),
            amount=amount,
            office=office(request),
        )
        return f"№ {row.number}: {STATE_WORDS[row.state]}."

    return run_action(request, db, now, who, typed, number, action)


@post(URL + "/refuse", staff=roles_with("decide", "decide_money"))
def refuse(request: Request, db: Db, now: Now, who: Who, typed: Typed, number: FromPath[str]) -> Response:
    def action(db: Session, row: Row) -> str:
        _may_decide(who, row)
        require_words(typed.get("refusal", ""), MISSING_REASON, "refusal")
        decisions.refuse(db, row, who, now, typed["refusal"], office=office(request))
        return f"№ {row.number}: отказ отправлен абоненту."

    return run_action(request, db, now, who, typed, number, action)


@post(URL + "/assign", staff=roles_with("answer"))
def assign(request: Request, db: Db, now: Now, who: Who, typed: Typed, number: FromPath[str]) -> Response:
    def action(db: Session, row: Row) -> str:
        people = dict(staff.list_assignable(db, RIGHTS["answer"]))
        chosen = typed.get("assignee") or str(who.id)
        assignee = whole_number(chosen)
        if assignee not in people:
            raise Refused(assignee="Выберите, кто займётся заявкой.")
        decisions.assign(db, row, who, now, assignee)
        return f"№ {row.number}: занимается {people[assignee]}."

    return run_action(request, db, now, who, typed, number, action)


def _may_decide(who: Person, row: Row) -> None:
    if not may_decide(who.role, row.kind):
        raise PermissionDeniedException("role")


def _overrides(row: Row, day: date | None, now: datetime) -> bool:
    """Return whether the day is earlier than the notice period allowed when the request was sent."""
    chosen = day or row.effective_day
    return bool(chosen) and notice_period.is_early(KINDS[row.kind].notice, chosen, days.today(row.sent_at))


routes = [approve, refuse, assign]
