"""One alarm on its own page: signal, restore, cancel, the dispatcher's note, the subscriber's comment; prints
well.
"""

from datetime import datetime
from typing import Any

from litestar import Response
from litestar.params import FromPath
from sqlmodel import Session

from db import journal, submissions, writing
from db.events import alarms, events, feed
from db.journal import Person
from rules import Refused, days
from rules.events import alarms as rule
from rules.events.event_codes import say
from rules.events.events import Kind
from web import Db, Now, Request, Typed, Who, get, missing, page, post, see


@get("/alarms/{place:str}")
def show(request: Request, db: Db, who: Who, now: Now, place: FromPath[str]) -> Response:
    return _page(request, db, who, now, place)


def _alarm(db: Session, who: Person, place: str) -> tuple[feed.View, Any]:
    """The contract's view and the alarm in it; anybody else's is not found."""
    reader = db.connection()
    seen = feed.view(reader, who.contract_id)
    return seen, alarms.found(reader, seen, alarms.place(place)) or missing()


def _page(request: Request, db: Session, who: Person, now: datetime, place: str, **answer: Any) -> Response:
    seen, alarm = _alarm(db, who, place)
    return page(request, "events/alarms/show.html", place=place, **about(db, seen, alarm), **answer)


def about(db: Session, seen: feed.View, alarm: Any) -> dict[str, Any]:
    """What the page says of an alarm."""
    story = alarms.story(db.connection(), alarm)
    after = [row for row in story if events.cursor(row) != events.cursor(alarm)]
    mark, words, at = rule.outcome([(events.moment(row), Kind(row.kind).name, row.code) for row in after])
    return {
        "title_words": say(alarm.kind, alarm.code),
        "at": events.moment(alarm),
        "mark": mark,
        "outcome": words,
        "ended": days.clock(at) if at else "",
        "site": seen.titles[alarm.key_id],
        "where": feed.whose(seen.names, alarm),
        "part": alarm.part,
        "code": alarm.code,
        "story": [
            (
                line.words,
                f"{line.clock}{', ' + line.more if line.more else ''}",
                "now" if row is story[0] else "",
            )
            for row in story
            for line in [feed.line(seen, row)]
        ],
        "notes": [
            (one.name, one.at, one.text, "mine" if one.author == "subscriber" else "")
            for one in alarms.notes(db, alarm)
        ],
    }


@post("/alarms/{place:str}")
def comment(request: Request, db: Db, who: Who, now: Now, typed: Typed, place: FromPath[str]) -> Response:
    try:
        text = rule.note(typed.get("text", ""))
        with writing(db):
            if done := submissions.earlier(db, who, f"alarms.{place}", typed, now):
                return see(done)
            _, alarm = _alarm(db, who, place)
            alarms.add(db, alarm, who.contract_id, "subscriber", who.name, text, now)
            submissions.add(db, who, f"alarms.{place}", typed, f"/alarms/{place}", now)
            journal.note(db, who, "alarms.comment", now, alarm=place)
        return see(f"/alarms/{place}", "Сохранено.")
    except (Refused, submissions.AlreadySent) as refused:
        return _page(request, db, who, now, place, typed=typed, refused=refused)


routes = [show, comment]
