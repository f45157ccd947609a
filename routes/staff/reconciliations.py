"""The day's payments beside the bank's list, and what the bank said that we did not ask for (SPEC §5)."""

from datetime import datetime, timedelta
from typing import Any

from litestar import Response
from litestar.params import FromPath
from sqlmodel import Session

from db import banking, journal, payments, reconciliations, writing
from routes import Db, Now, Request, Typed, Who, bounded, get, page, post, see
from routes.staff import of
from rules import Refused, days, periods
from rules.reconciliations import KINDS, STATES

ODD = {"amount": "сумма не та", "currency": "валюта не та", "order": "заказ не наш", "unknown": "платёж нам неизвестен",
       "refund": "возврат, о котором мы не просили"}  # fmt: skip


@get("/staff/reconciliations", staff=of("correct"))
def show(request: Request, db: Db, now: Now) -> Response:
    return _page(request, db, now)


def _page(request: Request, db: Session, now: datetime, **answer: Any) -> Response:
    odd = banking.open_discrepancies(db)
    named = {one.payment_id: payments.fresh(db, one.payment_id) for one in odd if one.payment_id}
    return page(
        request, "staff/reconciliations/show.html", rows=reconciliations.latest(db), odd=odd, named=named, words=ODD,
        kinds=KINDS, states=STATES, yesterday=days.today(now) - timedelta(days=1), **answer,
    )  # fmt: skip


@post("/staff/reconciliations", staff=of("correct"))
def ask(request: Request, db: Db, now: Now, who: Who, typed: Typed) -> Response:
    try:
        day = periods.typed_day(typed.get("day", ""), "day")
        if day is None or day > days.today(now):
            raise Refused(day="Укажите день, который уже наступил.")
    except Refused as refused:
        return _page(request, db, now, refused=refused, typed=typed)
    with writing(db):
        reconciliations.ask(db, day, now)
        journal.note(db, who, "reconciliations.ask", now, day=day)
    return see("/staff/reconciliations", f"Сверяем {days.day_words(day)}: ответ банка появится здесь через минуту.")


@post("/staff/discrepancies/{discrepancy_id:str}", staff=of("correct"))
def settle(request: Request, db: Db, now: Now, who: Who, typed: Typed, discrepancy_id: FromPath[str]) -> Response:
    """The accountant has dealt with it and says how; the money itself is moved by a correction or at the bank."""
    note = " ".join(typed.get("note", "").split())
    if not 5 <= len(note) <= 300:
        wrong = Refused(note="Напишите, что сделано: вернули, провели корректировкой, ошибка банка.")
        return _page(request, db, now, refused=wrong, typed=typed | {"odd": discrepancy_id})
    with writing(db):
        done = banking.settle_discrepancy(db, bounded(discrepancy_id), who, note, now)
    return see("/staff/reconciliations", "Расхождение закрыто." if done else "Этого расхождения уже нет в списке.")


routes = [show, ask, settle]
