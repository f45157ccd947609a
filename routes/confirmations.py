"""«Confirmed by code»: within the last ten minutes, before what must not be done with a phone left on a table (SPEC Access).

Other capabilities call `confirmed(request, who, now)` first; it sends the person here and back.
"""

from datetime import datetime
from urllib.parse import quote

from litestar import Response
from sqlmodel import Session

from db import access, codes, journal, outbox, sessions, subscribers, writing
from db.journal import Person
from routes import Db, Now, Request, Typed, Who, address, get, inside, page, post, see
from routes.door import Elsewhere
from rules import Refused, phones, totp
from rules.access import CONFIRMED_FOR
from rules.access import code as six_digits

WRONG = "Код не подошёл или его время вышло. Проверьте цифры или получите новый код."


def confirmed(request: Request, who: Person, now: datetime) -> None:
    """Return if this session was confirmed within ten minutes; otherwise the asker is sent to confirm and come back."""
    if who.confirmed_at is None or who.confirmed_at < now - CONFIRMED_FOR:
        place = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        raise Elsewhere("/confirm?next=" + quote(place))


@get("/confirm")
def ask(request: Request, db: Db, who: Who, now: Now) -> Response:
    return _page(request, db, who, now, inside(request.query_params.get("next")))


def _page(request: Request, db: Session, who: Person, now: datetime, place: str, **answer: object) -> Response:
    subscriber = subscribers.by_id(db, who.id)
    sent = codes.pending(db, "confirm", str(who.session_id), now)
    return page(
        request, "confirmations/new.html", next=place, totp=subscriber.has_totp, sent=sent is not None,
        phone=phones.masked(subscriber.mobile) if subscriber.mobile else "", **answer,
    )  # fmt: skip


@post("/confirm/send")
def send(request: Request, db: Db, who: Who, now: Now, typed: Typed) -> Response:
    number = int(who.contract_number or 0)
    with writing(db):
        access.count_sms(db, request.app.state.settings, number, address(request), now)
        mobile = subscribers.by_id(db, who.id).mobile
        digits = codes.make(db, "confirm", str(who.session_id), now, subscriber_id=who.id)
        outbox.put(db, "sms", str(mobile), f"Код подтверждения: {digits}. Никому его не говорите.", kind="code",
                   now=now, contract_id=who.contract_id, urgent=True)  # fmt: skip
    return see("/confirm?next=" + quote(inside(typed.get("next"))), "Код отправлен.")


@post("/confirm")
def confirm(request: Request, db: Db, who: Who, now: Now, typed: Typed) -> Response:
    place = inside(typed.get("next"))
    number = int(who.contract_number or 0)
    try:
        digits = six_digits(typed.get("code", ""))
        with writing(db):
            access.check_tries(db, request.app.state.settings, number, address(request), now)
            right = codes.use(db, "confirm", str(who.session_id), digits, now) is not None
            right = right or _by_application(db, who, digits, now)
            if right:
                sessions.change(db, who.session_id, confirmed_at=now)
                journal.note(db, who, "confirmations.confirm", now)
            else:
                access.count_try(db, number, address(request), now, None)
        if not right:
            raise Refused(code=WRONG)
        return see(place)
    except Refused as refused:
        return _page(request, db, who, now, place, typed=typed, refused=refused)


def _by_application(db: Session, who: Person, digits: str, now: datetime) -> bool:
    """Whether the enrolled application shows these digits now; a code once used opens nothing more. Inside `writing`."""
    subscriber = subscribers.by_id(db, who.id)
    secret = subscribers.totp_secret(db, subscriber)
    if not secret:
        return False
    step = totp.step(secret, digits, now, subscriber.totp_step)
    if step is not None:
        subscribers.spend_totp(db, subscriber, step)
    return step is not None


routes = [ask, send, confirm]
