"""Entering and leaving (manual §2). Neither words, status nor time tell whether a contract exists."""

from datetime import datetime

from litestar import Response
from litestar.params import FromPath
from pydantic import BaseModel, field_validator
from sqlmodel import Session

from db import acceptances, access, attempts, codes, entry_limits, journal, second_factors, sessions, writing
from db.access import Found
from db.subscribers import Subscriber
from routes import Db, Now, Request, Typed, Who, address, get, inside, missing, page, post, read, see
from routes.askers import asker, count_refusal, issue, remember
from routes.door import caller, cookie, next_step
from rules import Refused
from rules.access import code as six_digits
from rules.contracts import number

WRONG = (
    "Номер договора и пароль не подошли друг к другу. Проверьте раскладку клавиатуры или получите "
    "новый пароль."
)
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


@post("/login", public=True, executor="passwords")
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
    """A fresh session, whoever held an older cookie gaining nothing; a password from an SMS leads to choosing
    one.

    Whatever way led here, the phone was proved: who has not agreed to today's consent is asked for it before
    anything opens. Where an application of codes is enrolled, neither a password nor an SMS is enough: that
    step comes first.
    """
    if found is None:
        missing()
    contract, who = found
    own, me = asker(request), int(who.id or 0)
    person = request.scope.get("user")
    with writing(db):
        if person:
            sessions.end(db, person, person.session_id)
        steps = _steps(db, who, how)
        ids = {"subscriber_id": me, "contract_id": contract.id}
        token = sessions.start(db, now, stage=" ".join(steps) or "open", **ids, **caller(request))
        entry_limits.succeed(db, contract.number, own)
        app = "app" in steps  # half of an entry makes no browser known
        device = None if app else issue(request, db, token, now, subscriber_id=me)
        journal.note(
            db, f"subscriber:{who.id}", "access.first_step" if app else "access.sign_in", now, **ids, how=how
        )
    answer = see(next_step(" ".join(steps), place))
    answer.set_cookie(cookie(request, token))
    return remember(request, answer, device)


def _steps(db: Session, who: Subscriber, how: str) -> list[str]:
    """What this entry must do before anything opens, in order."""
    steps = ["app"] if who.has_totp else []
    if not acceptances.has_consent(db, int(who.id or 0)):
        steps.append("consent")
    return [*steps, "choose"] if how == "initial" else steps


@get("/login/app", stage="app")
def ask_app(request: Request) -> Response:
    return page(request, "access/app.html", next=inside(request.query_params.get("next")))


@post("/login/app", stage="app")
def enter_app(request: Request, db: Db, now: Now, who: Who, typed: Typed) -> Response:
    """The second step, on a counter of its own that a right password does not clear; the session's cookie
    changes with it.
    """
    place, settings = inside(typed.get("next")), request.app.state.settings
    rest = who.stage.partition(" ")[2]
    counters = entry_limits.application(settings, who)
    try:
        digits = six_digits(typed.get("code", ""), "приложения")
        with writing(db):
            attempts.check_all(db, counters, now)
            right = second_factors.use(db, settings, who, digits, now)
            if right:
                attempts.forget(db, "app", who.actor)
                token = sessions.renew(db, who, stage=rest or "open")
                device = issue(request, db, token, now, subscriber_id=who.id)
                journal.note(db, who, "access.sign_in", now, how="totp")
            else:
                attempts.add_all(db, counters, now)
                journal.note(db, who, "access.wrong_app_code", now, address=address(request))
        if not right:
            raise Refused(code=WRONG_APP)
    except Refused as refused:
        return page(request, "access/app.html", typed=typed, refused=refused, next=place)
    answer = see(next_step(rest, place))
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
    codes.find_by_token(db, access.ENTRY, access.page_value(token, asker(request)), now) or missing()
    return page(request, "access/code.html", token=token)


@post("/login/code/{token:str}", public=True)
def enter_code(request: Request, db: Db, now: Now, typed: Typed, token: FromPath[str]) -> Response:
    """Good only in the browser that asked: elsewhere this page does not exist."""
    own = asker(request)
    waiting = codes.find_by_token(db, access.ENTRY, access.page_value(token, own), now)
    if waiting is None:
        count_refusal(request, db, "code", now)
        missing()
    try:
        digits = six_digits(typed.get("code", ""))
        counters = entry_limits.codes(request.app.state.settings, int(waiting.about), own)
        with writing(db):
            attempts.check_all(db, counters, now)
            found = access.by_code(db, request.app.state.settings, token, own, digits, now)
            if found is None:
                attempts.add_all(db, counters, now)
                access.note_refusal(db, own, now)
        if found is None:
            raise Refused(code=WRONG_CODE)
        return _admit(request, db, now, found, "/", "code")
    except Refused as refused:
        return page(request, "access/code.html", typed=typed, refused=refused, token=token)


routes = [door, enter, ask_app, enter_app, leave, ask_code, send_code, code_page, enter_code]
