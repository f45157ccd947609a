"""Paying ОВО (manual §3.1): templates saved, changed and removed; later only the amount is typed."""

from typing import Any

from litestar import Response
from litestar.params import FromPath
from sqlmodel import Session

from db import journal, submissions, writing
from db.journal import Person
from db.payments import banking, payment_templates, payments
from db.payments.payment_templates import PaymentTemplate
from db.people import subscribers
from db.submissions import DuplicateSubmission
from gateways.banks import configured_bank, is_available
from routes.payments.bank_page import redirect_to_bank
from rules import Problems, Refused, days
from rules.amounts import kopecks
from rules.payments import payment_qr
from rules.payments import payment_templates as rules
from rules.payments.payments import METHODS, NO_BANK, PaymentPlan, plan
from web import PRIVATE, Db, Now, Request, Typed, Who, get, not_found, page, parse_id, post, redirect
from web.confirmations import confirm_page

OWNER_ONLY = "Шаблоны сохраняет только сам абонент. Оплатить можно и без шаблона: оставьте это поле пустым."
FULL = f"Шаблонов уже {payment_templates.MAX_TEMPLATES}. Удалите ненужный, потом сохраните новый."


@get("/payments/police")
def new(request: Request, db: Db, who: Who, now: Now) -> Response:
    owner = subscribers.get_subscriber(db, who.id)
    return _new(request, db, who, now, typed={"payer": owner.name, "purpose": "Охрана объекта"})


def _new(request: Request, db: Session, who: Person, now: Now, **answer: Any) -> Response:
    return page(
        request,
        "payments/payment_templates/new.html",
        branches=list(rules.branches().items()),
        methods=list(METHODS.items()),
        bank=is_available(request.app.state.settings),
        **answer,
    )


@post("/payments/police")
def pay_new(request: Request, db: Db, who: Who, now: Now, typed: Typed) -> Response:
    """Pay, save a template, or both at once."""
    try:
        if who.rights is not None and (typed.get("only_save") or typed.get("name")):
            raise Refused(name=OWNER_ONLY)
        place = _save_and_pay(db, who, now, typed, *_read_form(request, db, who, now, typed))
    except (Refused, DuplicateSubmission) as refused:
        return _new(request, db, who, now, typed=typed, refused=refused)
    return (
        _send_to_bank(request, db, now, place)
        if place.startswith("/payments/")
        else redirect(place, "Шаблон сохранён.")
    )


def _read_form(
    request: Request, db: Session, who: Person, now: Now, typed: dict[str, str]
) -> tuple[str | None, rules.TemplateFields, PaymentPlan | None]:
    """Read the name, the fields and the payment; each is None if it is not wanted.

    Refused names every wrong field at once.
    """
    problems = Problems()
    only_save = bool(typed.get("only_save"))
    named = only_save or typed.get("name", "")
    fields = problems.read(rules.read_fields, typed, subscribers.get_subscriber(db, who.id).name)
    name = problems.read(rules.read_name, typed.get("name", "")) if named else None
    wanted = None if only_save else problems.read(_read_payment, request, now, typed)
    if problems or fields is None:
        raise Refused(**problems)
    return name, fields, wanted


def _read_payment(request: Request, now: Now, typed: dict[str, str]) -> PaymentPlan:
    settings = request.app.state.settings
    if not is_available(settings):
        raise Refused(form=NO_BANK)
    return plan(typed, payee="police", least=settings.payment_least, most=settings.payment_most)


def _save_and_pay(
    db: Session,
    who: Person,
    now: Now,
    typed: dict[str, str],
    name: str | None,
    fields: rules.TemplateFields,
    wanted: PaymentPlan | None,
) -> str:
    """Save the template if it has a name and the payment if there is one, in one transaction.

    Returns where to redirect.
    """
    with writing(db):
        meaning = (name, fields, wanted)
        if place := submissions.previous_answer(db, who, "police", typed, now, meaning=meaning):
            return place
        template = _add_template(db, who, now, name, fields) if name else None
        place = f"/templates/{template.id}" if template else "/payments/new"
        if wanted:
            place = _add_payment(db, who, now, wanted, fields, template)
        submissions.add(db, who, "police", typed, place, now, meaning=meaning)
        return place


def _add_payment(
    db: Session,
    who: Person,
    now: Now,
    wanted: PaymentPlan,
    fields: rules.TemplateFields,
    template: PaymentTemplate | None,
) -> str:
    row = payments.add(
        db,
        who.contract_id,
        wanted,
        rules.purpose_text(fields, rules.BANK_PURPOSE),
        now,
        fields=fields.as_facts(),
        template_id=template.id if template else None,
    )
    payments.note_start(db, who, row, now)
    if template:
        payment_templates.remember_amount(db, template, wanted.amount)
    return f"/payments/{row.id}"


def _add_template(
    db: Session, who: Person, now: Now, name: str, fields: rules.TemplateFields
) -> PaymentTemplate:
    if len(payment_templates.contract_templates(db, who.contract_id)) >= payment_templates.MAX_TEMPLATES:
        raise Refused(name=FULL)
    row = payment_templates.add(db, who.contract_id, name, fields, now)
    journal.note(db, who, "payment_templates.add", now, kept=row.id)
    return row


def _send_to_bank(request: Request, db: Session, now: Now, place: str) -> Response:
    settings = request.app.state.settings
    row = banking.send_payment(
        db, configured_bank(settings, now) or not_found(), int(place.rpartition("/")[2]), now, settings
    )
    return redirect_to_bank(row)


@get("/templates/{number:str}")
def show(request: Request, db: Db, who: Who, now: Now, number: FromPath[str]) -> Response:
    return _show(request, _owned_template(db, who, number), now)


def _show(request: Request, row: PaymentTemplate, now: Now, **answer: Any) -> Response:
    return page(
        request,
        "payments/payment_templates/show.html",
        saved=row,
        methods=list(METHODS.items()),
        branch=rules.branches().get(row.branch, row.branch),
        period=rules.offered_period(row.first, row.last, days.today(now)),
        bank=is_available(request.app.state.settings),
        **answer,
    )


def _owned_template(db: Session, who: Person, number: str) -> PaymentTemplate:
    return payment_templates.owned_template(db, who.contract_id, parse_id(number)) or not_found()


@post("/templates/{number:str}")
def pay(request: Request, db: Db, who: Who, now: Now, typed: Typed, number: FromPath[str]) -> Response:
    """Pay by a template: only the amount and the period are typed."""
    row = _owned_template(db, who, number)
    try:
        wanted, fields = _read_amount_and_period(request, now, typed, row)
        with writing(db):
            place = submissions.previous_answer(
                db, who, f"template:{row.id}", typed, now, meaning=(wanted, fields)
            )
            if place is None:
                place = _add_payment(db, who, now, wanted, fields, row)
                submissions.add(db, who, f"template:{row.id}", typed, place, now, meaning=(wanted, fields))
    except (Refused, DuplicateSubmission) as refused:
        return _show(request, row, now, typed=typed, refused=refused)
    return _send_to_bank(request, db, now, place)


def _read_amount_and_period(
    request: Request, now: Now, typed: dict[str, str], row: PaymentTemplate
) -> tuple[PaymentPlan, rules.TemplateFields]:
    """Read both; Refused names every wrong field of either."""
    problems = Problems()
    wanted = problems.read(_read_payment, request, now, typed)
    fields = problems.read(rules.for_period, row.as_fields, typed, days.today(now))
    return problems.require(wanted), problems.require(fields)


@get("/templates/{number:str}/edit")
def edit(request: Request, db: Db, who: Who, number: FromPath[str]) -> Response:
    row = _owned_template(db, who, number)
    return _edit(request, row, typed=row.as_fields.as_facts() | {"name": row.name})


def _edit(request: Request, row: PaymentTemplate, **answer: Any) -> Response:
    return page(
        request,
        "payments/payment_templates/edit.html",
        saved=row,
        branches=list(rules.branches().items()),
        **answer,
    )


@post("/templates/{number:str}/edit")
def change(request: Request, db: Db, who: Who, now: Now, typed: Typed, number: FromPath[str]) -> Response:
    row = _owned_template(db, who, number)
    try:
        problems = Problems()
        fields = problems.read(rules.read_fields, typed, row.payer)
        name = problems.read(rules.read_name, typed.get("name", ""))
        problems.check()
    except Refused as refused:
        return _edit(request, row, typed=typed, refused=refused)
    with writing(db):
        payment_templates.change(db, _owned_template(db, who, number), name, fields, now)
        journal.note(db, who, "payment_templates.change", now, kept=row.id)
    return redirect(f"/templates/{row.id}", "Шаблон изменён.")


@get("/templates/{number:str}/delete")
def confirm_deletion(request: Request, db: Db, who: Who, number: FromPath[str]) -> Response:
    row = _owned_template(db, who, number)
    return confirm_page(
        request,
        f"Удалить шаблон «{row.name}»",
        "Плательщика, договор с ОВО и адрес придётся вводить заново. Платежи по шаблону останутся в выписке.",
        "Удалить шаблон",
        f"/templates/{row.id}",
    )


@post("/templates/{number:str}/delete")
def delete(db: Db, who: Who, now: Now, number: FromPath[str]) -> Response:
    with writing(db):
        row = _owned_template(db, who, number)
        payment_templates.remove(db, row)
        submissions.forget_place(db, f"/templates/{row.id}")
        journal.note(db, who, "payment_templates.delete", now, kept=row.id)
    return redirect("/payments/new", "Шаблон удалён.")


@get("/templates/{number:str}/code.svg")
def show_qr_code(request: Request, db: Db, who: Who, now: Now, number: FromPath[str]) -> Response[bytes]:
    """Return the same payment, for the offered period, as a QR code for a bank's app."""
    row = _owned_template(db, who, number)
    try:
        amount = kopecks(request.query_params.get("amount", ""))
    except Refused:
        amount = None
    drawn = payment_qr.draw_svg(
        payment_qr.code_text(
            payment_qr.PayeeAccount(**request.app.state.settings.police_requisites),
            rules.purpose_text(rules.for_period(row.as_fields, {}, days.today(now)), rules.CODE_PURPOSE),
            amount,
            LastName=row.payer,
            PayerAddress=row.address,
            PersAcc=row.account,
            Contract=row.account,
        )
    )
    return Response(drawn, media_type="image/svg+xml", headers=PRIVATE)


routes = [new, pay_new, show, pay, edit, change, confirm_deletion, delete, show_qr_code]
