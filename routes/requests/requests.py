"""Choosing a kind of request, filling in its form, and the page after sending (manual §3.3).

One pair of handlers serves every kind of rules/requests/kinds.py. The form is saved as a draft, which
routes/requests/drafts.py reviews and sends.
"""

from litestar import Response
from litestar.params import FromPath

from db import writing
from db.requests import attachments, drafts, request_facts, requests
from db.requests.drafts import Draft
from routes.requests.request_form import draft_files, find_unsent_draft, plan_draft, show_form
from rules import Problems, Refused, days
from rules.requests import descriptions, kinds
from rules.requests import requests as rule
from rules.requests.attachments import Clean
from rules.requests.dialogues import sent_timeline
from rules.requests.kinds import KIND_WORDS, KINDS, KindSpec
from rules.requests.ticks import TICKS
from web import Db, Files, Now, Request, Typed, Who, get, not_found, page, parse_id, post, redirect
from web.uploads import clean_uploads

OTHER_FIELDS = ("_csrf_token", "draft", "drop", "key", *TICKS)


@get("/requests/new")
def choose(request: Request, db: Db, who: Who, now: Now) -> Response:
    scheduled = [
        {
            "number": one.number,
            "words": KIND_WORDS[one.kind],
            "when": descriptions.summary(one.payload, one.effective_day),
        }
        for one in requests.scheduled_requests(db, who.contract_id)
    ]
    return page(
        request,
        "requests/requests/index.html",
        main=[spec for spec in KINDS.values() if spec.main],
        others=[spec for spec in KINDS.values() if not spec.main],
        scheduled=scheduled,
        unavailable=kinds.unavailable_reasons(request_facts.read_facts(db, who, now)),
    )


@get("/requests/new/{kind:str}")
def new(request: Request, db: Db, who: Who, now: Now, kind: FromPath[str]) -> Response:
    spec = KINDS.get(kind) or not_found()
    draft = find_unsent_draft(db, who, request.query_params.get("draft", ""))
    return show_form(request, db, who, now, spec, draft, typed=draft.form if draft else None)


@post("/requests/new/{kind:str}", files=True)
def plan(
    request: Request, db: Db, who: Who, now: Now, typed: Typed, files: Files, kind: FromPath[str]
) -> Response:
    """Save the fields and files as a draft, even if it may not be sent yet; then redirect to its review."""
    spec = KINDS.get(kind) or not_found()
    draft = find_unsent_draft(db, who, typed.get("draft", ""))
    try:
        attached = [] if typed.get("drop") else draft_files(db, draft)
        problems, clamd = Problems(), request.app.state.settings.clamd
        uploads = problems.read(clean_uploads, db, who, files, attached, clamd) if spec.files else []
        draft = _save_draft(request, db, who, now, typed, spec, draft, uploads or [])
        refused_files = dict(problems)
        problems.read(plan_draft, db, who, now, draft)
        problems |= refused_files  # a refused file's reason is better than «приложите файл»
        problems.check()
        return redirect(f"/requests/drafts/{draft.id}")
    except Refused as refused:
        return show_form(request, db, who, now, spec, draft, typed=typed, refused=refused)


def _save_draft(
    request: Request,
    db: Db,
    who: Who,
    now: Now,
    typed: Typed,
    spec: KindSpec,
    draft: Draft | None,
    uploads: list[Clean],
) -> Draft:
    keys = request.app.state.settings.attachment_keys
    form = {name: value[:8000] for name, value in typed.items() if name not in OTHER_FIELDS}
    with writing(db):
        draft = drafts.save(db, who, spec.name, form, now, draft)
        for removed in draft_files(db, draft) if typed.get("drop") else []:
            attachments.delete_unsent(db, removed)
        for file in uploads:
            attachments.add(
                db,
                keys,
                file,
                now,
                draft_id=draft.id,
                subscriber_id=who.id,
                personal=spec.personal_files,
            )
    return draft


@get("/requests/{number:str}/sent")
def show_sent(request: Request, db: Db, who: Who, now: Now, number: FromPath[str]) -> Response:
    row = requests.find_owned(db, who, parse_id(number)) or not_found()
    decided_at = row.decided_at or row.closed_at or now
    return page(
        request,
        "requests/requests/sent.html",
        row=row,
        kind=KIND_WORDS[row.kind],
        ahead=sent_timeline(row.state, row.sent_at, decided_at, row.effective_day, row.answer_by),
        next=rule.next_words(row.state, row.kind, row.effective_day, f"до {days.moment(row.answer_by)}"),
        notice="Об ответе сообщим; всё, что происходит с заявкой, видно в «Обращениях».",
    )


routes = [choose, new, plan, show_sent]
