"""Staff sign-in: an invitation once, then password and second factor. Separate from the
subscribers' sign-in.
"""

import io
from datetime import datetime
from urllib.parse import quote

import segno
from litestar import Response
from litestar.params import FromPath
from pydantic import BaseModel, Field
from sqlmodel import Session

from db import journal, writing
from db.access import entry_limits, passwords, rate_limits, sessions, staff, staff_invitations
from db.access.staff import Staff
from rules import Refused
from rules.access import passwords as rule
from rules.access import totp
from web import (
    Db,
    Now,
    Request,
    Typed,
    Who,
    client_address,
    get,
    not_found,
    page,
    parse_form,
    post,
    redirect,
    safe_next_url,
)
from web.devices import describe_client
from web.session_cookies import set_session
from web.visitors import count_refusal, identify_visitor, issue_device_token, set_device_cookie

WRONG = "Логин и пароль не подошли друг к другу. Проверьте раскладку; забытый пароль сменит администратор."
WRONG_CODE = "Код не подошёл. Подождите, пока приложение покажет следующий, или введите код восстановления."
DESK = "/staff"


class Login(BaseModel):
    login: str = Field(min_length=1)
    password: str = Field(min_length=1)


class Enrolment(BaseModel):
    password: str
    code: str


@get("/staff/login", public=True)
def show_login(request: Request) -> Response:
    return page(
        request, "access/staff_sign_in/login.html", next=safe_next_url(request.query_params.get("next"), DESK)
    )


@post("/staff/login", public=True, executor="passwords")
def log_in(request: Request, db: Db, now: Now, typed: Typed) -> Response:
    place = safe_next_url(typed.get("next"), DESK)
    try:
        form = parse_form(Login, typed)
        login = form.login.lower()
        rate_limits.check_all(db, _password_counters(request, db, login), now)
        found = staff.find_by_login(db, login)
        right = passwords.verify_password(form.password, found.password_hash if found else None)
        opened = found if found and right and not found.disabled_at else None
        with writing(
            db
        ):  # checked again and counted at once, so that parallel attempts get no more answers than the limit
            counters = _password_counters(request, db, login)
            rate_limits.check_all(db, counters, now)
            if opened is None:
                rate_limits.add_attempts(db, counters, now)
                journal.note(
                    db,
                    "stranger",
                    "staff.wrong_password",
                    now,
                    login=login[:40],
                    address=client_address(request),
                )
        if opened is None:
            raise Refused(password=WRONG)
        return _redirect_with_session(request, db, now, opened, place, stage="totp")
    except Refused as refused:
        return page(
            request,
            "access/staff_sign_in/login.html",
            typed=typed | {"password": ""},
            refused=refused,
            next=place,
        )


@get("/staff/totp", staff="", stage="totp")
def show_code(request: Request, db: Db, now: Now, who: Who) -> Response:
    return _code_page(request, db, now, who, safe_next_url(request.query_params.get("next"), DESK))


@post("/staff/totp", staff="", stage="totp")
def enter_code(request: Request, db: Db, now: Now, who: Who, typed: Typed) -> Response:
    """Check the code, asked only after the password, so a wrong one reveals nothing; ten wrong ones block
    sign-in for a while.
    """
    place = safe_next_url(typed.get("next"), DESK)
    with writing(db):
        found = staff.find_staff(db, who.id) or not_found()
        counters = entry_limits.staff_code_counters(
            db, request.app.state.settings, who.id, found.login, identify_visitor(request)
        )
        rate_limits.check_all(db, counters, now)
        how = staff.use_code(
            db, found, typed.get("code", ""), request.app.state.settings.attachment_keys, now
        )
        if not how:
            rate_limits.add_attempts(db, counters, now)
            journal.note(db, who, "staff.wrong_code", now, address=client_address(request))
    if not how:
        return _code_page(request, db, now, who, place, Refused(code=WRONG_CODE))
    left = staff.count_recovery_codes(db, who.id)
    words = f"Вы вошли по коду восстановления, осталось кодов: {left}." if how == "recovery" else ""
    return _redirect_with_session(request, db, now, found, place, stage="open", how=how, words=words)


def _code_page(
    request: Request, db: Session, now: datetime, who: Who, place: str, refused: Refused | None = None
) -> Response:
    """Render the code page. In a demonstration nobody has the application, so the page shows the code."""
    code, settings = "", request.app.state.settings
    if settings.demo:
        with writing(db):
            code = staff.demonstration_code(
                db, staff.find_staff(db, who.id) or not_found(), settings.attachment_keys, now
            )
    return page(request, "access/staff_sign_in/totp.html", refused=refused, next=place, shown_code=code)


@get("/staff/enrol/{token:str}", public=True)
def show_invitation(request: Request, db: Db, now: Now, token: FromPath[str]) -> Response:
    return page(request, "access/staff_sign_in/enrol.html", **_load_invitation(request, db, now, token))


@get("/staff/enrol/{token:str}/qr.svg", public=True)
def show_qr_code(request: Request, db: Db, now: Now, token: FromPath[str]) -> Response:
    """Return the QR code as a file, not inline: the Content-Security-Policy allows only our own images."""
    found = staff_invitations.find_invited(db, token, now) or not_found()
    drawn = io.BytesIO()
    settings = request.app.state.settings
    address = totp.provisioning_uri(
        staff_invitations.offered_secret(found, settings.attachment_keys), found.login, settings.brand
    )
    segno.make(address, error="m").save(
        drawn, kind="svg", scale=5, border=3, light="#fff", dark="#000", xmldecl=True
    )
    return Response(drawn.getvalue(), media_type="image/svg+xml", headers={"cache-control": "no-store"})


@post("/staff/enrol/{token:str}", public=True, executor="passwords")
def enrol(request: Request, db: Db, now: Now, typed: Typed, token: FromPath[str]) -> Response:
    """Enrol with a password and a first code, so that nobody is locked out by a QR code that
    was not scanned.
    """
    count_refusal(request, db, "invitation", now)
    offer = _load_invitation(request, db, now, token)
    try:
        form = parse_form(Enrolment, typed)
        digest = passwords.hash_password(rule.plan(form.password, [offer["login"], offer["name"]]))
        step = totp.match_step(offer["secret"], form.code, now)
        if step is None:
            raise Refused(
                code="Код не подошёл. Проверьте, что на телефоне верное время, и введите следующий."
            )
    except Refused as refused:
        return page(
            request,
            "access/staff_sign_in/enrol.html",
            typed=typed | {"password": ""},
            refused=refused,
            **offer,
        )
    with writing(db):
        found = staff_invitations.find_invited(db, token, now) or not_found()
        codes = staff_invitations.enrol(db, request.app.state.settings, found, digest, step, now)
        journal.note(db, f"staff:{found.id}", "staff_invitations.enrol", now, address=client_address(request))
    answer = page(request, "access/staff_sign_in/recovery.html", codes=codes)
    token, device = _start_session(request, db, now, found, "open")
    set_session(answer, request, token)
    return set_device_cookie(request, answer, device)


def _load_invitation(request: Request, db: Session, now: datetime, token: str) -> dict[str, str]:
    found = staff_invitations.find_invited(db, token, now) or not_found()
    secret = staff_invitations.offered_secret(found, request.app.state.settings.attachment_keys)
    return {"login": found.login, "name": found.name, "secret": secret, "token": token}


def _redirect_with_session(
    request: Request,
    db: Session,
    now: datetime,
    found: Staff,
    place: str,
    *,
    stage: str,
    how: str = "password",
    words: str = "",
) -> Response:
    """Redirect to the next step with a new session; the session that knew only the password ends."""
    token, device = _start_session(request, db, now, found, stage, how)
    answer = redirect(place if stage == "open" else "/staff/totp?next=" + quote(place), words)
    set_session(answer, request, token)
    return set_device_cookie(request, answer, device)


def _start_session(
    request: Request, db: Session, now: datetime, found: Staff, stage: str, how: str = "invitation"
) -> tuple[str, str | None]:
    """Return the session's cookie and, once both factors were right, the known-browser cookie."""
    person = request.scope.get("user")
    with writing(db):
        if person:
            sessions.end(db, person, person.session_id)
        token, device = (
            sessions.start(db, now, staff_id=found.id, stage=stage, **describe_client(request)),
            None,
        )
        if stage == "open":
            entry_limits.clear_staff_tries(db, found.id, found.login, identify_visitor(request))
            device = issue_device_token(request, db, token, now, staff_id=found.id)
            journal.note(
                db, f"staff:{found.id}", "staff.sign_in", now, how=how, address=client_address(request)
            )
    return token, device


def _password_counters(request: Request, db: Session, login: str) -> list[rate_limits.Counter]:
    return entry_limits.staff_password_counters(
        db, request.app.state.settings, login, identify_visitor(request)
    )


routes = [show_login, log_in, show_code, enter_code, show_invitation, show_qr_code, enrol]
