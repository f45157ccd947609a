"""Alarms of a contract for staff, and the dispatcher's notes, which the subscriber reads."""

from datetime import datetime, timedelta
from typing import Any

from litestar import Response
from litestar.params import FromPath
from sqlmodel import Session

from db import journal, writing
from db.events import alarms, events, feed
from db.journal import Person
from db.people import contracts
from rules import Refused, days
from rules.events import alarms as rule
from rules.events import feed as feed_words
from rules.events.event_codes import event_words
from rules.events.events import EventKind
from web import Db, Now, Request, Typed, Who, get, not_found, parse_id, post, redirect
from web.staff_pages import Look, page, roles_with

RECENT = timedelta(days=90)


@get("/staff/alarms/{contract_id:str}", staff=roles_with("keys", "look"), sync_to_thread=True)
def index(request: Request, db: Db, now: Now, contract_id: FromPath[str]) -> Response:
    contract = _contract(db, contract_id)
    reader = db.connection()
    seen = feed.read_view(reader, contract.id)
    found = (
        feed.event_rows(reader, seen.places, now - RECENT, now, (EventKind.alarm,), limit=100)
        if seen.places
        else []
    )
    rows = [
        (feed_words.alarm_id(row), days.moment(events.instant_of(row)), feed_words.feed_line(seen, row))
        for row in found
    ]
    return page(
        request,
        "events/staff_alarms/index.html",
        Look("alarms.look", contract.id),
        contract=contract,
        rows=rows,
    )


def _contract(db: Session, contract_id: str) -> contracts.Contract:
    return db.get(contracts.Contract, parse_id(contract_id)) or not_found()


@get("/staff/alarms/{contract_id:str}/{place:str}", staff=roles_with("keys", "look"))
def show(request: Request, db: Db, contract_id: FromPath[str], place: FromPath[str]) -> Response:
    return _page(request, db, _contract(db, contract_id), place)


def _page(request: Request, db: Session, contract: contracts.Contract, place: str, **answer: Any) -> Response:
    seen, alarm = _alarm(db, contract, place)
    story = [
        (line.words, f"{line.clock}{', ' + line.more if line.more else ''}", "")
        for row in alarms.timeline(db.connection(), alarm)
        for line in [feed_words.feed_line(seen, row)]
    ]
    notes = [
        (one.name, days.moment(one.at), one.text, "" if one.author == "subscriber" else "mine")
        for one in alarms.notes_of(db, alarm)
    ]
    return page(
        request,
        "events/staff_alarms/show.html",
        Look("alarms.look", contract.id, facts={"alarm": place}),
        contract=contract,
        place=place,
        story=story,
        notes=notes,
        words=event_words(alarm.kind, alarm.code),
        site=seen.titles[alarm.key_id],
        at=days.moment(events.instant_of(alarm)),
        **answer,
    )


def _alarm(db: Session, contract: contracts.Contract, place: str) -> tuple[feed_words.FeedView, Any]:
    reader = db.connection()
    seen = feed.read_view(reader, contract.id)
    return seen, alarms.find_alarm(reader, seen, alarms.parse_alarm_id(place)) or not_found()


@post("/staff/alarms/{contract_id:str}/{place:str}", staff=roles_with("keys", "answer"))
def write(
    request: Request,
    db: Db,
    now: Now,
    who: Who,
    typed: Typed,
    contract_id: FromPath[str],
    place: FromPath[str],
) -> Response:
    contract = _contract(db, contract_id)
    try:
        text = rule.clean_note(typed.get("text", ""))
        with writing(db):
            _write(db, contract, place, who, text, now)
        return redirect(f"/staff/alarms/{contract.id}/{place}", "Запись сохранена, абонент её видит.")
    except Refused as refused:
        return _page(request, db, contract, place, typed=typed, refused=refused)


def _write(
    db: Session, contract: contracts.Contract, place: str, who: Person, text: str, now: datetime
) -> None:
    """Add a note, unless the same person has already written the same text, so that a double click adds one
    note.
    """
    _, alarm = _alarm(db, contract, place)
    if any(one.text == text and one.name == who.name for one in alarms.notes_of(db, alarm)):
        return
    alarms.add(db, alarm, contract.id, "staff", who.name, text, now)
    journal.note(db, who, "alarms.note", now, contract_id=contract.id, alarm=place)


routes = [index, show, write]
