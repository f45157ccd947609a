"""Confirmation by a code within the last ten minutes, required before actions that an unattended phone must
not allow.

Other handlers call `require_confirmation` first; it sends the person here and back.
"""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from litestar import Response
from sqlmodel import Session

from db import journal, writing
from db.access import codes, entry_limits, rate_limits, second_factors, sessions, sms_limits
from db.journal import Person
from db.people import subscribers
from rules import Refused, phones
from rules.access import limits, sms_texts
from rules.access.sign_in import CONFIRMATION_LIFETIME, parse_code
from settings import Settings
from web import Db, Now, Request, Typed, Who, get, page, post, redirect, safe_next_url
from web.authentication import RedirectTo

WRONG = "Код не подошёл или его время вышло. Проверьте цифры или получите новый код."
WRONG_APP = "Код не подошёл. Подождите, пока приложение покажет следующий, и введите его."
NO_SMS = "У вас подключено приложение с кодами, поэтому SMS не подтверждает. Введите код из приложения."


def require_confirmation(request: Request, who: Person, now: datetime, back: str = "") -> None:
    """Return if this session was confirmed within ten minutes; otherwise redirect the person to confirm and
    come back.

    `back` is the page to return to when the form's own URL has no GET page.
    """
    if who.confirmed_at is None or who.confirmed_at < now - CONFIRMATION_LIFETIME:
        place = back or request.url.path + (f"?{request.url.query}" if request.url.query else "")
        raise RedirectTo("/confirm?next=" + quote(place))


@get("/confirm")
def new(request: Request, db: Db, who: Who, now: Now) -> Response:
    return _page(request, db, who, now, safe_next_url(request.query_params.get("next")))


def _page(request: Request, db: Session, who: Person, now: datetime, place: str, **answer: Any) -> Response:
    subscriber = subscribers.get_subscriber(db, who.id)
    sent = codes.find_pending(db, codes.session_binding("confirm", who), now)
    return page(
        request,
        "access/confirmations/new.html",
        next=place,
        totp=subscriber.has_totp,
        sent=sent is not None,
        phone=phones.mask_phone(subscriber.mobile) if subscriber.mobile else "",
        **answer,
    )


@post("/confirm/send")
def send_code(request: Request, db: Db, who: Who, now: Now, typed: Typed) -> Response:
    settings, place = request.app.state.settings, safe_next_url(typed.get("next"))
    subscriber = subscribers.get_subscriber(db, who.id)
    if subscriber.has_totp:
        return _page(request, db, who, now, place, refused=Refused(code=NO_SMS))
    with writing(db):
        if rate_limits.is_repeat(db, typed.get("key", ""), now, rate_limits.DOUBLE_PRESS):
            return redirect("/confirm?next=" + quote(place), "Код отправлен.")
        digits = codes.create_code(db, settings.secrets, codes.session_binding("confirm", who), now)
        words = sms_texts.code_text(settings.brand, digits, sms_texts.action_words(place))
        sms_limits.send(
            db,
            settings,
            str(subscriber.mobile),
            words,
            purpose="confirm",
            now=now,
            subscriber_id=who.id,
            contract_id=who.contract_id,
        )
    return redirect("/confirm?next=" + quote(place), "Код отправлен.")


@post("/confirm")
def confirm(request: Request, db: Db, who: Who, now: Now, typed: Typed) -> Response:
    place, settings = safe_next_url(typed.get("next")), request.app.state.settings
    application = bool(subscribers.get_subscriber(db, who.id).has_totp)
    counters = entry_limits.session_counters(settings, who, "confirm", limits.WRONG_CODE)
    try:
        digits = parse_code(typed.get("code", ""), "приложения" if application else "SMS")
        with writing(db):
            rate_limits.check_all(db, counters, now)
            right = _use_code(db, settings, who, digits, now)
            if right:
                sessions.update_session(db, who, confirmed_at=now)
                journal.note(db, who, "confirmations.confirm", now)
            else:
                rate_limits.add_attempts(db, counters, now)
                journal.note(db, who, "confirmations.refuse", now)
        if not right:
            raise Refused(code=WRONG_APP if application else WRONG)
        return redirect(place)
    except Refused as refused:
        return _page(request, db, who, now, place, typed=typed, refused=refused)


def _use_code(db: Session, settings: Settings, who: Person, digits: str, now: datetime) -> bool:
    """Check these digits and spend the code: the application's where one is enrolled, else the SMS's. Return
    whether they confirm. Inside `writing`.
    """
    if subscribers.get_subscriber(db, who.id).has_totp:
        return second_factors.use_code(db, settings, who, digits, now)
    return (
        codes.use_code(db, settings.secrets, codes.session_binding("confirm", who), digits, now) is not None
    )


routes = [new, send_code, confirm]
