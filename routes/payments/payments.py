"""«Оплатить» (manual §3.1): choose payee and sum, go to the bank's page and back.

Nothing is paid until the bank's own status says so.
"""

from typing import Any

from litestar import Response
from litestar.params import FromPath
from sqlmodel import Session

from db import submissions, writing
from db.journal import Person
from db.money import accruals, fiscal_receipts
from db.payments import banking, discrepancies, payment_templates, payments
from db.people import contracts, subscribers
from db.submissions import DuplicateSubmission
from gateways.banks import configured_bank, is_available
from routes.payments.bank_page import LEAVING, bank_page_url, redirect_to_bank
from rules import Refused
from rules.amounts import kopecks
from rules.payments import payment_qr
from rules.payments.payments import METHODS, NO_BANK, choose_contact, plan, suggested_amount
from rules.people.contracts import format_number as number_words
from web import PRIVATE, Db, Now, Request, Typed, Who, get, not_found, page, parse_id, post, redirect

UNSAFE_PAGE = "Банк назвал адрес своей страницы, который мы не открываем. Позвоните нам, деньги не списаны."


@get("/payments/new")
def new(request: Request, db: Db, who: Who, now: Now) -> Response:
    templates = payment_templates.contract_templates(db, who.contract_id)
    balance = accruals.balance_details(db, who.contract_id, now).balance
    return page(
        request,
        "payments/payments/new.html",
        templates=templates,
        latest=payments.contract_payments(db, who.contract_id, 3),
        balance=balance,
    )


@get("/payments/operator")
def new_operator_payment(request: Request, db: Db, who: Who, now: Now) -> Response:
    return _operator_page(request, db, who, now)


def _operator_page(request: Request, db: Session, who: Person, now: Now, **answer: Any) -> Response:
    settings, money = request.app.state.settings, accruals.balance_details(db, who.contract_id, now)
    subscriber = subscribers.get_subscriber(db, who.id)
    offered = suggested_amount(money.balance, money.next_fee, settings.payment_least)
    to = choose_contact(payments.last_contact(db, who.contract_id), subscriber.email, subscriber.mobile)
    return page(
        request,
        "payments/payments/operator.html",
        money=money,
        offered=offered,
        contact=to,
        methods=list(METHODS.items()),
        bank=is_available(settings),
        least=settings.payment_least,
        most=settings.payment_most,
        **answer,
    )


@post("/payments/operator")
def pay(request: Request, db: Db, who: Who, now: Now, typed: Typed) -> Response:
    """Write the payment with its key, then call the bank, then redirect the person to the bank's page."""
    settings = request.app.state.settings
    bank = configured_bank(settings, now)
    try:
        if bank is None:
            raise Refused(form=NO_BANK)
        wanted = plan(
            typed,
            payee="operator",
            least=settings.payment_least,
            most=settings.payment_most,
            receipt=settings.makes_receipts,
        )
        with writing(db):
            place = submissions.previous_answer(db, who, "payments", typed, now, meaning=wanted)
            if place is None:
                purpose = f"Услуги связи, договор {number_words(int(who.contract_number or 0))}"
                row = payments.add(db, who.contract_id, wanted, purpose, now)
                place = f"/payments/{row.id}"
                submissions.add(db, who, "payments", typed, place, now, meaning=wanted)
                payments.note_start(db, who, row, now)
    except (Refused, DuplicateSubmission) as refused:
        return _operator_page(request, db, who, now, typed=typed, refused=refused)
    row = banking.send_payment(db, bank, int(place.rpartition("/")[2]), now, settings)
    return redirect_to_bank(row)


@get("/payments/{number:str}/go")
def continue_to_bank(request: Request, db: Db, who: Who, number: FromPath[str]) -> Response:
    """Show the link to the bank's page; right after the form was sent, the page follows it by itself."""
    row = payments.owned_payment(db, who.contract_id, parse_id(number)) or not_found()
    if place := bank_page_url(row, request.app.state.settings):
        return page(request, "payments/payments/go.html", payment=row, place=place, leaving=LEAVING)
    return redirect(f"/payments/{row.id}", "" if row.final or not row.page else UNSAFE_PAGE)


@get("/payments/{number:str}")
def show(request: Request, db: Db, who: Who, number: FromPath[str]) -> Response:
    """Show the payment. The person comes back here from the bank, and that alone proves nothing."""
    return page(request, "payments/payments/show.html", **_payment_context(db, who, number))


@get("/payments/{number:str}/state")
def poll_state(request: Request, db: Db, who: Who, number: FromPath[str]) -> Response:
    """Return the part of `show` that updates itself every few seconds until the bank has decided."""
    return page(request, "payments/payments/state.html", **_payment_context(db, who, number))


def _payment_context(db: Session, who: Person, number: str) -> dict[str, object]:
    row = payments.owned_payment(db, who.contract_id, parse_id(number)) or not_found()
    receipt = next(
        (
            one
            for one in fiscal_receipts.contract_receipts(db, row.contract_id)
            if one.source == f"payment:{row.id}"
        ),
        None,
    )
    return {
        "payment": row,
        "receipt": receipt,
        "has_discrepancy": discrepancies.has_open_discrepancy(db, row),
        "closing": discrepancies.closed_discrepancy(db, row),
    }


@post("/payments/{number:str}/bank")
def to_bank(request: Request, db: Db, who: Who, now: Now, number: FromPath[str]) -> Response:
    """Go on paying: the bank is called again with the same key, so it stays the same payment."""
    row = payments.owned_payment(db, who.contract_id, parse_id(number)) or not_found()
    bank = configured_bank(request.app.state.settings, now) or not_found()
    if row.method != "saved":
        row = banking.send_payment(db, bank, row.id, now, request.app.state.settings)
    return redirect_to_bank(row)


@post("/payments/{number:str}/check")
def check_status(request: Request, db: Db, who: Who, now: Now, number: FromPath[str]) -> Response:
    row = payments.owned_payment(db, who.contract_id, parse_id(number)) or not_found()
    bank = configured_bank(request.app.state.settings, now)
    if bank and row.state != "paid" and row.method != "saved":
        row = banking.refresh_status(db, bank, row.id, now, request.app.state.settings)
    return redirect(f"/payments/{row.id}", "" if row.final else "Банк пока не сказал, чем кончилась оплата.")


@get("/payments")
def index(request: Request, db: Db, who: Who) -> Response:
    before = request.query_params.get("before")
    rows = payments.contract_payments(db, who.contract_id, 31, parse_id(before) if before else None)
    older = f"/payments?before={rows[29].id}" if len(rows) > 30 else None
    made = {one.source: one for one in fiscal_receipts.contract_receipts(db, who.contract_id, 200)}
    return page(request, "payments/payments/index.html", payments=rows[:30], older=older, receipts=made)


@get("/payments/code.svg")
def show_qr_code(request: Request, db: Db, who: Who) -> Response[bytes]:
    """Return a QR code for paying the operator from a bank's app; the sum is optional."""
    try:
        amount = kopecks(request.query_params.get("amount", ""))
    except Refused:
        amount = None
    settings = request.app.state.settings
    number = str(who.contract_number)
    contract = contracts.find_owned(db, who.id, who.contract_id) or not_found()
    words = payment_qr.code_text(
        payment_qr.PayeeAccount(**settings.requisites),
        f"Услуги связи, договор {number_words(int(number))}",
        amount,
        PersAcc=number,
        Contract=number,
        PayerAddress=contract.address,
    )
    return Response(payment_qr.draw_svg(words), media_type="image/svg+xml", headers=PRIVATE)


routes = [
    new,
    new_operator_payment,
    pay,
    continue_to_bank,
    show,
    poll_state,
    to_bank,
    check_status,
    index,
    show_qr_code,
]
