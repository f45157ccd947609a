"""The page of one alarm: the events after it, and the notes of the dispatcher and the subscriber."""

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
from rules.events import feed as feed_words
from rules.events.event_codes import event_words
from rules.events.events import EventKind
from web import Db, Now, Request, Typed, Who, get, not_found, page, post, redirect


@get("/alarms/{place:str}")
def show(request: Request, db: Db, who: Who, now: Now, place: FromPath[str]) -> Response:
    return _page(request, db, who, now, place)


def _alarm(db: Session, who: Person, place: str) -> tuple[feed_words.FeedView, Any]:
    """Return the contract's view and the alarm in it; 404 for an alarm of another contract."""
    reader = db.connection()
    seen = feed.read_view(reader, who.contract_id)
    return seen, alarms.find_alarm(reader, seen, alarms.parse_alarm_id(place)) or not_found()


def _page(request: Request, db: Session, who: Person, now: datetime, place: str, **answer: Any) -> Response:
    seen, alarm = _alarm(db, who, place)
    return page(request, "events/alarms/show.html", place=place, **alarm_context(db, seen, alarm), **answer)


def alarm_context(db: Session, seen: feed_words.FeedView, alarm: Any) -> dict[str, Any]:
    """Return the template context of an alarm."""
    story = alarms.timeline(db.connection(), alarm)
    after = [row for row in story if events.cursor_of(row) != events.cursor_of(alarm)]
    mark, words, at = rule.outcome(
        [(events.instant_of(row), EventKind(row.kind).name, row.code) for row in after]
    )
    return {
        "title_words": event_words(alarm.kind, alarm.code),
        "at": events.instant_of(alarm),
        "mark": mark,
        "outcome": words,
        "ended": days.clock(at) if at else "",
        "site": seen.titles[alarm.key_id],
        "where": feed_words.who_words(seen.names, alarm),
        "part": alarm.part,
        "code": alarm.code,
        "story": [
            (
                line.words,
                f"{line.clock}{', ' + line.more if line.more else ''}",
                "now" if row is story[0] else "",
            )
            for row in story
            for line in [feed_words.feed_line(seen, row)]
        ],
        "notes": [
            (one.name, one.at, one.text, "mine" if one.author == "subscriber" else "")
            for one in alarms.notes_of(db, alarm)
        ],
    }


@post("/alarms/{place:str}")
def comment(request: Request, db: Db, who: Who, now: Now, typed: Typed, place: FromPath[str]) -> Response:
    try:
        text = rule.clean_note(typed.get("text", ""))
        with writing(db):
            if done := submissions.previous_answer(db, who, f"alarms.{place}", typed, now):
                return redirect(done)
            _, alarm = _alarm(db, who, place)
            alarms.add(db, alarm, who.contract_id, "subscriber", who.name, text, now)
            submissions.add(db, who, f"alarms.{place}", typed, f"/alarms/{place}", now)
            journal.note(db, who, "alarms.comment", now, alarm=place)
        return redirect(f"/alarms/{place}", "Сохранено.")
    except (Refused, submissions.DuplicateSubmission) as refused:
        return _page(request, db, who, now, place, typed=typed, refused=refused)


routes = [show, comment]
