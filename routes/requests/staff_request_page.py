"""The page of a request at the desk, and the run of an action on it, shared by several handlers."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar import Response
from sqlmodel import Session

from db import stamp, submissions, writing
from db.access import staff
from db.desk import contract_summary, queue, request_news
from db.journal import Person
from db.requests import attachments, canned_answers, requests
from db.requests.requests import Request as Row
from db.requests.requests import RequestMessage
from rules import Refused, days
from rules.access.staff import RIGHTS, may, may_decide
from rules.desk import deadlines as rule
from rules.requests import notice_period
from rules.requests.dialogues import author_words
from rules.requests.kinds import KIND_WORDS, KINDS
from rules.requests.requests import CLOSED, STATE_WORDS, STEPS, TOO_LATE, UNDECIDED
from web import Request, not_found, parse_id, redirect
from web.form_subjects import posted_subject
from web.request_descriptions import describe
from web.staff_pages import Look, page
from web.uploads import attachment_row

URL = "/staff/requests/{number:str}"


Action = Callable[[Session, Row], str]


def run_action(
    request: Request,
    db: Session,
    now: datetime,
    who: Person,
    typed: dict[str, str],
    number: str,
    action: Action,
    check: Callable[[], str] = str,
) -> Response:
    """Run one action in one transaction, if the request has not changed since its page was shown.

    `check` does the slow work before the transaction. It returns the hashes of the files, so that a form with
    other files is a new submission.
    """
    row = requests.find_by_number(db, parse_id(number)) or not_found()
    what, place = request.url.path, f"/staff/requests/{row.number}"
    try:
        extra = check()
        with writing(db):
            db.refresh(row)
            if done := submissions.previous_answer(db, who, what, typed, now, extra):
                return redirect(done)
            _check_seen(request, db, row, now)
            words = action(db, row)
            submissions.add(db, who, what, typed, place, now, words, extra)
    except (Refused, submissions.DuplicateSubmission) as refused:
        db.refresh(row)
        return show_request(request, db, now, who, row, typed, refused)
    return redirect(place, words)


class Overtaken(Refused):
    """The request has changed since the page with the form was rendered: 409."""


def _check_seen(request: Request, db: Session, row: Row, now: datetime) -> None:
    """Refuse the form if the version it was filled in on is out of date. Call in the transaction of the
    action.
    """
    version, _ = _page_state(request, db, row)
    if version != row.version:
        change = request_news.last_change(db, row)
        words = rule.change_words(change.name, change.verb, change.at, now) if change else ""
        raise Overtaken(form=rule.overtaken_message(words) if words else TOO_LATE)


def _page_state(request: Request, db: Session, row: Row) -> tuple[int, int]:
    """Return (version, last message id) of the page with the form, 0 when not given; the present ones for a
    new page.
    """
    if request.method == "GET":
        return row.version, request_news.last_message_id(db, row)
    posted = posted_subject(request)
    if posted is None or posted.request != str(row.number):
        return 0, request_news.last_message_id(db, row)
    return int(posted.version), int(posted.message)


def news(db: Session, who: Person, row: Row, now: datetime, version: int, message: int) -> dict[str, Any]:
    """Return what happened since this version and last message, and which other staff opened it lately;
    `state` is a digest of it.
    """
    change = request_news.last_change(db, row) if version != row.version else None
    viewers = request_news.other_viewers(db, row, who, now)
    state = f"{row.version}-{max((stamp(at) for _, at in viewers), default=0)}"
    query = urlencode({"version": version, "message": message, "known": state})
    return {
        "change": rule.change_words(change.name, change.verb, change.at, now) if change else "",
        "fresh": [
            (one, author_words(one.actor, one.name))
            for one in (request_news.messages_since(db, row, message) if change else [])
        ],
        "viewers": [rule.viewed_words(name, at) for name, at in viewers],
        "state": state,
        "poll": f"/staff/requests/{row.number}/news?{query}",
    }


def show_request(
    request: Request,
    db: Session,
    now: datetime,
    who: Person,
    row: Row,
    typed: dict[str, str] | None = None,
    refused: Refused | submissions.DuplicateSubmission | None = None,
) -> Response:
    due = rule.due_at(rule.PendingWork(row.state, row.answer_by, row.answered_at, row.effective_day))
    dialogue, timeline = _dialogue(db, row), requests.steps(db, row, internal=True)
    actors = {step.actor for step in timeline} | {message.actor for message, _ in dialogue}
    early = row.effective_day and notice_period.is_early(
        KINDS[row.kind].notice, row.effective_day, days.today(row.sent_at)
    )
    look = Look(request_news.LOOK, row.contract_id, row.subscriber_id, facts={"number": row.number})
    return page(
        request,
        "requests/staff_requests/show.html",
        look,
        status=409 if isinstance(refused, Overtaken) else 200,
        typed=typed,
        refused=refused,
        acts_on=(row.number, row.version, request_news.last_message_id(db, row)),
        row=row,
        news=news(db, who, row, now, *_page_state(request, db, row)),
        card=contract_summary.load(db, row.contract_id, days.today(now)),
        kinds=KIND_WORDS,
        kind=KINDS[row.kind],
        states=STATE_WORDS,
        steps={verb: step.words for verb, step in STEPS.items()},
        asked=_described(request, row, dialogue),
        timeline=timeline,
        acting={one for one in actors if requests.is_acting(one)},
        talk=dialogue,
        due=rule.due_words(due, now),
        early=early,
        undecided=row.state in UNDECIDED,
        closed=row.state in CLOSED,
        canned=canned_answers.choices(db),
        people=staff.list_assignable(db, RIGHTS["answer"]),
        assignee=queue.staff_name(db, row.assignee_id),
        may_decide=may_decide(who.role, row.kind),
        may_override=may(who.role, "override"),
        me=who.id,
    )


def _described(request: Request, row: Row, dialogue: list) -> list[tuple[str, str]]:
    """Return the payload in words, without the text that is the first message of the dialogue."""
    payload = row.payload | {"text": None} if dialogue else row.payload
    return describe(request, row.kind, payload, row.effective_day, bool(row.early))


def _dialogue(db: Session, row: Row) -> list[tuple[RequestMessage, list]]:
    """Return the messages, each with its files as (name, URL, size), without erased files."""
    files = attachments.list_by_message(db, row)
    place = f"/staff/requests/{row.number}/files"
    return [
        (
            one,
            [
                attachment_row(file, f"{place}/{file.id}")
                for file in files.get(one.id, [])
                if not file.erased_at
            ],
        )
        for one in requests.messages(db, row, internal=True)
    ]
