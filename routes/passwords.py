"""Passwords: a forgotten one, and the choice at the first entry: one's own, or a code by SMS each time (SPEC Access)."""

from typing import Literal

from litestar import Response
from pydantic import BaseModel, field_validator

from db import access, contracts, emails, journal, outbox, passwords, sessions, subscribers, writing
from db.journal import Person
from routes import Db, Now, Request, Typed, Who, address, get, page, post, read, see, signed
from routes.confirmations import confirmed
from rules import Refused, phones
from rules import contracts as numbers
from rules import passwords as rule
from rules.access import email

SENT = "Если такой договор есть, SMS с паролем придёт на телефон из договора в течение минуты. Старый пароль пока действует."


CHANGED = "Пароль от кабинета сменён. Если это не вы, позвоните: {}."


class Recover(BaseModel):
    number: int

    _number = field_validator("number", mode="before")(numbers.number)


class Choice(BaseModel):
    entry: Literal["password", "sms"]
    password: str = ""


class Address(BaseModel):
    email: str | None = None

    _email = field_validator("email", mode="before")(lambda typed: email(typed) if typed.strip() else None)


@get("/recover", public=True)
def forgotten(request: Request) -> Response:
    return page(request, "passwords/recover.html")


@post("/recover", public=True, executor="passwords")
def recover(request: Request, db: Db, now: Now, typed: Typed) -> Response:
    try:
        form = read(Recover, typed)
    except Refused as refused:
        return page(request, "passwords/recover.html", typed=typed, refused=refused)
    access.check_sms(db, request.app.state.settings, form.number, address(request), now)
    password = passwords.initial()
    digest = passwords.hashed(password)
    with writing(db):
        access.count_sms(db, request.app.state.settings, form.number, address(request), now)
        found = access.send_initial(db, form.number, now, password, digest)
        journal.note(db, "stranger", "passwords.recover", now, contract_id=found[0].id if found else None,
                     address=address(request))  # fmt: skip
    return see("/recover/sent")


@get("/recover/sent", public=True)
def sent(request: Request) -> Response:
    return page(request, "access/sent.html", heading="Ждите SMS", sentence=SENT)


@get("/choose", stage="choose")
def choose(request: Request, db: Db, who: Who) -> Response:
    return _choose(request, db, who)


def _choose(request: Request, db: Db, who: Person, **answer: object) -> Response:
    """At the very first entry also the address named at registration, to be looked at before a letter goes there."""
    known = subscribers.by_id(db, who.id)
    return page(request, "passwords/choose.html", number=who.contract_number, first=known.registered_at is None,
                asked=known.email_asked or "", **answer)  # type: ignore[arg-type]  # fmt: skip


@post("/choose", stage="choose", executor="passwords")
def chosen(request: Request, db: Db, now: Now, who: Who, typed: Typed) -> Response:
    try:
        mailbox = read(Address, {"email": typed.get("email", "")}).email
        digest = _digest(db, who, typed)
    except Refused as refused:
        return _choose(request, db, who, typed=typed | {"password": ""}, refused=refused)
    with writing(db):
        if mailbox and subscribers.by_id(db, who.id).registered_at is None:
            emails.ask(db, signed(request, emails.SALT), request.app.state.settings.origin, who.id, mailbox, now)
        access.settle(db, who.id, "password" if digest else "sms", digest, now)
        sessions.change(db, who.session_id, stage="open")
        sessions.end(db, who, keep=who.session_id)
        journal.note(db, who, "passwords.choose", now, entry="password" if digest else "sms")
    return see("/", "Готово: вход настроен.")


@get("/settings/password")
def ask(request: Request, db: Db, who: Who, now: Now) -> Response:
    """Those who enter by codes have no password to show: a code stands for it."""
    own = subscribers.by_id(db, who.id).entry == "password"
    if not own:
        confirmed(request, who, now)
    return page(request, "passwords/change.html", own=own, number=who.contract_number)


@post("/settings/password", executor="passwords")
def change(request: Request, db: Db, who: Who, now: Now, typed: Typed) -> Response:
    """Needs the present password, or a code from those who have none; every other device is signed out."""
    subscriber = subscribers.by_id(db, who.id)
    own = subscriber.entry == "password"
    if not own:
        confirmed(request, who, now)
    try:
        if own:
            _check_present(request, db, who, now, typed.get("current", ""), subscriber.password_hash)
        digest = _digest(db, who, {"entry": "password", "password": typed.get("password", "")})
    except Refused as refused:
        return page(request, "passwords/change.html", refused=refused, own=own, number=who.contract_number)
    with writing(db):
        access.settle(db, who.id, "password", digest, now)
        sessions.end(db, who, keep=who.session_id)
        journal.note(db, who, "passwords.change", now)
        if subscriber.mobile:
            call = phones.show(request.app.state.settings.service_phone)
            outbox.put(db, "sms", subscriber.mobile, CHANGED.format(call), kind="password", now=now, contract_id=who.contract_id)
    return see("/settings", "Пароль сменён. На других устройствах вы вышли.")


def _check_present(request: Request, db: Db, who: Person, now: Now, typed: str, digest: str | None) -> None:
    """Counted like a try at the door: a borrowed phone must not become a place to guess."""
    number = int(who.contract_number or 0)
    access.check_tries(db, request.app.state.settings, number, address(request), now)
    right = passwords.matches(typed, digest)
    with writing(db):
        access.judge_try(db, request.app.state.settings, number, address(request), now, None, right)
    if not right:
        raise Refused(current="Нынешний пароль другой. Проверьте раскладку или получите новый: «Забыли пароль?» на входе.")


@get("/settings/entry")
def ask_codes(request: Request, who: Who, now: Now) -> Response:
    confirmed(request, who, now)
    return page(request, "passwords/codes.html")


@post("/settings/entry")
def use_codes(request: Request, db: Db, who: Who, now: Now) -> Response:
    """From now on a code by SMS each time; the password is forgotten."""
    confirmed(request, who, now)
    with writing(db):
        access.settle(db, who.id, "sms", None, now)
        sessions.end(db, who, keep=who.session_id)
        journal.note(db, who, "passwords.change", now, entry="sms")
    return see("/settings", "Теперь входите по коду из SMS.")


def _digest(db: Db, who: Person, typed: dict[str, str]) -> str | None:
    """The hash of an acceptable own password, or None for entry by codes."""
    form = read(Choice, typed)
    if form.entry == "sms":
        return None
    subscriber = subscribers.by_id(db, who.id)
    known = [str(contract.number) for contract in contracts.of(db, who.id)]
    known += [text for text in (subscriber.name, subscriber.email, subscriber.mobile) if text]
    return passwords.hashed(rule.plan(form.password, known))


routes = [forgotten, recover, sent, choose, chosen, ask, change, ask_codes, use_codes]
