"""Sign-in and sign-out (manual §2). Neither texts, status codes nor timing reveal whether a
contract exists.
"""

from datetime import datetime

from litestar import Response
from litestar.params import FromPath
from pydantic import BaseModel, Field, field_validator
from sqlmodel import Session

from db import journal, writing
from db.access import acceptances, codes, entry_limits, rate_limits, second_factors, sessions, sign_in
from db.access.sign_in import Found
from db.people.subscribers import Subscriber
from rules import Refused
from rules.access.sign_in import parse_code
from rules.people.contracts import parse_number
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
from web.authentication import next_step, session_cookie
from web.devices import describe_client
from web.session_cookies import set_session
from web.visitors import count_refusal, identify_visitor, issue_device_token, set_device_cookie

WRONG = (
    "Номер договора и пароль не подошли друг к другу. Проверьте раскладку клавиатуры или получите "
    "новый пароль."
)
LATE = "Пароль из SMS действовал сутки и больше не подходит. Получите новый: «Забыли пароль?»"
WRONG_CODE = "Код не подошёл или его время вышло. Проверьте цифры или получите новый код."
WRONG_APP = "Код не подошёл. Подождите, пока приложение покажет следующий, и введите его."


class Number(BaseModel):
    number: int

    _number = field_validator("number", mode="before")(parse_number)


class Login(Number):
    password: str = Field(min_length=1)


@get("/login", public=True)
def show_login(request: Request) -> Response:
    return page(request, "access/sign_in/login.html", next=safe_next_url(request.query_params.get("next")))


@post("/login", public=True, executor="passwords")
def log_in(request: Request, db: Db, now: Now, typed: Typed) -> Response:
    place = safe_next_url(typed.get("next"))
    try:
        form = parse_form(Login, typed)
        sign_in.check_password_tries(
            db, request.app.state.settings, form.number, identify_visitor(request), now
        )
        found, how = sign_in.check_password(db, form.number, form.password, now)
        right = how in ("own", "initial")
        with writing(db):
            sign_in.count_password_try(
                db, request.app.state.settings, form.number, identify_visitor(request), now, found, right
            )
        if not right:
            raise Refused(password=LATE if how == "late" else WRONG)
        return _start_session(request, db, now, found, place, how)
    except Refused as refused:
        return page(
            request, "access/sign_in/login.html", typed=typed | {"password": ""}, refused=refused, next=place
        )


def _start_session(
    request: Request, db: Session, now: datetime, found: Found, place: str, how: str
) -> Response:
    """Start a new session, so that an older cookie is worth nothing; after a password from an SMS the person
    must choose one.

    Every way here has proved the phone, so whoever has not given the current consent is asked for it before
    anything opens. Where an authenticator application is enrolled, neither a password nor an SMS is enough:
    that step comes first.
    """
    if found is None:
        not_found()
    contract, who = found
    own, me = identify_visitor(request), who.id
    person = request.scope.get("user")
    with writing(db):
        if person:
            sessions.end(db, person, person.session_id)
        steps = _required_steps(db, who, how)
        ids = {"subscriber_id": me, "contract_id": contract.id}
        token = sessions.start(db, now, stage=" ".join(steps) or "open", **ids, **describe_client(request))
        entry_limits.clear_password_tries(db, contract.number, own)
        app = "app" in steps  # an incomplete sign-in does not make the browser known
        device = None if app else issue_device_token(request, db, token, now, subscriber_id=me)
        journal.note(
            db, f"subscriber:{who.id}", "access.first_step" if app else "access.sign_in", now, **ids, how=how
        )
    answer = redirect(next_step(" ".join(steps), place))
    set_session(answer, request, token)
    return set_device_cookie(request, answer, device)


def _required_steps(db: Session, who: Subscriber, how: str) -> list[str]:
    """Return the steps this sign-in requires before anything opens, in order."""
    steps = ["app"] if who.has_totp else []
    if not acceptances.has_consent(db, who.id):
        steps.append("consent")
    return [*steps, "choose"] if how == "initial" else steps


@get("/login/app", stage="app")
def show_app_code(request: Request) -> Response:
    return page(request, "access/sign_in/app.html", next=safe_next_url(request.query_params.get("next")))


@post("/login/app", stage="app")
def enter_app_code(request: Request, db: Db, now: Now, who: Who, typed: Typed) -> Response:
    """Check the second step, with an attempt counter that a right password does not reset; the session cookie
    changes.
    """
    place, settings = safe_next_url(typed.get("next")), request.app.state.settings
    rest = who.stage.partition(" ")[2]
    counters = entry_limits.application_counters(settings, who)
    try:
        digits = parse_code(typed.get("code", ""), "приложения")
        with writing(db):
            rate_limits.check_all(db, counters, now)
            right = second_factors.use_code(db, settings, who, digits, now)
            if right:
                rate_limits.clear_attempts(db, "app", who.actor)
                token = sessions.renew(db, who, stage=rest or "open")
                device = issue_device_token(request, db, token, now, subscriber_id=who.id)
                journal.note(db, who, "access.sign_in", now, how="totp")
            else:
                rate_limits.add_attempts(db, counters, now)
                journal.note(db, who, "access.wrong_app_code", now, address=client_address(request))
        if not right:
            raise Refused(code=WRONG_APP)
    except Refused as refused:
        return page(request, "access/sign_in/app.html", typed=typed, refused=refused, next=place)
    answer = redirect(next_step(rest, place))
    set_session(answer, request, token)
    return set_device_cookie(request, answer, device)


@post("/logout", public=True)
def log_out(request: Request, db: Db, now: Now) -> Response:
    """Sign out. Public, so that a second «Выйти» in another tab is no error."""
    person = request.scope.get("user")
    if person:
        with writing(db):
            sessions.end(db, person, person.session_id)
            journal.note(db, person, "access.sign_out", now)
    answer = redirect(
        "/staff/login" if person and person.kind == "staff" else "/login", "Вы вышли из кабинета."
    )
    answer.set_cookie(session_cookie(request, "", forget=True))
    return answer


@get("/login/code", public=True)
def show_number(request: Request) -> Response:
    """Show the form and set the browser's id already here, so that a button pressed twice counts as one
    browser.
    """
    identify_visitor(request)
    return set_device_cookie(request, page(request, "access/sign_in/number.html"))


@post("/login/code", public=True)
def send_code(request: Request, db: Db, now: Now, typed: Typed) -> Response:
    try:
        form = parse_form(Number, typed)
    except Refused as refused:
        return page(request, "access/sign_in/number.html", typed=typed, refused=refused)
    with writing(db):
        token = sign_in.send_entry_code(
            db, request.app.state.settings, form.number, identify_visitor(request), now, typed.get("key", "")
        )
    return set_device_cookie(request, redirect(f"/login/code/{token}"))


@get("/login/code/{token:str}", public=True)
def show_code(request: Request, db: Db, now: Now, token: FromPath[str]) -> Response:
    codes.find_by_token(
        db, sign_in.ENTRY, sign_in.code_binding_value(token, identify_visitor(request)), now
    ) or not_found()
    return page(request, "access/sign_in/code.html", token=token)


@post("/login/code/{token:str}", public=True)
def enter_code(request: Request, db: Db, now: Now, typed: Typed, token: FromPath[str]) -> Response:
    """Check the code; it is valid only in the browser that requested it, elsewhere the page is 404."""
    own = identify_visitor(request)
    waiting = codes.find_by_token(db, sign_in.ENTRY, sign_in.code_binding_value(token, own), now)
    if waiting is None:
        count_refusal(request, db, "code", now)
        not_found()
    try:
        digits = parse_code(typed.get("code", ""))
        counters = entry_limits.code_counters(request.app.state.settings, int(waiting.about), own)
        with writing(db):
            rate_limits.check_all(db, counters, now)
            found = sign_in.check_entry_code(db, request.app.state.settings, token, own, digits, now)
            if found is None:
                rate_limits.add_attempts(db, counters, now)
                sign_in.note_refusal(db, own, now)
        if found is None:
            raise Refused(code=WRONG_CODE)
        return _start_session(request, db, now, found, "/", "code")
    except Refused as refused:
        return page(request, "access/sign_in/code.html", typed=typed, refused=refused, token=token)


routes = [
    show_login,
    log_in,
    show_app_code,
    enter_app_code,
    log_out,
    show_number,
    send_code,
    show_code,
    enter_code,
]
