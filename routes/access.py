"""Entering and leaving (manual §2). Neither words, status nor time tell whether a contract exists."""

from datetime import datetime
from urllib.parse import quote

from litestar import Response
from litestar.params import FromPath
from pydantic import BaseModel, field_validator
from sqlmodel import Session

from db import acceptances, access, attempts, codes, entry_limits, journal, sessions, writing
from db.access import Found
from routes import Db, Now, Request, Typed, get, inside, missing, page, post, read, see
from routes.askers import asker, count_refusal, issue, remember
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


@post("/login", public=True)
def enter(request: Request, db: Db, now: Now, typed: Typed) -> Response:
    place = inside(typed.get("next"))
    try:
        form = read(Login, typed)
        access.check_tries(db, request.app.state.settings, form.number, asker(request), now)
        found, how = access.by_password(db, form.number, form.password, now)
        right = how in ("own", "initial")
        with writing(db):
            access.judge_try(db, request.app.state.settings, form.number, asker(request), now, found, right)
        if not right:
            raise Refused(password=LATE if how == "late" else WRONG)
        return _admit(request, db, now, found, place, how)
    except Refused as refused:
        return page(request, "access/login.html", typed=typed | {"password": ""}, refused=refused, next=place)


def _admit(request: Request, db: Session, now: datetime, found: Found, place: str, how: str) -> Response:
    """A fresh session, whoever held an older cookie gaining nothing; a password from an SMS leads to choosing one.

    Whatever way led here, the phone was proved: who has not agreed to today's consent is asked for it before anything opens.
    """
    if found is None:
        missing()
    contract, who = found
    steps = ["choose"] if how == "initial" else []
    own, me = asker(request), int(who.id or 0)
    person = request.scope.get("user")
    with writing(db):
        if person:
            sessions.end(db, person, person.session_id)
        if not acceptances.has_consent(db, me):
            steps.insert(0, "consent")
        ids = {"subscriber_id": me, "contract_id": contract.id}
        token = sessions.start(db, now, stage=" ".join(steps) or "open", **ids, **caller(request))
        entry_limits.succeed(db, contract.number, own)
        device = issue(request, db, token, now, subscriber_id=me)
        journal.note(db, f"subscriber:{who.id}", "access.sign_in", now, **ids, how=how)
    answer = see({"": place, "choose": "/choose"}.get(" ".join(steps), "/consent?next=" + quote(place)))
    answer.set_cookie(cookie(request, token))
    return remember(request, answer, device)


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
        token = access.send_entry_code(db, request.app.state.settings, form.number, asker(request), now)
    return remember(request, see(f"/login/code/{token}"))


@get("/login/code/{token:str}", public=True)
def code_page(request: Request, db: Db, now: Now, token: FromPath[str]) -> Response:
    codes.pending(db, "login", access.binding(token, asker(request)), now) or missing()
    return page(request, "access/code.html", token=token)


@post("/login/code/{token:str}", public=True)
def enter_code(request: Request, db: Db, now: Now, typed: Typed, token: FromPath[str]) -> Response:
    """Good only in the browser that asked: elsewhere this page does not exist."""
    own = asker(request)
    waiting = codes.pending(db, "login", access.binding(token, own), now)
    if waiting is None:
        count_refusal(request, db, "code", now)
        missing()
    try:
        digits = six_digits(typed.get("code", ""))
        counters = entry_limits.codes(request.app.state.settings, int(waiting.about), own)
        with writing(db):
            attempts.check_all(db, counters, now)
            found = access.by_code(db, token, own, digits, now)
            if found is None:
                attempts.add_all(db, counters, now)
                access.note_refusal(db, own, now)
        if found is None:
            raise Refused(code=WRONG_CODE)
        return _admit(request, db, now, found, "/", "code")
    except Refused as refused:
        return page(request, "access/code.html", typed=typed, refused=refused, token=token)


routes = [door, enter, leave, ask_code, send_code, code_page, enter_code]
