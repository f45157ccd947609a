"""Codes from an application instead of SMS where the cabinet asks to confirm; enrolled by a QR code (SPEC Access)."""

import io

import segno
from litestar import Response
from markupsafe import Markup
from sqlmodel import Session

from db import journal, sessions, subscribers, writing
from db.journal import Person
from routes import Db, Now, Request, Typed, Who, get, page, post, see, signed
from routes.confirmations import confirmed
from rules import Refused, totp
from rules.contracts import show as spelled

SALT = "totp"
FIFTEEN_MINUTES = 900
WRONG = "Код не подошёл. Проверьте, что на телефоне верное время, и введите следующий код."
LATE = "Эта страница открыта слишком давно. Отсканируйте новый QR-код."


@get("/settings/totp")
def new(request: Request, db: Db, who: Who, now: Now) -> Response:
    confirmed(request, who, now)
    enrolled = subscribers.by_id(db, who.id).has_totp
    return _page(request, who, totp.new_secret(), enrolled=enrolled)


def _page(request: Request, who: Person, secret: str, **answer: object) -> Response:
    """The secret travels in the form itself, signed for this session, and is kept only once its first code is right."""
    sealed = signed(request, SALT).dumps([who.session_id, secret])
    return page(
        request,
        "second_factors/new.html",
        secret=secret,
        sealed=sealed,
        **answer,
        picture=_picture(secret, who, request.app.state.settings.brand),
    )  # type: ignore[arg-type]


def _picture(secret: str, who: Person, brand: str) -> Markup:
    """The QR code as an SVG element without styles, so that the content policy lets it be."""
    drawn = io.BytesIO()
    told = totp.address(secret, f"договор {spelled(int(who.contract_number or 0))}", brand)
    code = segno.make(told, error="m")
    code.save(drawn, kind="svg", xmldecl=False, svgns=False, omitsize=True, border=4, light="#fff", title="QR-код для приложения")
    return Markup(drawn.getvalue().decode())  # noqa: S704 - drawn by us from a random secret


@post("/settings/totp")
def enrol(request: Request, db: Db, who: Who, now: Now, typed: Typed) -> Response:
    confirmed(request, who, now)
    if typed.get("remove"):
        return _remove(db, who, now)
    valid, sealed = signed(request, SALT).loads_unsafe(typed.get("sealed", ""), max_age=FIFTEEN_MINUTES)
    secret = sealed[1] if valid and sealed[0] == who.session_id else None
    try:
        if secret is None:
            raise Refused(form=LATE)
        step = totp.step(secret, typed.get("code", ""), now)
        if step is None:
            raise Refused(code=WRONG)
    except Refused as refused:
        return _page(request, who, secret or totp.new_secret(), typed=typed, refused=refused, enrolled=False)
    with writing(db):
        subscribers.keep_totp(db, who.id, secret, step)
        sessions.end(db, who, keep=who.session_id)
        journal.note(db, who, "second_factors.enrol", now)
    return see("/settings", "Готово: подтверждать действия можно кодом из приложения.")


def _remove(db: Session, who: Person, now: Now) -> Response:
    with writing(db):
        subscribers.keep_totp(db, who.id, None)
        journal.note(db, who, "second_factors.remove", now)
    return see("/settings", "Коды из приложения отключены, будем присылать SMS.")


routes = [new, enrol]
