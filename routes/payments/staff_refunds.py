"""Refunds approved and not paid: recorded as a transfer, or refunded by the bank to the card."""

from typing import Any

from litestar import Response
from litestar.params import FromPath
from sqlmodel import Session

from db import writing
from db.payments import refunds
from db.requests import requests
from rules import Refused
from web import Db, Now, Request, Typed, Who, get, not_found, parse_id, post, redirect
from web.staff_pages import Look, page, roles_with


@get("/staff/refunds", staff=roles_with("correct"), sync_to_thread=True)
def show(request: Request, db: Db) -> Response:
    return _page(request, db)


def _page(request: Request, db: Session, **answer: Any) -> Response:
    waiting = [
        (row, number, tried, refunds.refundable_payments(db, row))
        for row, number, tried in refunds.unpaid_refunds(db)
    ]
    paid = refunds.paid_refunds(db)
    listed = [request for request, *_ in waiting] + [request for _, request, _ in paid]
    look = Look(
        "refunds.look",
        people=[one.subscriber_id for one in listed],
        contracts=[one.contract_id for one in listed],
    )
    return page(request, "payments/staff_refunds/show.html", look, waiting=waiting, paid=paid, **answer)


@post("/staff/refunds/{number:str}", staff=roles_with("correct"))
def pay(request: Request, db: Db, now: Now, who: Who, typed: Typed, number: FromPath[str]) -> Response:
    """Record a transfer by its payment order `document`, or have the bank refund the payment `payment`."""
    row = requests.find_by_number(db, parse_id(number)) or not_found()
    try:
        with writing(db):
            db.refresh(row)
            if chosen := typed.get("payment", ""):
                refunds.request_from_bank(db, row, chosen, who, now)
            else:
                refunds.record_transfer(
                    db, row, typed.get("document", ""), who, now, request.app.state.settings.vat_rates
                )
    except Refused as refused:
        return _page(request, db, refused=refused, typed=typed | {"number": str(row.number)})
    return redirect("/staff/refunds", "Банк возвращает деньги на карту." if chosen else "Выплата записана.")


routes = [show, pay]
