"""Passwords: reset of a forgotten one, and the choice at the first sign-in between an own password and a code
by SMS each time.
"""

from typing import Any, Literal

from litestar import Response
from pydantic import BaseModel, field_validator

from db import journal, writing
from db.access import credentials, emails, entry_limits, passwords, rate_limits, sign_in, sms_limits
from db.journal import Person
from db.people import contracts, subscribers
from routes.access.confirmations import require_confirmation
from rules import Refused
from rules.access import limits
from rules.access import passwords as rule
from rules.emails import parse as parse_email
from rules.people import contracts as numbers
from web import Db, Now, Request, Typed, Who, get, page, parse_form, post, redirect, url_signer
from web.session_cookies import set_session
from web.visitors import identify_visitor, set_device_cookie

SENT = (
    "Если такой договор есть, SMS с паролем придёт на телефон из договора в течение минуты. Старый пароль "
    "пока действует. "
    "На один телефон отправляем не больше {} SMS в час и {} в день: если пароль сегодня уже приходил, "
    "войдите с последним."
)


class Recover(BaseModel):
    number: int

    _number = field_validator("number", mode="before")(numbers.parse_number)


class Choice(BaseModel):
    entry: Literal["password", "sms"]
    password: str = ""


class Address(BaseModel):
    email: str | None = None

    _email = field_validator("email", mode="before")(lambda typed: parse_email(typed) if typed else None)


@get("/.well-known/change-password", public=True)
def redirect_well_known() -> Response:
    """Redirect password managers to the password page (W3C, «A Well-Known URL for Changing Passwords»)."""
    return redirect("/settings/password")


@get("/recover", public=True)
def new_recovery(request: Request) -> Response:
    return page(request, "access/passwords/recover.html")


@post("/recover", public=True, executor="passwords")
def create_recovery(request: Request, db: Db, now: Now, typed: Typed) -> Response:
    try:
        form = parse_form(Recover, typed)
    except Refused as refused:
        return page(request, "access/passwords/recover.html", typed=typed, refused=refused)
    settings, own = request.app.state.settings, identify_visitor(request)
    sign_in.check_request(
        db, settings, "password", form.number, own, now
    )  # checked before the slow hashing, counted after it
    password = passwords.generate_password()
    digest = passwords.hash_password(password)
    with writing(db):
        if rate_limits.is_repeat(db, typed.get("key", ""), now):
            return set_device_cookie(request, redirect("/recover/sent"))
        found = sign_in.send_initial_password(db, settings, form.number, own, now, password, digest)
        journal.note(
            db,
            "stranger",
            "passwords.recover",
            now,
            contract_id=found[0].id if found else None,
            address=own.address,
        )
    return set_device_cookie(request, redirect("/recover/sent"))


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
def show_choice(request: Request, db: Db, who: Who) -> Response:
    return _choice_page(request, db, who)


def _choice_page(request: Request, db: Db, who: Person, **answer: Any) -> Response:
    """Render the choice. At the first sign-in it also shows the e-mail from registration, to be checked
    before anything is sent to it.
    """
    personal = subscribers.get_subscriber(db, who.id)
    return page(
        request,
        "access/passwords/choose.html",
        number=who.contract_number,
        first=personal.registered_at is None,
        asked=personal.email_asked or "",
        **answer,
    )  # type: ignore[arg-type]


@post("/choose", stage="choose", executor="passwords")
def save_choice(request: Request, db: Db, now: Now, who: Who, typed: Typed) -> Response:
    try:
        mailbox = parse_form(Address, {"email": typed.get("email", "")}).email
        digest = _hash_choice(db, who, typed)
    except Refused as refused:
        return _choice_page(request, db, who, typed=typed | {"password": ""}, refused=refused)
    settings = request.app.state.settings
    with writing(db):
        first = subscribers.get_subscriber(db, who.id).registered_at is None
        if mailbox and first:
            emails.request_confirmation(
                db, url_signer(request, emails.SALT), settings.origin, who.id, mailbox, now
            )
        sign_in.save_entry(db, who.id, "password" if digest else "sms", digest, now)
        journal.note(db, who, "passwords.choose", now, entry="password" if digest else "sms")
        if first:  # nothing has changed yet that needs a warning
            token = credentials.end_other_sessions(db, who, identify_visitor(request).device, stage="open")
        else:
            what = "recovered" if digest else "codes"
            token = credentials.apply_change(
                db, settings, who, what, now, device=identify_visitor(request).device, stage="open"
            )
    return _redirect_with_session("/", "Готово: вход настроен.", request, token)


def _redirect_with_session(place: str, words: str, request: Request, token: str) -> Response:
    """Redirect with the cookie of the new session."""
    answer = redirect(place, words)
    set_session(answer, request, token)
    return answer


@get("/settings/password")
def edit(request: Request, db: Db, who: Who, now: Now) -> Response:
    """Show the form. A person who signs in by codes has no password, so a code is asked for instead."""
    subscriber = subscribers.get_subscriber(db, who.id)
    own = subscriber.entry == "password"
    if not own or subscriber.has_totp:
        require_confirmation(request, who, now)
    return page(request, "access/passwords/change.html", own=own, number=who.contract_number)


@post("/settings/password", executor="passwords")
def change(request: Request, db: Db, who: Who, now: Now, typed: Typed) -> Response:
    """Change the password: needs the present one, or a code if there is none, and the application's code
    where it is enrolled.

    Every other session ends.
    """
    subscriber = subscribers.get_subscriber(db, who.id)
    own = subscriber.entry == "password"
    if not own or subscriber.has_totp:
        require_confirmation(request, who, now)
    try:
        if own:
            _check_current_password(request, db, who, now, typed.get("current", ""), subscriber.password_hash)
        digest = _hash_choice(db, who, {"entry": "password", "password": typed.get("password", "")})
    except Refused as refused:
        return page(
            request, "access/passwords/change.html", refused=refused, own=own, number=who.contract_number
        )
    settings = request.app.state.settings
    with writing(db):
        sms_limits.check(db, settings, now, who.id)  # each change sends an SMS to the owner
        sign_in.save_entry(db, who.id, "password", digest, now)
        journal.note(db, who, "passwords.change", now)
        token = credentials.apply_change(
            db, settings, who, "password", now, device=identify_visitor(request).device
        )
    return _redirect_with_session(
        "/settings", "Пароль сменён. На других устройствах вы вышли.", request, token
    )


def _check_current_password(
    request: Request, db: Db, who: Person, now: Now, typed: str, digest: str | None
) -> None:
    """Check the current password with the same attempt limit as sign-in, so that a borrowed phone cannot be
    used to guess it.
    """
    counters = entry_limits.session_counters(
        request.app.state.settings, who, "present", limits.WRONG_PASSWORD
    )
    rate_limits.check_all(db, counters, now)
    right = passwords.verify_password(typed, digest)
    with writing(db):
        rate_limits.check_all(db, counters, now)
        if not right:
            rate_limits.add_attempts(db, counters, now)
            journal.note(db, who, "passwords.refuse", now)
    if not right:
        raise Refused(
            current="Нынешний пароль другой. Проверьте раскладку или получите новый: «Забыли пароль?» на "
            "входе."
        )


@get("/settings/entry")
def edit_entry(request: Request, who: Who, now: Now) -> Response:
    require_confirmation(request, who, now)
    return page(request, "access/passwords/codes.html")


@post("/settings/entry")
def save_entry(request: Request, db: Db, who: Who, now: Now) -> Response:
    """Switch to a code by SMS at each sign-in; the password is deleted."""
    require_confirmation(request, who, now)
    with writing(db):
        sign_in.save_entry(db, who.id, "sms", None, now)
        journal.note(db, who, "passwords.change", now, entry="sms")
        token = credentials.apply_change(
            db, request.app.state.settings, who, "codes", now, device=identify_visitor(request).device
        )
    return _redirect_with_session("/settings", "Теперь входите по коду из SMS.", request, token)


def _hash_choice(db: Db, who: Person, typed: dict[str, str]) -> str | None:
    """Return the hash of an acceptable own password, or None for sign-in by codes."""
    form = parse_form(Choice, typed)
    if form.entry == "sms":
        return None
    subscriber = subscribers.get_subscriber(db, who.id)
    personal = [str(contract.number) for contract in contracts.list_contracts(db, who.id)]
    personal += [text for text in (subscriber.name, subscriber.email, subscriber.mobile) if text]
    return passwords.hash_password(rule.plan(form.password, personal))


routes = [
    redirect_well_known,
    new_recovery,
    create_recovery,
    show_sent,
    show_choice,
    save_choice,
    edit,
    change,
    edit_entry,
    save_entry,
]
