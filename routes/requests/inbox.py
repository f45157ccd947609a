"""The inbox: the list of requests, and one request with its timeline, dialogue, withdrawal and reply (manual
§3.3).
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from litestar import Response
from litestar.params import FromPath
from litestar.response import Stream

from db import submissions, writing
from db.access import acceptances, representatives
from db.requests import attachments, decisions, dialogues, drafts, inbox_badge, requests
from db.requests.attachments import Attachment
from db.submissions import DuplicateSubmission
from routes.access.confirmations import require_confirmation
from rules import Problems, Refused, days, working_hours
from rules.requests import descriptions
from rules.requests import requests as rule
from rules.requests.dialogues import check_text, timeline
from rules.requests.kinds import KIND_WORDS, KINDS
from web import (
    PRIVATE,
    Db,
    Files,
    Now,
    Request,
    Typed,
    Who,
    get,
    not_found,
    office,
    page,
    parse_id,
    post,
    redirect,
)
from web.authentication import RedirectTo
from web.confirmations import confirm_page
from web.request_descriptions import describe
from web.uploads import attachment_row, clean_uploads, download_response

PAGE = 30
MESSAGE = "message"  # kind of a draft that holds a message to a request
LIVELY = timedelta(minutes=10)  # after this long without a message the page polls less often


@get("/inbox")
def index(request: Request, db: Db, who: Who) -> Response:
    before = request.query_params.get("before", "")
    found = requests.list_requests(
        db, who.contract_id, PAGE + 1, parse_id(before) if before else None, who.id
    )
    rows = [
        {
            "number": one.number,
            "unread": one.unread,
            "title": KIND_WORDS[one.kind],
            "state": one.state,
            "words": rule.STATE_WORDS[one.state],
            "sent_at": one.sent_at,
            "short": descriptions.summary(one.payload, one.effective_day),
        }
        for one in found[:PAGE]
    ]
    return page(request, "requests/inbox/index.html", rows=rows, more=len(found) > PAGE, later=bool(before))


@get("/inbox/{number:str}")
def show(request: Request, db: Db, who: Who, now: Now, number: FromPath[str]) -> Response:
    row = requests.find_owned(db, who, parse_id(number)) or not_found()
    if row.unread:
        with writing(db):
            inbox_badge.mark_read(db, row)
        # So that the badge on this page no longer counts this request.
        request.scope["user"] = replace(who, unread=max(0, who.unread - 1))
    return _show(request, db, who, now, row, typed=_typed_before_code(request, db, who, row))


def _typed_before_code(request: Request, db: Db, who: Who, row: requests.Request) -> dict[str, str] | None:
    """Return what was typed before a confirmation code was required."""
    text = request.query_params.get("draft", "")
    draft = drafts.find_owned(db, who, parse_id(text)) if text else None
    mine = draft and draft.kind == MESSAGE and draft.form.get("number") == str(row.number)
    return {"text": draft.form["text"]} if draft and mine else None


def _show(request: Request, db: Db, who: Who, now: Now, row: requests.Request, **answer: Any) -> Response:
    files = attachments.list_by_message(db, row)
    return page(
        request,
        "requests/inbox/show.html",
        row=row,
        title=KIND_WORDS[row.kind],
        words=rule.STATE_WORDS[row.state],
        next=rule.next_words(row.state, row.kind, row.effective_day, f"до {days.moment(row.answer_by)}"),
        described=describe(
            request, row.kind, row.payload | {"text": None}, row.effective_day, bool(row.early)
        ),
        timeline=timeline(requests.steps(db, row), row.state, row.effective_day),
        accepted=acceptances.accepted_edition(db, row.acceptance_id),
        **_talk(db, who, now, row, files),
        may_withdraw=_may_withdraw(db, who, row)
        and rule.may_withdraw(row.state, row.effective_day, days.today(now)),
        closed=row.state in rule.CLOSED,
        owners=not _may_write(who, row),
        may_write=row.state in rule.OPEN or rule.may_reopen(row.state, row.closed_at, now),
        **answer,
    )


def _may_write(who: Who, row: requests.Request) -> bool:
    """Return whether this person may write in the request. Only the owner may write in an owner-only request,
    because a message there may move money as the request itself does.
    """
    return who.rights is None or not KINDS[row.kind].owner_only


def _talk(
    db: Db, who: Who, now: Now, row: requests.Request, files: dict[int, list[Attachment]]
) -> dict[str, object]:
    """Return the context of the dialogue and its poll: `seen` is the last message's id, `pace` seconds
    between polls.
    """
    messages = requests.messages(db, row)
    lively = bool(messages) and now - messages[-1].at < LIVELY
    return {
        "talk": [_message(db, one, who, row, files.get(one.id, [])) for one in messages],
        "seen": messages[-1].id if messages else 0,
        "pace": 5 if lively else 30,
    }


@get("/inbox/{number:str}/talk", opt={"poll": True})
def poll_talk(request: Request, db: Db, who: Who, now: Now, number: FromPath[str]) -> Response:
    """Answer the poll of an open page: the messages, or 204 when nothing changed. The text field is not
    replaced.
    """
    row = requests.find_owned(db, who, parse_id(number)) or not_found()
    found = _talk(db, who, now, row, attachments.list_by_message(db, row))
    query = request.query_params
    if (query.get("seen"), query.get("pace")) == (str(found["seen"]), str(found["pace"])):
        return Response(b"", status_code=204, headers=PRIVATE)
    if row.unread:
        with writing(db):
            inbox_badge.mark_read(db, row)
    return page(request, "requests/inbox/_talk.html", row=row, **found)  # type: ignore[arg-type]


def _message(
    db: Db, one: requests.RequestMessage, who: Who, row: requests.Request, files: list[Attachment]
) -> dict[str, object]:
    mine = one.actor.startswith("subscriber:")
    return {
        "author": "Вы" if one.actor == who.actor else one.name,
        "moment": days.moment(one.at),
        "text": one.text,
        "whose": "mine" if mine else "",
        "files": [_file_row(db, who, row, file) for file in files],
    }


def _file_row(db: Db, who: Who, row: requests.Request, file: Attachment) -> tuple[str, str | None, str]:
    if file.erased_at:
        return file.name, None, f"стёрт {days.day_words(days.today(file.erased_at))}"
    if not representatives.may_open(db, who, file):
        return file.name, None, "открывает только абонент"
    return attachment_row(file, f"/inbox/{row.number}/files/{file.id}")


@post("/inbox/{number:str}", files=True)
def reply(
    request: Request, db: Db, who: Who, now: Now, typed: Typed, files: Files, number: FromPath[str]
) -> Response:
    """Add one message with all its files, or nothing."""
    row = requests.find_owned(db, who, parse_id(number)) or not_found()
    if not _may_write(who, row):
        not_found()
    settings = request.app.state.settings
    try:
        text = typed.get("text", "")
        problems = Problems()
        problems.read(check_text, text, bool(files))
        if not problems and rule.is_repeated_by_reply(row.kind, row.state, bool(row.carried_at)):
            _require_confirmation(request, db, who, now, row, text)
        found = problems.read(clean_uploads, db, who, files, [], settings.clamd)
        uploads = problems.require(found)
        extra = ",".join(one.sha256 for one in uploads)
        with writing(db):
            what, content = (
                f"inbox:{row.number}",
                {"text": text} | {k: typed[k] for k in ("key", "again") if k in typed},
            )
            if not submissions.previous_answer(db, who, what, content, now, extra):
                db.refresh(row)
                message = dialogues.reply(
                    db,
                    row,
                    who,
                    now,
                    text,
                    moved=working_hours.parse_changed_days(settings.office_days),
                    office=office(request),
                )
                for one in uploads:
                    attachments.add(
                        db, settings.attachment_keys, one, now, message=message, subscriber_id=who.id
                    )
                submissions.add(db, who, what, content, f"/inbox/{row.number}", now, f"№ {row.number}", extra)
        return redirect(f"/inbox/{row.number}", "Сообщение отправлено.")
    except (Refused, DuplicateSubmission) as refused:
        return _show(request, db, who, now, row, typed=typed, refused=refused)


def _require_confirmation(
    request: Request, db: Db, who: Who, now: Now, row: requests.Request, text: str
) -> None:
    """Require a code before the request is reopened, which sends it again; a draft keeps what was typed."""
    try:
        require_confirmation(request, who, now)
    except RedirectTo:
        with writing(db):
            draft = drafts.save(db, who, MESSAGE, {"text": text[:8000], "number": str(row.number)}, now)
        require_confirmation(request, who, now, f"/inbox/{row.number}?draft={draft.id}")


def _may_withdraw(db: Db, who: Who, row: requests.Request) -> bool:
    """Return whether this person may withdraw the request. A representative may withdraw only their own
    requests, and none that brings alarms back.
    """
    return who.rights is None or (not KINDS[row.kind].restores and requests.sender(db, row) == who.actor)


@get("/inbox/{number:str}/withdraw")
def confirm_withdrawal(request: Request, db: Db, who: Who, now: Now, number: FromPath[str]) -> Response:
    row = requests.find_owned(db, who, parse_id(number)) or not_found()
    if not _may_withdraw(db, who, row):
        not_found()
    if not rule.may_withdraw(row.state, row.effective_day, days.today(now)):
        return redirect(f"/inbox/{row.number}")
    what = "обращение" if row.kind == "letter" else "заявку"
    return confirm_page(
        request,
        f"Отозвать {what} № {row.number}",
        f"«{KIND_WORDS[row.kind]}»: больше не рассматриваем. Переписка останется, две недели её можно "
        "открыть снова сообщением.",
        f"Отозвать {what}",
        f"/inbox/{row.number}",
        row.contract_id,
    )


@post("/inbox/{number:str}/withdraw")
def withdraw(request: Request, db: Db, who: Who, now: Now, number: FromPath[str]) -> Response:
    row = requests.find_owned(db, who, parse_id(number)) or not_found()
    if not _may_withdraw(db, who, row):
        not_found()
    if KINDS[row.kind].restores and row.state == rule.APPROVED:
        require_confirmation(request, who, now, f"/inbox/{row.number}")
    try:
        with writing(db):
            db.refresh(row)
            if row.state != rule.WITHDRAWN:
                decisions.withdraw(db, row, who, now, office(request))
        return redirect(
            f"/inbox/{row.number}", "Обращение отозвано." if row.kind == "letter" else "Заявка отозвана."
        )
    except Refused as refused:
        return _show(request, db, who, now, row, refused=refused)


@get("/inbox/{number:str}/files/{file_id:str}")
def download_file(
    request: Request, db: Db, who: Who, now: Now, number: FromPath[str], file_id: FromPath[str]
) -> Stream:
    row = requests.find_owned(db, who, parse_id(number)) or not_found()
    found = attachments.find(db, row, parse_id(file_id)) or not_found()
    if not representatives.may_open(db, who, found):
        not_found()
    with writing(db):
        attachments.log_view(db, who, row, found, now)
    return download_response(request, db, found)


routes = [index, show, poll_talk, reply, confirm_withdrawal, withdraw, download_file]
