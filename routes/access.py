"""Entering and leaving (manual §2). Neither words, status nor time tell whether a contract exists."""

from datetime import datetime
from urllib.parse import quote

from litestar import Response
from litestar.params import FromPath
from pydantic import BaseModel, field_validator
from sqlmodel import Session

from db import access, attempts, codes, journal, second_factors, sessions, writing
from db.access import Found
from routes import Db, Now, Request, Typed, Who, address, get, inside, missing, page, post, read, see
from routes.door import caller, cookie
from rules import Refused
from rules.access import code as six_digits
from rules.contracts import number

WRONG = "Номер договора и пароль не подошли друг к другу. Проверьте раскладку клавиатуры или получите новый пароль."
LATE = "Пароль из SMS действовал сутки и больше не подходит. Получите новый: «Забыли пароль?»"
WRONG_CODE = "Код не подошёл или его время вышло. Проверьте цифры или получите новый код."
WRONG_APP = "Код не подошёл. Подождите, пока приложение покажет следующий, и введите его."


class Number(BaseModel):
    number: int

    _number = field_validator("number", mode="before")(number)


class Login(Number):
    password: str


@get("/login", public=True)
def door(request: Request) -> Response:
    return page(request, "access/login.html", next=inside(request.query_params.get("next")))


@post("/login", public=True)
def enter(request: Request, db: Db, now: Now, typed: Typed) -> Response:
    place = inside(typed.get("next"))
    try:
        form = read(Login, typed)
        access.check_tries(db, request.app.state.settings, form.number, address(request), now)
        found, how = access.by_password(db, form.number, form.password, now)
        right = how in ("own", "initial")
        with writing(db):
            access.judge_try(db, request.app.state.settings, form.number, address(request), now, found, right)
        if not right:
            raise Refused(password=LATE if how == "late" else WRONG)
        return _admit(request, db, now, found, place, how)
    except Refused as refused:
        return page(request, "access/login.html", typed=typed | {"password": ""}, refused=refused, next=place)


def _admit(request: Request, db: Session, now: datetime, found: Found, place: str, how: str) -> Response:
    """A fresh session, whoever held an older cookie gaining nothing; a password from an SMS leads to choosing one.

    Where an application of codes is enrolled, neither a password nor an SMS is enough: the session opens after its code.
    """
    if found is None:
        missing()
    contract, who, stage = found[0], found[1], "choose" if how == "initial" else "open"
    if who.totp_secret:
        stage = "app-choose" if stage == "choose" else "app"
    person = request.scope.get("user")
    with writing(db):
        if person:
            sessions.end(db, person, person.session_id)
        ids = {"subscriber_id": who.id, "contract_id": contract.id}
        token = sessions.start(db, now, stage=stage, **ids, **caller(request))
        attempts.forget(db, "password", f"contract:{contract.number}")
        step = "access.first_step" if who.totp_secret else "access.sign_in"
        journal.note(db, f"subscriber:{who.id}", step, now, **ids, how=how)
    answer = see({"open": place, "choose": "/choose"}.get(stage, "/login/app?next=" + quote(place)))
    answer.set_cookie(cookie(request, token))
    return answer


@get("/login/app", stage="app app-choose")
def ask_app(request: Request) -> Response:
    return page(request, "access/app.html", next=inside(request.query_params.get("next")))


@post("/login/app", stage="app app-choose")
def enter_app(request: Request, db: Db, now: Now, who: Who, typed: Typed) -> Response:
    """The second step, on a counter of its own that a right password does not clear; the session's cookie changes with it."""
    place, settings, subject = inside(typed.get("next")), request.app.state.settings, f"subscriber:{who.id}"
    stage = "choose" if who.stage == "app-choose" else "open"
    try:
        digits = six_digits(typed.get("code", ""), "приложения")
        with writing(db):
            attempts.check(db, "app", subject, now, settings.wrong_passwords, access.QUARTER)
            right = second_factors.use(db, settings, who, digits, now)
            if right:
                attempts.forget(db, "app", subject)
                token = sessions.renew(db, who, stage=stage)
                journal.note(db, who, "access.sign_in", now, how="totp")
            else:
                attempts.add(db, "app", subject, now)
                journal.note(db, who, "access.wrong_app_code", now, address=address(request))
        if not right:
            raise Refused(code=WRONG_APP)
    except Refused as refused:
        return page(request, "access/app.html", typed=typed, refused=refused, next=place)
    answer = see(place if stage == "open" else "/choose")
    answer.set_cookie(cookie(request, token))
    return answer


@post("/logout", public=True)
def leave(request: Request, db: Db, now: Now) -> Response:
    """Public, so that a second «Выйти» in another tab is no error."""
    person = request.scope.get("user")
    if person:
        with writing(db):
            sessions.end(db, person, person.session_id)
            journal.note(db, person, "access.sign_out", now)
    answer = see("/staff/login" if person and person.kind == "staff" else "/login", "Вы вышли из кабинета.")
    answer.set_cookie(cookie(request, "", forget=True))
    return answer


@get("/login/code", public=True)
def ask_code(request: Request) -> Response:
    return page(request, "access/number.html")


@post("/login/code", public=True)
def send_code(request: Request, db: Db, now: Now, typed: Typed) -> Response:
    try:
        form = read(Number, typed)
    except Refused as refused:
        return page(request, "access/number.html", typed=typed, refused=refused)
    with writing(db):
        access.count_sms(db, request.app.state.settings, form.number, address(request), now)
        token = access.send_entry_code(db, request.app.state.settings, form.number, now)
    return see(f"/login/code/{token}")


@get("/login/code/{token:str}", public=True)
def code_page(request: Request, db: Db, now: Now, token: FromPath[str]) -> Response:
    codes.find_by_token(db, "login", token, now) or missing()
    return page(request, "access/code.html", token=token)


@post("/login/code/{token:str}", public=True)
def enter_code(request: Request, db: Db, now: Now, typed: Typed, token: FromPath[str]) -> Response:
    waiting = codes.find_by_token(db, "login", token, now) or missing()
    try:
        digits, wanted = six_digits(typed.get("code", "")), int(waiting.about)
        with writing(db):
            access.check_tries(db, request.app.state.settings, wanted, address(request), now)
            found = access.by_code(db, request.app.state.settings, token, digits, now)
            if found is None:
                access.count_try(db, wanted, address(request), now, None)
        if found is None:
            raise Refused(code=WRONG_CODE)
        return _admit(request, db, now, found, "/", "code")
    except Refused as refused:
        return page(request, "access/code.html", typed=typed, refused=refused, token=token)


routes = [door, enter, ask_app, enter_app, leave, ask_code, send_code, code_page, enter_code]
