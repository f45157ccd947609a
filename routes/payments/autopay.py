"""«Автоплатёж» (manual §3.2): accept the rules, bind a card by a first payment, turn off in one step."""

from typing import Any

from litestar import Response
from sqlmodel import Session

from db import submissions, writing
from db.access import acceptances
from db.journal import Person
from db.money import accruals
from db.payments import autopay, autopay_charges, banking, payments
from db.people import subscribers
from db.submissions import DuplicateSubmission
from gateways.banks import configured_bank, is_available
from routes.access.confirmations import require_confirmation
from routes.payments.bank_page import redirect_to_bank
from rules import Problems, Refused, accepted_texts
from rules.amounts import format_entered, kopecks
from rules.payments import autopay as rules
from rules.payments.payments import NO_BANK, PaymentPlan, choose_contact, read_contact, suggested_amount
from rules.people.contracts import format_number as number_words
from settings import Settings
from web import Db, Now, Request, Typed, Who, client_address, get, not_found, page, post, redirect

ALREADY_OFF = "Автоплатёж уже выключен. Чтобы платить им снова, подключите его заново."
MUST_AGREE = "Прочитайте правила автоплатежа и отметьте, что согласны с ними."


@get("/autopay")
def show(request: Request, db: Db, who: Who, now: Now) -> Response:
    return page(
        request,
        "payments/autopay/show.html",
        current=autopay.active_autopay(db, who.contract_id),
        coming=autopay_charges.next_charge(db, who.contract_id, now),
        history=autopay.autopay_history(db, who.contract_id),
        tries=autopay.latest_charges(db, who.contract_id),
        text=accepted_texts.current_text("autopay", request.app.state.settings),
    )


@get("/autopay/new")
def new(request: Request, db: Db, who: Who, now: Now) -> Response:
    """Show the form; binding a card requires a recent confirmation of the phone."""
    require_confirmation(request, who, now)
    return _new(request, db, who, now)


def _new(request: Request, db: Session, who: Person, now: Now, **answer: Any) -> Response:
    settings, money = request.app.state.settings, accruals.balance_details(db, who.contract_id, now)
    owner = subscribers.get_subscriber(db, who.id)
    to = choose_contact(payments.last_contact(db, who.contract_id), owner.email, owner.mobile)
    first = suggested_amount(money.balance, money.next_fee, settings.payment_least)
    return page(
        request,
        "payments/autopay/new.html",
        money=money,
        text=accepted_texts.current_text("autopay", settings),
        contact=to,
        first=first,
        cap=format_entered(rules.suggested_cap(first)),
        bank=is_available(settings),
        on=autopay.active_autopay(db, who.contract_id),
        **answer,
    )


@post("/autopay/new")
def turn_on(request: Request, db: Db, who: Who, now: Now, typed: Typed) -> Response:
    """Save the terms, the acceptance and the binding payment in one transaction, then call the bank."""
    require_confirmation(request, who, now)
    settings = request.app.state.settings
    try:
        terms, wanted = _read_form(settings, typed, is_available(settings))
        with writing(db):
            place = submissions.previous_answer(db, who, "autopay", typed, now, meaning=(terms, wanted))
            if place is None:
                place = _add_payment(request, db, who, now, terms, wanted)
                submissions.add(db, who, "autopay", typed, place, now, meaning=(terms, wanted))
    except (Refused, DuplicateSubmission) as refused:
        return _new(request, db, who, now, typed=typed, refused=refused)
    row = banking.send_payment(
        db, configured_bank(settings, now), int(place.rpartition("/")[2]), now, settings
    )
    return redirect_to_bank(row)


def _read_form(
    settings: Settings, typed: dict[str, str], bank: bool
) -> tuple[rules.AutopayTerms, PaymentPlan]:
    problems = Problems() if bank else Problems(form=NO_BANK)
    agreed = problems.read(_read_terms, settings, typed)
    least, most = settings.payment_least, settings.payment_most
    amount = problems.read(kopecks, typed.get("amount", ""), least=least, most=most)
    if problems or agreed is None or amount is None:
        raise Refused(**problems)
    terms, to = agreed
    return terms, PaymentPlan("operator", amount, "card", to, save_card=True)


def _add_payment(
    request: Request, db: Session, who: Person, now: Now, terms: rules.AutopayTerms, wanted: PaymentPlan
) -> str:
    if autopay.active_autopay(db, who.contract_id):
        raise Refused(form="Автоплатёж уже включён. Изменить условия можно на его странице.")
    contract_id = who.contract_id
    agreed = acceptances.accept(
        db, who.id, "autopay", now, client_address(request), contract_id, request.app.state.settings
    )
    purpose = f"Услуги связи и привязка карты, договор {number_words(int(who.contract_number or 0))}"
    row = payments.add(db, contract_id, wanted, purpose, now)
    autopay.add(db, contract_id, terms, wanted.contact, agreed.id, row.id, now)
    payments.note_start(db, who, row, now)
    return f"/payments/{row.id}"


@get("/autopay/edit")
def edit(request: Request, db: Db, who: Who, now: Now) -> Response:
    """Show the form of the terms; like turning on, it requires a recent confirmation of the phone."""
    require_confirmation(request, who, now)
    return _edit(request, db, who)


def _edit(request: Request, db: Session, who: Person, **answer: Any) -> Response:
    row = autopay.active_autopay(db, who.contract_id) or not_found()
    context: dict = {"typed": rules.form_values(row.terms) | {"contact": row.contact}} | answer
    return page(
        request,
        "payments/autopay/edit.html",
        row=row,
        text=accepted_texts.current_text("autopay", request.app.state.settings),
        **context,
    )


@post("/autopay/edit")
def change(request: Request, db: Db, who: Who, now: Now, typed: Typed) -> Response:
    require_confirmation(request, who, now)
    try:
        terms, to = _read_terms(request.app.state.settings, typed)
        with writing(db):
            row = autopay.active_autopay(db, who.contract_id)
            if row is None:
                raise Refused(form=ALREADY_OFF)
            if (row.terms, row.contact) != (terms, to):
                agreed = acceptances.accept(
                    db,
                    who.id,
                    "autopay",
                    now,
                    client_address(request),
                    who.contract_id,
                    request.app.state.settings,
                )
                autopay.change_terms(db, row, terms, to, agreed.id, who, now)
    except Refused as refused:
        if autopay.active_autopay(db, who.contract_id) is None:
            return redirect("/autopay", ALREADY_OFF)
        return _edit(request, db, who, typed=typed, refused=refused)
    return redirect("/autopay", "Условия автоплатежа сохранены.")


def _read_terms(settings: Settings, typed: dict[str, str]) -> tuple[rules.AutopayTerms, str]:
    """Read the terms and the receipt's contact and require that the rules are accepted.

    Refused names every wrong field at once.
    """
    problems = Problems()
    terms = problems.read(rules.read_terms, typed)
    to = problems.read(read_contact, typed.get("contact", "")) if settings.makes_receipts else ""
    if typed.get("agree") != "yes":
        problems["agree"] = MUST_AGREE
    if problems or terms is None or to is None:
        raise Refused(**problems)
    return terms, to


@post("/autopay/off")
def turn_off(db: Db, who: Who, now: Now) -> Response:
    """Turn autopay off at once, without questions: nothing is charged after a refusal (376-ФЗ)."""
    with writing(db):
        row = autopay.active_autopay(db, who.contract_id)
        if row:
            autopay.turn_off(db, row, "asked", who, now)
    return redirect("/autopay", "Автоплатёж выключен, карта отвязана." if row else "Автоплатёж уже выключен.")


routes = [show, new, turn_on, edit, change, turn_off]
