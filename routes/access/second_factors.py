"""Codes of an authenticator application instead of SMS, at sign-in and for confirmations.

Enrolled by a QR code and a first valid code. A lost one is removed by an SMS and the password, a day after
the person was notified.
"""

import io
from typing import Any

import segno
from litestar import Response
from markupsafe import Markup
from sqlmodel import Session

from db import journal, writing
from db.access import codes, credentials, entry_limits, passwords, rate_limits, second_factors, sms_limits
from db.journal import Person
from db.people import subscribers
from routes.access.confirmations import require_confirmation
from rules import Refused, phones
from rules.access import limits, sms_texts, totp
from rules.access.sign_in import parse_code
from rules.days import moment
from rules.people.contracts import format_number
from web import Db, Now, Request, Typed, Who, get, page, post, redirect, url_signer
from web.session_cookies import set_session
from web.visitors import identify_visitor

SALT = "totp"
FIFTEEN_MINUTES = 900
WRONG = "Код не подошёл. Проверьте, что на телефоне верное время, и введите следующий код."
LATE = "Эта страница открыта слишком давно. Отсканируйте новый QR-код."
LOST, LOST_STAGES = "/settings/totp/lost", "open app"
WRONG_SMS = "Код не подошёл или его время вышло. Проверьте цифры или получите новый код."
OTHER_WORDS = "Пароль другой. Проверьте раскладку. Если забыт и он, позвоните нам: {}."


@get("/settings/totp")
def new(request: Request, db: Db, who: Who, now: Now) -> Response:
    require_confirmation(request, who, now)
    enrolled = subscribers.get_subscriber(db, who.id).has_totp
    return _page(request, who, totp.new_secret(), enrolled=enrolled)


def _page(request: Request, who: Person, secret: str, **answer: Any) -> Response:
    """Render the page. The secret is in the form itself, signed for this session, and is stored only once its
    first code is valid.
    """
    sealed = url_signer(request, SALT).dumps([who.binding, who.id, secret])
    return page(
        request,
        "access/second_factors/new.html",
        secret=secret,
        sealed=sealed,
        **answer,
        picture=_draw_qr_code(secret, who, request.app.state.settings.brand),
    )  # type: ignore[arg-type]


def _draw_qr_code(secret: str, who: Person, brand: str) -> Markup:
    """Return the QR code as an SVG element without styles, which the Content-Security-Policy would block."""
    drawn = io.BytesIO()
    address = totp.provisioning_uri(secret, f"договор {format_number(int(who.contract_number or 0))}", brand)
    code = segno.make(address, error="m")
    code.save(
        drawn,
        kind="svg",
        xmldecl=False,
        svgns=False,
        omitsize=True,
        border=4,
        light="#fff",
        title="QR-код для приложения",
    )
    return Markup(drawn.getvalue().decode())  # noqa: S704 - drawn by us from a random secret


@post("/settings/totp")
def enrol(request: Request, db: Db, who: Who, now: Now, typed: Typed) -> Response:
    require_confirmation(request, who, now)
    if typed.get("remove"):
        return _remove(request, db, who, now)
    valid, sealed = url_signer(request, SALT).loads_unsafe(typed.get("sealed", ""), max_age=FIFTEEN_MINUTES)
    secret = sealed[2] if valid and sealed[:2] == [who.binding, who.id] else None
    try:
        if secret is None:
            raise Refused(form=LATE)
        step = totp.match_step(secret, typed.get("code", ""), now)
        if step is None:
            raise Refused(code=WRONG)
    except Refused as refused:
        return _page(request, who, secret or totp.new_secret(), typed=typed, refused=refused, enrolled=False)
    with writing(db):
        subscribers.save_totp(db, who.id, secret, step)
        journal.note(db, who, "second_factors.enrol", now)
        token = credentials.apply_change(
            db, request.app.state.settings, who, "app-on", now, device=identify_visitor(request).device
        )
    answer = redirect(
        "/settings", "Готово: теперь код из приложения спросим и при входе, и перед важными действиями."
    )
    set_session(answer, request, token)
    return answer


def _remove(request: Request, db: Session, who: Person, now: Now) -> Response:
    if not subscribers.get_subscriber(db, who.id).has_totp:  # the button was pressed twice
        return redirect("/settings")
    with writing(db):
        subscribers.save_totp(db, who.id, None)
        journal.note(db, who, "second_factors.remove", now)
        token = credentials.apply_change(
            db, request.app.state.settings, who, "app-off", now, device=identify_visitor(request).device
        )
    answer = redirect("/settings", "Коды из приложения отключены, будем присылать SMS.")
    set_session(answer, request, token)
    return answer


@get(LOST, stage=LOST_STAGES)
def show_lost(request: Request, db: Db, who: Who, now: Now) -> Response:
    return _lost_page(request, db, who, now)


def _lost_page(request: Request, db: Session, who: Person, now: Now, **answer: Any) -> Response:
    subscriber = subscribers.get_subscriber(db, who.id)
    if not subscriber.has_totp:
        return redirect("/settings")
    sent = codes.find_pending(db, codes.session_binding("app-lost", who), now)
    return page(
        request,
        "access/second_factors/lost.html",
        sent=sent is not None and sent.used_at is None,
        until=subscriber.app_off_at,
        own=subscriber.entry == "password",
        phone=phones.mask_phone(subscriber.mobile or ""),
        inside=who.stage == "open",
        **answer,
    )  # type: ignore[arg-type]


@post(LOST + "/code", stage=LOST_STAGES)
def send_code(request: Request, db: Db, who: Who, now: Now, typed: Typed) -> Response:
    subscriber, settings = subscribers.get_subscriber(db, who.id), request.app.state.settings
    if subscriber.has_totp and subscriber.mobile:
        with writing(db):
            if rate_limits.is_repeat(db, typed.get("key", ""), now, rate_limits.DOUBLE_PRESS):
                return redirect(LOST, "Код отправлен.")
            digits = codes.create_code(db, settings.secrets, codes.session_binding("app-lost", who), now)
            words = sms_texts.code_text(settings.brand, digits, sms_texts.APP_LOST)
            sms_limits.send(
                db,
                settings,
                subscriber.mobile,
                words,
                purpose="app-lost",
                now=now,
                subscriber_id=who.id,
                contract_id=who.contract_id,
            )
    return redirect(LOST, "Код отправлен.")


@post(LOST, stage=LOST_STAGES, executor="passwords")
def declare_lost(request: Request, db: Db, who: Who, now: Now, typed: Typed) -> Response:
    """Start the one-day wait by an SMS and the password, if there is one; meanwhile the application's owner
    can cancel.
    """
    settings, subscriber = request.app.state.settings, subscribers.get_subscriber(db, who.id)
    if not subscriber.has_totp:
        return redirect("/settings")
    counters = entry_limits.session_counters(settings, who, "app-lost", limits.WRONG_PASSWORD)
    try:
        digits = parse_code(typed.get("code", ""))
        rate_limits.check_all(db, counters, now)
        proved = subscriber.entry != "password" or passwords.verify_password(
            typed.get("password", ""), subscriber.password_hash
        )
        with writing(db):
            rate_limits.check_all(db, counters, now)
            right = (
                proved
                and codes.use_code(db, settings.secrets, codes.session_binding("app-lost", who), digits, now)
                is not None
            )
            if right:
                until = second_factors.declare_lost(db, settings, who.id, who.contract_id, who, now)
            else:
                rate_limits.add_attempts(db, counters, now)
                journal.note(db, who, "confirmations.refuse", now)
        if not proved:
            raise Refused(password=OTHER_WORDS.format(phones.format_phone(settings.service_phone)))
        if not right:
            raise Refused(code=WRONG_SMS)
    except Refused as refused:
        return _lost_page(request, db, who, now, typed=typed, refused=refused)
    return redirect(LOST, f"Приняли. Приложение отключим {moment(until)}.")


@post(LOST + "/cancel")
def cancel_lost(request: Request, db: Db, who: Who, now: Now) -> Response:
    """Cancel the removal, from any open session and without a code: an application kept by mistake can be
    declared lost again.
    """
    with writing(db):
        cancelled = second_factors.cancel_loss(db, request.app.state.settings, who, now)
    return redirect("/settings", "Приложение с кодами остаётся." if cancelled else "")


routes = [new, enrol, show_lost, send_code, declare_lost, cancel_lost]
