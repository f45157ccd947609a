"""Entering and leaving (manual §2). Neither words, status nor time tell whether a contract exists."""

from datetime import datetime

from litestar import Response
from litestar.params import FromPath
from pydantic import BaseModel, field_validator
from sqlmodel import Session

from db import access, attempts, codes, journal, sessions, writing
from db.access import Found
from routes import Db, Now, Request, Typed, address, get, inside, missing, page, post, read, see
from routes.door import caller, cookie
from rules import Refused
from rules.access import code as six_digits
from rules.contracts import number

WRONG = "Номер договора и пароль не подошли друг к другу. Проверьте раскладку клавиатуры или получите новый пароль."
LATE = "Пароль из SMS действовал сутки и больше не подходит. Получите новый: «Забыли пароль?»"
WRONG_CODE = "Код не подошёл или его время вышло. Проверьте цифры или получите новый код."


class Number(BaseModel):
    number: int

    _number = field_validator("number", mode="before")(number)


class Login(Number):
    password: str


@get("/login", public=True)
def door(request: Request) -> Response:
    return page(request, "access/login.html", next=inside(request.query_params.get("next")))


@post("/login", public=True, executor="passwords")
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
    """A fresh session, whoever held an older cookie gaining nothing; a password from an SMS leads to choosing one."""
    if found is None:
        missing()
    contract, who, stage = found[0], found[1], "choose" if how == "initial" else "open"
    person = request.scope.get("user")
    with writing(db):
        if person:
            sessions.end(db, person, person.session_id)
        ids = {"subscriber_id": who.id, "contract_id": contract.id}
        token = sessions.start(db, now, stage=stage, **ids, **caller(request))
        attempts.forget(db, "password", f"contract:{contract.number}")
        journal.note(db, f"subscriber:{who.id}", "access.sign_in", now, **ids, how=how)
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
        token = access.send_entry_code(db, form.number, now)
    return see(f"/login/code/{token}")


@get("/login/code/{token:str}", public=True)
def code_page(request: Request, db: Db, now: Now, token: FromPath[str]) -> Response:
    codes.pending(db, "login", token, now) or missing()
    return page(request, "access/code.html", token=token)


@post("/login/code/{token:str}", public=True)
def enter_code(request: Request, db: Db, now: Now, typed: Typed, token: FromPath[str]) -> Response:
    waiting = codes.pending(db, "login", token, now) or missing()
    try:
        digits, wanted = six_digits(typed.get("code", "")), int(waiting.about)
        with writing(db):
            access.check_tries(db, request.app.state.settings, wanted, address(request), now)
            found = access.by_code(db, token, digits, now)
            if found is None:
                access.count_try(db, wanted, address(request), now, None)
        if found is None:
            raise Refused(code=WRONG_CODE)
        return _admit(request, db, now, found, "/", "code")
    except Refused as refused:
        return page(request, "access/code.html", typed=typed, refused=refused, token=token)


routes = [door, enter, leave, ask_code, send_code, code_page, enter_code]
