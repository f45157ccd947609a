"""For a subscriber who lost both the authenticator application and the password: an employee who saw the
passport starts the waiting day.
"""

from datetime import datetime
from typing import Any

from litestar import Response
from litestar.params import FromPath
from sqlmodel import Session

from db import writing
from db.access import second_factors
from db.desk import contract_summary
from rules import Refused, days
from rules.access.credentials import check_identity
from web import Db, Now, Request, Typed, Who, get, not_found, parse_id, post, redirect
from web.staff_pages import Look, page, roles_with

PLACE = "/staff/subscribers/{id:str}/application"


@get(PLACE, staff=roles_with("decide"))
def show(request: Request, db: Db, now: Now, id: FromPath[str]) -> Response:
    return _show(request, db, now, id)


def _show(request: Request, db: Session, now: datetime, id: str, **answer: Any) -> Response:
    card = contract_summary.load(db, parse_id(id), days.today(now)) or not_found()
    look = Look("second_factors.look", card.contract.id, card.subscriber.id)
    return page(
        request,
        "access/staff_second_factors/show.html",
        look,
        contract=card.contract,
        enrolled=bool(card.subscriber.has_totp),
        until=card.subscriber.app_off_at,
        **answer,
    )  # type: ignore[arg-type]


@post(PLACE, staff=roles_with("decide"))
def declare_lost(request: Request, db: Db, now: Now, who: Who, typed: Typed, id: FromPath[str]) -> Response:
    """Start the same one-day wait, with the same notification, as when the person asks: staff cannot shorten
    it.
    """
    card = contract_summary.load(db, parse_id(id), days.today(now)) or not_found()
    try:
        checked = check_identity(typed.get("identity", ""))
        if not card.subscriber.has_totp:
            raise Refused(form="Приложение уже отключено, делать ничего не нужно.")
    except Refused as refused:
        return _show(request, db, now, id, typed=typed, refused=refused)
    with writing(db):
        until = second_factors.declare_lost(
            db,
            request.app.state.settings,
            card.subscriber.id,
            card.contract.id,
            who,
            now,
            identity=checked,
        )
    place = f"/staff/subscribers/{card.contract.id}/application"
    return redirect(place, f"Приложение отключим {days.moment(until)}, абоненту сообщили.")


routes = [show, declare_lost]
