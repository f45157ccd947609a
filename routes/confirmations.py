"""«Confirmed by code»: within the last ten minutes, before what must not be done with a phone left on a table (SPEC Access).

Other capabilities call `confirmed(request, who, now)` first; it sends the person here and back.
"""

from datetime import datetime
from urllib.parse import quote

from litestar import Response
from sqlmodel import Session

from db import access, codes, journal, outbox, second_factors, sessions, subscribers, writing
from db.journal import Person
from routes import Db, Now, Request, Typed, Who, address, get, inside, page, post, see
from routes.door import Elsewhere
from rules import Refused, phones
from rules.access import CONFIRMED_FOR
from rules.access import code as six_digits
from settings import Settings

WRONG = "Код не подошёл или его время вышло. Проверьте цифры или получите новый код."
WRONG_APP = "Код не подошёл. Подождите, пока приложение покажет следующий, и введите его."
NO_SMS = "У вас подключено приложение с кодами, поэтому SMS не подтверждает. Введите код из приложения."


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
    sent = codes.pending(db, codes.session_binding("confirm", who), now)
    return page(
        request, "confirmations/new.html", next=place, totp=bool(subscriber.totp_secret), sent=sent is not None,
        phone=phones.masked(subscriber.mobile) if subscriber.mobile else "", **answer,
    )  # fmt: skip


@post("/confirm/send")
def send(request: Request, db: Db, who: Who, now: Now, typed: Typed) -> Response:
    number, place = int(who.contract_number or 0), inside(typed.get("next"))
    subscriber, settings = subscribers.by_id(db, who.id), request.app.state.settings
    if subscriber.totp_secret:
        return _page(request, db, who, now, place, refused=Refused(code=NO_SMS))
    with writing(db):
        access.count_sms(db, settings, number, address(request), now)
        digits = codes.make(db, settings.secrets, codes.session_binding("confirm", who), now)
        outbox.put(db, "sms", str(subscriber.mobile), f"Код подтверждения: {digits}. Никому его не говорите.", kind="code",
                   now=now, contract_id=who.contract_id, urgent=True)  # fmt: skip
    return see("/confirm?next=" + quote(place), "Код отправлен.")


@post("/confirm")
def confirm(request: Request, db: Db, who: Who, now: Now, typed: Typed) -> Response:
    place, settings = inside(typed.get("next")), request.app.state.settings
    number = int(who.contract_number or 0)
    application = bool(subscribers.by_id(db, who.id).totp_secret)
    try:
        digits = six_digits(typed.get("code", ""), "приложения" if application else "SMS")
        with writing(db):
            access.check_tries(db, settings, number, address(request), now)
            right = _verify(db, settings, who, digits, now)
            if right:
                sessions.change(db, who, confirmed_at=now)
                journal.note(db, who, "confirmations.confirm", now)
            else:
                access.count_try(db, number, address(request), now, None)
        if not right:
            raise Refused(code=WRONG_APP if application else WRONG)
        return see(place)
    except Refused as refused:
        return _page(request, db, who, now, place, typed=typed, refused=refused)


def _verify(db: Session, settings: Settings, who: Person, digits: str, now: datetime) -> bool:
    """Whether these digits confirm, spending them: the application's where one is enrolled, else the SMS's. Inside `writing`."""
    if subscribers.by_id(db, who.id).totp_secret:
        return second_factors.use(db, settings, who, digits, now)
    return codes.use(db, settings.secrets, codes.session_binding("confirm", who), digits, now) is not None


routes = [ask, send, confirm]
