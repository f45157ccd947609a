"""Subscribers' rules to be warned «не поставлен под охрану к 22:00», «не снят к 9:00»; not in the manual."""

from datetime import datetime
from typing import Any

from litestar import Response
from litestar.params import FromPath
from sqlmodel import Session

from db import journal, submissions, writing
from db.events import feed, supervision
from db.journal import Person
from db.people import subscribers
from rules import Problems, Refused
from rules.events import feed as feed_words
from rules.events import supervision as rule
from web import Db, Now, Request, Typed, Who, get, not_found, page, parse_id, post, redirect
from web.confirmations import confirm_page

MOST = 20  # rules of one contract


@get("/supervision")
def index(request: Request, db: Db, who: Who) -> Response:
    names = {one.id: one.name for one in _view(db, who).places}
    rows = [
        (
            row.id,
            names.get(row.place, "Ключ убран"),
            f"{rule.WISHED[row.kind]} к {wish.by.hour}:{wish.by.minute:02}",
            rule.weekdays_words(wish.weekdays),
            rule.CHANNELS[row.channel],
        )
        for row in supervision.watches_of(db, who.contract_id)
        for wish in [supervision.wish_of(row)]
    ]
    return page(request, "events/supervision/index.html", rows=rows, places=names)


def _view(db: Session, who: Person) -> feed_words.FeedView:
    return feed.read_view(db.connection(), who.contract_id)


@get("/supervision/new")
def new(request: Request, db: Db, who: Who) -> Response:
    usual = {"kind": rule.ARM, "by": "22:00", "channel": "sms"} | {f"day-{day}": "1" for day in range(5)}
    return _form(request, db, who, typed=usual)


def _form(request: Request, db: Session, who: Person, **answer: Any) -> Response:
    places = [(one.id, one.name) for one in _view(db, who).places]
    return page(
        request,
        "events/supervision/new.html",
        places=places,
        kinds=list(rule.KINDS.items()),
        weekdays=list(enumerate(rule.SHORT_DAYS)),
        channels=_channels(db, who),
        **answer,
    )


def _channels(db: Session, who: Person) -> list[tuple[str, str]]:
    mail = subscribers.get_subscriber(db, who.id).email_confirmed_at
    return [(name, words) for name, words in rule.CHANNELS.items() if name != "mail" or mail]


@post("/supervision/new")
def add(request: Request, db: Db, who: Who, now: Now, typed: Typed) -> Response:
    try:
        wish = _read(db, who, typed)
        with writing(db):
            if not submissions.previous_answer(db, who, "supervision.add", typed | {"again": "1"}, now):
                _add(db, who, typed["place"], wish, now)
                submissions.add(db, who, "supervision.add", typed, "/supervision", now)
        return redirect("/supervision", "Сохранено. Предупредим, если этого не случится.")
    except Refused as refused:
        return _form(request, db, who, typed=typed, refused=refused)


def _read(db: Session, who: Person, typed: dict[str, str]) -> rule.SupervisionWish:
    problems = Problems()
    if typed.get("place", "") not in {one.id for one in _view(db, who).places}:
        problems["place"] = "Выберите объект из списка."
    chosen = [day for day in "0123456" if typed.get(f"day-{day}")]
    wish = problems.read(
        rule.parse_wish, typed.get("kind", ""), typed.get("by", ""), chosen, typed.get("channel", "")
    )
    if wish and wish.channel not in dict(_channels(db, who)):
        problems["channel"] = "Сначала подтвердите адрес почты в настройках или выберите SMS."
    if problems or wish is None:
        raise Refused(**problems)
    return wish


def _add(db: Session, who: Person, place: str, wish: rule.SupervisionWish, now: datetime) -> None:
    contract = who.contract_id
    if len(supervision.watches_of(db, contract)) >= MOST:
        raise Refused(form=f"Предупреждений уже {MOST}, больше нельзя. Уберите ненужные.")
    if not supervision.add(db, contract, place, wish, now):
        raise Refused(form="Такое предупреждение уже есть, второго не нужно.")
    journal.note(db, who, "supervision.add", now, place=place, kind=wish.kind, by=f"{wish.by:%H:%M}")


@get("/supervision/{watch_id:str}/stop")
def confirm_stop(request: Request, db: Db, who: Who, watch_id: FromPath[str]) -> Response:
    supervision.owned_watch(db, who.contract_id, parse_id(watch_id)) or not_found()
    return confirm_page(
        request,
        "Убрать предупреждение",
        "Больше не скажем, если объект не поставят или не снимут вовремя. Охрана не изменится.",
        "Убрать предупреждение",
        "/supervision",
    )


@post("/supervision/{watch_id:str}/stop")
def stop(db: Db, who: Who, now: Now, watch_id: FromPath[str]) -> Response:
    with writing(db):
        row = supervision.owned_watch(db, who.contract_id, parse_id(watch_id)) or not_found()
        supervision.stop(db, row)
        journal.note(db, who, "supervision.stop", now, watch=row.id)
    return redirect("/supervision", "Больше не предупреждаем.")


routes = [index, new, add, confirm_stop, stop]
