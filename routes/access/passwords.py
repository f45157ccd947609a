"""Passwords: a forgotten one, and the choice at the first entry: one's own, or a code by SMS each time."""

from typing import Literal

from litestar import Response
from pydantic import BaseModel, field_validator

from db import journal, writing
from db.access import credentials, emails, entry_limits, passwords, rate_limits, sign_in, sms_limits
from db.journal import Person
from db.people import contracts, subscribers
from routes.access.confirmations import confirmed
from rules import Refused
from rules.access import passwords as rule
from rules.emails import parse as parse_email
from rules.people import contracts as numbers
from web import Db, Now, Request, Typed, Who, get, page, parse_form, post, redirect, url_signer
from web.authentication import session_cookie
from web.visitors import asker, remember

SENT = (
    "Если такой договор есть, SMS с паролем придёт на телефон из договора в течение минуты. Старый пароль "
    "пока действует. "
    "На один телефон отправляем не больше {} SMS в час и {} в день: если пароль сегодня уже приходил, "
    "войдите с последним."
)


class Recover(BaseModel):
    number: int

    _number = field_validator("number", mode="before")(numbers.number)


class Choice(BaseModel):
    entry: Literal["password", "sms"]
    password: str = ""


class Address(BaseModel):
    email: str | None = None

    _email = field_validator("email", mode="before")(
        lambda typed: parse_email(typed) if typed.strip() else None
    )


@get("/.well-known/change-password", public=True)
def well_known() -> Response:
    """Where a password manager sends its person (W3C, «A Well-Known URL for Changing Passwords»)."""
    return redirect("/settings/password")


@get("/recover", public=True)
def forgotten(request: Request) -> Response:
    return page(request, "access/passwords/recover.html")


@post("/recover", public=True, executor="passwords")
def recover(request: Request, db: Db, now: Now, typed: Typed) -> Response:
    try:
        form = parse_form(Recover, typed)
    except Refused as refused:
        return page(request, "access/passwords/recover.html", typed=typed, refused=refused)
    settings, own = request.app.state.settings, asker(request)
    sign_in.check_request(
        db, settings, "password", form.number, own, now
    )  # before the slow work, and counted after it
    password = passwords.initial()
    digest = passwords.hashed(password)
    with writing(db):
        if rate_limits.is_repeat(db, typed.get("key", ""), now):
            return remember(request, redirect("/recover/sent"))
        found = sign_in.send_initial(db, settings, form.number, own, now, password, digest)
        journal.note(
            db,
            "stranger",
            "passwords.recover",
            now,
            contract_id=found[0].id if found else None,
            address=own.address,
        )
    return remember(request, redirect("/recover/sent"))


@get("/recover/sent", public=True)
def show_sent(request: Request) -> Response:
    limits = request.app.state.settings
    return page(
        request,
        "access/sign_in/sent.html",
        heading="Ждите SMS",
        sentence=SENT.format(limits.sms_per_hour, limits.sms_per_day),
    )


@get("/choose", stage="choose")
def choose(request: Request, db: Db, who: Who) -> Response:
    return _choose(request, db, who)


def _choose(request: Request, db: Db, who: Person, **answer: object) -> Response:
    """At the very first entry also the address named at registration, to be looked at before a letter goes
    there.
    """
    personal = subscribers.by_id(db, who.id)
    return page(
        request,
        "access/passwords/choose.html",
        number=who.contract_number,
        first=personal.registered_at is None,
        asked=personal.email_asked or "",
        **answer,
    )  # type: ignore[arg-type]


@post("/choose", stage="choose", executor="passwords")
def chosen(request: Request, db: Db, now: Now, who: Who, typed: Typed) -> Response:
    try:
        mailbox = parse_form(Address, {"email": typed.get("email", "")}).email
        digest = _digest(db, who, typed)
    except Refused as refused:
        return _choose(request, db, who, typed=typed | {"password": ""}, refused=refused)
    settings = request.app.state.settings
    with writing(db):
        first = subscribers.by_id(db, who.id).registered_at is None
        if mailbox and first:
            emails.ask(db, url_signer(request, emails.SALT), settings.origin, who.id, mailbox, now)
        sign_in.settle(db, who.id, "password" if digest else "sms", digest, now)
        journal.note(db, who, "passwords.choose", now, entry="password" if digest else "sms")
        if first:  # nothing was changed yet that somebody should be warned of
            token = credentials.end_others(db, who, asker(request).device, stage="open")
        else:
            what = "recovered" if digest else "codes"
            token = credentials.change(
                db, settings, who, what, now, device=asker(request).device, stage="open"
            )
    return _go_renewed("/", "Готово: вход настроен.", request, token)


def _go_renewed(place: str, words: str, request: Request, token: str) -> Response:
    """On, under the session's new cookie."""
    answer = redirect(place, words)
    answer.set_cookie(session_cookie(request, token))
    return answer


@get("/settings/password")
def ask(request: Request, db: Db, who: Who, now: Now) -> Response:
    """Those who enter by codes have no password to show: a code stands for it."""
    subscriber = subscribers.by_id(db, who.id)
    own = subscriber.entry == "password"
    if not own or subscriber.has_totp:
        confirmed(request, who, now)
    return page(request, "access/passwords/change.html", own=own, number=who.contract_number)


@post("/settings/password", executor="passwords")
def change(request: Request, db: Db, who: Who, now: Now, typed: Typed) -> Response:
    """Needs the present password, or a code from those who have none, and the application's where there is
    one.

    Every other device is signed out.

    """
    subscriber = subscribers.by_id(db, who.id)
    own = subscriber.entry == "password"
    if not own or subscriber.has_totp:
        confirmed(request, who, now)
    try:
        if own:
            _check_present(request, db, who, now, typed.get("current", ""), subscriber.password_hash)
        digest = _digest(db, who, {"entry": "password", "password": typed.get("password", "")})
    except Refused as refused:
        return page(
            request, "access/passwords/change.html", refused=refused, own=own, number=who.contract_number
        )
    settings = request.app.state.settings
    with writing(db):
        sms_limits.check(db, settings, now, who.id)  # each change is an SMS to the owner
        sign_in.settle(db, who.id, "password", digest, now)
        journal.note(db, who, "passwords.change", now)
        token = credentials.change(db, settings, who, "password", now, device=asker(request).device)
    return _go_renewed("/settings", "Пароль сменён. На других устройствах вы вышли.", request, token)


def _check_present(request: Request, db: Db, who: Person, now: Now, typed: str, digest: str | None) -> None:
    """Counted like a try at the door: a borrowed phone must not become a place to guess."""
    counters = entry_limits.session(request.app.state.settings, who, "present", entry_limits.PASSWORD)
    rate_limits.check_all(db, counters, now)
    right = passwords.matches(typed, digest)
    with writing(db):
        rate_limits.check_all(db, counters, now)
        if not right:
            rate_limits.add_all(db, counters, now)
            journal.note(db, who, "passwords.refuse", now)
    if not right:
        raise Refused(
            current="Нынешний пароль другой. Проверьте раскладку или получите новый: «Забыли пароль?» на "
            "входе."
        )


@get("/settings/entry")
def ask_codes(request: Request, who: Who, now: Now) -> Response:
    confirmed(request, who, now)
    return page(request, "access/passwords/codes.html")


@post("/settings/entry")
def use_codes(request: Request, db: Db, who: Who, now: Now) -> Response:
    """From now on a code by SMS each time; the password is forgotten."""
    confirmed(request, who, now)
    with writing(db):
        sign_in.settle(db, who.id, "sms", None, now)
        journal.note(db, who, "passwords.change", now, entry="sms")
        token = credentials.change(
            db, request.app.state.settings, who, "codes", now, device=asker(request).device
        )
    return _go_renewed("/settings", "Теперь входите по коду из SMS.", request, token)


def _digest(db: Db, who: Person, typed: dict[str, str]) -> str | None:
    """The hash of an acceptable own password, or None for entry by codes."""
    form = parse_form(Choice, typed)
    if form.entry == "sms":
        return None
    subscriber = subscribers.by_id(db, who.id)
    personal = [str(contract.number) for contract in contracts.of(db, who.id)]
    personal += [text for text in (subscriber.name, subscriber.email, subscriber.mobile) if text]
    return passwords.hashed(rule.plan(form.password, personal))


routes = [well_known, forgotten, recover, show_sent, choose, chosen, ask, change, ask_codes, use_codes]
