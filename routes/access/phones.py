"""The sign-in phone: changed by codes to the old and the new number; a lost old number becomes a request to
staff (§3.5).
"""

from typing import Any

from litestar import Response
from pydantic import BaseModel, field_validator
from sqlmodel import Session

from db import journal, writing
from db.access import codes, credentials, rate_limits, sms_limits
from db.journal import Person
from db.people import subscribers
from db.requests import decisions, dialogues
from routes.access.confirmations import require_confirmation
from rules import Refused, phones
from rules.access import sms_texts
from rules.access.sign_in import parse_code
from rules.requests.plans import RequestPlan
from web import Db, Now, Request, Typed, Who, client_address, get, page, parse_form, post, redirect
from web.session_cookies import set_session
from web.visitors import identify_visitor

WRONG = "Код не подошёл или его время вышло. Проверьте цифры или начните сначала."
PLACE, LOST = "/settings/phone", "/settings/phone/lost"
WORDS = "Прошу изменить телефон для входа на {}. Доступа к прежнему номеру нет. Готов подтвердить личность."


class Phone(BaseModel):
    phone: str

    _phone = field_validator("phone", mode="before")(phones.parse)


def phone_form_handlers(place: str, *, lost: bool) -> list[Any]:
    """Return handlers of one form at two addresses: change with codes to both numbers, or a request to staff
    when the old one is lost.
    """

    def show(request: Request, mobile: str | None, **answer: Any) -> Response:
        return page(request, "access/phones/new.html", mobile=mobile, lost=lost, **answer)  # type: ignore[arg-type]

    @get(place)
    def new(request: Request, db: Db, who: Who, now: Now) -> Response:
        if not lost:
            _require_application(request, db, who, now)
        return show(request, subscribers.get_subscriber(db, who.id).mobile)

    @post(place)
    def send(request: Request, db: Db, who: Who, now: Now, typed: Typed) -> Response:
        if not lost:
            _require_application(request, db, who, now)
        old = subscribers.get_subscriber(db, who.id).mobile
        try:
            phone = _read_new_phone(typed, old)
            with writing(db):
                if lost:
                    number = _send_request(request, db, who, phone, now)
                    return redirect(
                        f"/inbox/{number}", "Обращение отправлено. Мы позвоним и проверим, что это вы."
                    )
                if not rate_limits.is_repeat(
                    db, f"{typed['key']}:{phone}" if typed.get("key") else "", now, rate_limits.DOUBLE_PRESS
                ):
                    _send_codes(request, db, who, phone, str(old), now)
        except Refused as refused:
            return show(request, old, typed=typed, refused=refused)
        return redirect(PLACE + "/codes")

    return [new, send]


def _require_application(request: Request, db: Session, who: Person, now: Now) -> None:
    """Require the application's code first where one is enrolled: two SMS are not enough then."""
    if subscribers.get_subscriber(db, who.id).has_totp:
        require_confirmation(request, who, now)


def _send_codes(request: Request, db: Session, who: Person, phone: str, old: str, now: Now) -> None:
    """Send a code to each of the two numbers; nothing changes yet."""
    settings = request.app.state.settings
    for purpose, to, deed in (
        ("phone-old", old, sms_texts.PHONE_OLD),
        ("phone-new", phone, sms_texts.PHONE_NEW),
    ):
        digits = codes.create_code(
            db, settings.secrets, codes.session_binding(purpose, who), now, about=phone
        )
        sms_limits.send(
            db,
            settings,
            to,
            sms_texts.code_text(settings.brand, digits, deed),
            purpose=purpose,
            now=now,
            subscriber_id=who.id,
            contract_id=who.contract_id,
        )


def _send_request(request: Request, db: Session, who: Person, phone: str, now: Now) -> int:
    """Send an ordinary message to staff: no code can reach a lost number, so an employee decides."""
    words = WORDS.format(phones.format_phone(phone))
    request_row = decisions.send(
        db, who, RequestPlan("letter", {"text": words}), now, address=client_address(request)
    )
    dialogues.add_first_message(db, request_row, who, now, words)
    journal.note(db, who, "phones.lost", now, request=request_row.number)
    return request_row.number


def _read_new_phone(typed: dict[str, str], old: str | None) -> str:
    phone = parse_form(Phone, typed).phone
    if old is None:
        raise Refused(form="По договору телефона для входа нет. Отправьте нам обращение с номером.")
    if phone == old:
        raise Refused(phone="Это и есть нынешний номер. Укажите новый.")
    return phone


@get(PLACE + "/codes")
def show_codes(request: Request, db: Db, who: Who, now: Now) -> Response:
    return _codes_page(request, db, who, now)


def _codes_page(request: Request, db: Session, who: Person, now: Now, **answer: Any) -> Response:
    waiting = codes.find_pending(db, codes.session_binding("phone-new", who), now)
    if waiting is None or waiting.used_at:
        return redirect(PLACE)
    old = subscribers.get_subscriber(db, who.id).mobile
    return page(
        request, "access/phones/codes.html", old=phones.mask_phone(str(old)), new=waiting.about, **answer
    )  # type: ignore[arg-type]


@post(PLACE + "/codes")
def change(request: Request, db: Db, who: Who, now: Now, typed: Typed) -> Response:
    _require_application(request, db, who, now)
    with writing(db):
        problems, token = _change_phone(request, db, who, typed, now)
    if problems:
        return _codes_page(request, db, who, now, typed=typed, refused=Refused(**problems))
    answer = redirect("/settings", "Телефон для входа изменён. На других устройствах вы вышли.")
    set_session(answer, request, token)
    return answer


def _change_phone(
    request: Request, db: Session, who: Person, typed: dict[str, str], now: Now
) -> tuple[dict[str, str], str]:
    """Change the phone if both codes are right: return {field: sentence} when one is wrong, else the cookie
    of the new session.

    Wrong attempts stay counted; a right code is not spent when the other is wrong.
    """
    settings = request.app.state.settings
    problems, found = {}, []
    for purpose, field in (("phone-old", "old"), ("phone-new", "new")):
        try:
            right = codes.check_code(
                db,
                settings.secrets,
                codes.session_binding(purpose, who),
                parse_code(typed.get(field, "")),
                now,
            )
        except Refused as refused:
            problems[field] = refused.problems["code"]
            continue
        if right is None:
            problems[field] = WRONG
        else:
            found.append(right)
    if problems:
        return problems, ""
    old = subscribers.get_subscriber(db, who.id).mobile
    subscribers.change_phone(db, who.id, found[1].about)
    journal.note(db, who, "phones.change", now)
    return {}, credentials.apply_change(
        db, settings, who, "phone", now, device=identify_visitor(request).device, mobile=old
    )


routes = [*phone_form_handlers(PLACE, lost=False), *phone_form_handlers(LOST, lost=True), show_codes, change]
