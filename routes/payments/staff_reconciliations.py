"""The daily reconciliation with the bank, and the discrepancies an accountant closes."""

from datetime import datetime, timedelta
from typing import Any

from litestar import Response
from litestar.params import FromPath
from sqlmodel import Session

from db import journal, writing
from db.payments import discrepancies, reconciliations
from rules import Refused, days, periods
from rules.payments import discrepancies as rules
from rules.payments.payments import ACCOUNTANT_STATES
from rules.payments.reconciliations import KINDS
from web import Db, Now, Request, Typed, Who, get, parse_id, post, redirect
from web.staff_pages import Look, page, roles_with


@get("/staff/reconciliations", staff=roles_with("correct"))
def show(request: Request, db: Db, now: Now) -> Response:
    return _page(request, db, now)


def _page(request: Request, db: Session, now: datetime, **answer: Any) -> Response:
    open_rows = [
        (one, discrepancies.find_payment(db, one), discrepancies.allowed_outcomes(db, one))
        for one in discrepancies.open_discrepancies(db)
    ]
    look = Look(
        "reconciliations.look", contracts=[payment.contract_id for _, payment, _ in open_rows if payment]
    )
    return page(
        request,
        "payments/staff_reconciliations/show.html",
        look,
        rows=reconciliations.latest_reconciliations(db),
        discrepancies=open_rows,
        words=rules.KINDS,
        kinds=KINDS,
        states=ACCOUNTANT_STATES,
        yesterday=days.today(now) - timedelta(days=1),
        **answer,
    )


@post("/staff/reconciliations", staff=roles_with("correct"))
def create(request: Request, db: Db, now: Now, who: Who, typed: Typed) -> Response:
    try:
        day = periods.typed_day(typed.get("day", ""), "day")
        if day is None or day > days.today(now):
            raise Refused(day="Укажите день, который уже наступил.")
    except Refused as refused:
        return _page(request, db, now, refused=refused, typed=typed)
    with writing(db):
        reconciliations.request(db, day, now)
        journal.note(db, who, "reconciliations.ask", now, day=day)
    return redirect(
        "/staff/reconciliations", f"Сверяем {days.day_words(day)}: ответ банка появится здесь через минуту."
    )


@post(
    "/staff/discrepancies/{discrepancy_id:str}",
    staff=roles_with("correct"),
    opt={"page": "/staff/reconciliations"},
)
def close_discrepancy(
    request: Request, db: Db, now: Now, who: Who, typed: Typed, discrepancy_id: FromPath[str]
) -> Response:
    """Close a discrepancy with the accountant's outcome, which also ends the payment."""
    id = parse_id(discrepancy_id)
    try:
        with writing(db):
            one = discrepancies.open_discrepancy(db, id)
            closing = rules.read_closing(typed, discrepancies.allowed_outcomes(db, one))
            discrepancies.close(db, one, closing, who, now, request.app.state.settings.vat_rates)
    except Refused as refused:
        return _page(request, db, now, refused=refused, typed=typed | {"odd": str(id)})
    return redirect("/staff/reconciliations", "Расхождение закрыто.")


routes = [show, create, close_discrepancy]
