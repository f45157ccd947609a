"""The authorisation phone: another one by codes to the old and to the new number; a lost old number goes to the desk (§3.5)."""

from litestar import Response
from pydantic import BaseModel, field_validator
from sqlmodel import Session

from db import access, codes, decisions, journal, outbox, sessions, subscribers, writing
from db.journal import Person
from routes import Db, Now, Request, Typed, Who, address, get, page, post, read, see
from rules import Refused, phones
from rules.access import code as six_digits
from rules.kinds import Plan

WRONG = "Код не подошёл или его время вышло. Проверьте цифры или начните сначала."
LOST = "Прошу изменить телефон для входа на {}. Доступа к прежнему номеру нет. Готов подтвердить личность."


class Phone(BaseModel):
    phone: str

    _phone = field_validator("phone", mode="before")(phones.parse)


@get("/settings/phone")
def new(request: Request, db: Db, who: Who) -> Response:
    return page(request, "phones/new.html", mobile=subscribers.by_id(db, who.id).mobile)


@post("/settings/phone")
def send(request: Request, db: Db, who: Who, now: Now, typed: Typed) -> Response:
    """A code to each of the two numbers; neither page nor answer changes anything yet."""
    old = subscribers.by_id(db, who.id).mobile
    try:
        phone = _new(typed, old)
    except Refused as refused:
        return page(request, "phones/new.html", typed=typed, refused=refused, mobile=old)
    limits, number = request.app.state.settings, int(who.contract_number or 0)
    with writing(db):
        access.count_sms(db, limits, number, address(request), now)
        access.count_phone(db, limits, phone, now)
        for purpose, to, why in (("phone-old", str(old), "с этого номера"), ("phone-new", phone, "на этот номер")):
            digits = codes.make(db, purpose, str(who.session_id), now, subscriber_id=who.id, about=phone)
            outbox.put(db, "sms", to, f"Код {digits}: перенос входа в кабинет Росохраны Телеком {why}. Никому его не говорите.",
                       kind="code", now=now, contract_id=who.contract_id, urgent=True)  # fmt: skip
    return see("/settings/phone/codes")


def _new(typed: dict[str, str], old: str | None) -> str:
    phone = read(Phone, typed).phone
    if old is None:
        raise Refused(form="По договору телефона для входа нет. Отправьте нам обращение с номером.")
    if phone == old:
        raise Refused(phone="Это и есть нынешний номер. Укажите новый.")
    return phone


@get("/settings/phone/codes")
def ask(request: Request, db: Db, who: Who, now: Now) -> Response:
    return _codes(request, db, who, now)


def _codes(request: Request, db: Session, who: Person, now: Now, **answer: object) -> Response:
    waiting = codes.pending(db, "phone-new", str(who.session_id), now)
    if waiting is None or waiting.used_at:
        return see("/settings/phone")
    old = subscribers.by_id(db, who.id).mobile
    return page(request, "phones/codes.html", old=phones.masked(str(old)), new=waiting.about, **answer)  # type: ignore[arg-type]


@post("/settings/phone/codes")
def change(request: Request, db: Db, who: Who, now: Now, typed: Typed) -> Response:
    with writing(db):
        problems = _move(db, who, typed, now)
    if problems:
        return _codes(request, db, who, now, typed=typed, refused=Refused(**problems))
    return see("/settings", "Телефон для входа изменён. На других устройствах вы вышли.")


def _move(db: Session, who: Person, typed: dict[str, str], now: Now) -> dict[str, str]:
    """Both codes or nothing; {field: sentence} when one is wrong. Wrong tries stay counted, a right one is not spent alone."""
    problems, found = {}, []
    for purpose, field in (("phone-old", "old"), ("phone-new", "new")):
        try:
            right = codes.right(db, purpose, str(who.session_id), six_digits(typed.get(field, "")), now)
        except Refused as refused:
            problems[field] = refused.problems["code"]
            continue
        if right is None:
            problems[field] = WRONG
        else:
            found.append(right)
    if problems:
        return problems
    for one in found:
        codes.spend(db, one, now)
    old = subscribers.by_id(db, who.id).mobile
    subscribers.move(db, who.id, found[1].about)
    sessions.end(db, who, keep=who.session_id)
    journal.note(db, who, "phones.change", now)
    outbox.put(db, "sms", str(old), "Вход в кабинет перенесён на другой номер. Если это не вы, позвоните: +7 812 326-17-20.",
               kind="phone", now=now, contract_id=who.contract_id, urgent=True)  # fmt: skip
    return {}


@get("/settings/phone/lost")
def lost(request: Request, db: Db, who: Who) -> Response:
    return page(request, "phones/lost.html", mobile=subscribers.by_id(db, who.id).mobile)


@post("/settings/phone/lost")
def ask_desk(request: Request, db: Db, who: Who, now: Now, typed: Typed) -> Response:
    """No code can come to a lost number, so a person decides: an ordinary letter in the envelope."""
    mobile = subscribers.by_id(db, who.id).mobile
    try:
        phone = _new(typed, mobile)
        with writing(db):
            plan = Plan("letter", {"text": LOST.format(phones.show(phone))})
            asked = decisions.ask(db, who, plan, now, address=address(request))
            journal.note(db, who, "phones.lost", now, request=asked.number)
    except Refused as refused:
        return page(request, "phones/lost.html", typed=typed, refused=refused, mobile=mobile)
    return see(f"/inbox/{asked.number}", "Обращение отправлено. Мы позвоним и проверим, что это вы.")


routes = [new, send, ask, change, lost, ask_desk]
