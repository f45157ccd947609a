"""Asking for a change: choose, fill in, see what it means, send (manual §3.3). One pair of handlers serves
every kind.

The form keeps a draft, the review page is the draft's own page, and sending makes the draft a request; so
Back, a double click and a second tab all lead to the same request.
"""

from litestar import Response
from litestar.params import FromPath

from db import submissions, writing
from db.access import codes, representatives
from db.people import subscribers
from db.requests import alarm_numbers, attachments, decisions, drafts, forecasts, request_facts, requests
from db.requests.decisions import SameOpen
from db.requests.drafts import Draft
from db.submissions import DuplicateSubmission
from routes.access.confirmations import confirmed
from rules import Refused, accepted_texts, days, working_hours
from rules.requests import descriptions, dialogues, kinds, notice_period
from rules.requests import requests as rule
from rules.requests.forms import FORMS, MAIN, OTHERS, PERSONAL, TICKS, Form, check_ticks, ticked
from web import Db, Files, Now, Request, Typed, Who, address, bounded, get, missing, office, page, post, see
from web.authentication import Elsewhere
from web.uploads import cleaned, download, shown

WRONG = "Код не подошёл или его время вышло. Проверьте цифры или получите новый код."


@get("/requests/new")
def choose(request: Request, db: Db, who: Who, now: Now) -> Response:
    waiting = requests.upcoming(db, who.contract_id)
    scheduled = [
        {
            "number": one.number,
            "words": rule.KIND_WORDS[one.kind],
            "when": descriptions.short(one.kind, one.payload, one.effective_day),
        }
        for one in waiting
    ]
    idle = kinds.idle(request_facts.facts(db, who, now))
    return page(
        request, "requests/requests/index.html", main=MAIN, others=OTHERS, scheduled=scheduled, idle=idle
    )


@get("/requests/new/{kind:str}")
def new(request: Request, db: Db, who: Who, now: Now, kind: FromPath[str]) -> Response:
    chosen = FORMS.get(kind) or missing()
    draft = _draft(db, who, request.query_params.get("draft", ""))
    return _form(request, db, who, now, chosen, draft, typed=draft.form if draft else None)


def _draft(db: Db, who: Who, text: str) -> Draft | None:
    """The draft of this address or field; a stranger's, a sent or a swept one is simply not there."""
    found = _owned(db, who, text) if text else None
    return found if found and not found.number else None


def _owned(db: Db, who: Who, text: str) -> Draft | None:
    """What only the owner asks for is the owner's own: no representative looks at what was begun of it."""
    found = drafts.owned(db, who, bounded(text))
    if found is None or found.kind not in FORMS:  # a message begun in a dialogue has a page of its own
        return None
    return found if who.rights is None or found.kind not in rule.OWNER_ONLY else None


def _form(
    request: Request,
    db: Db,
    who: Who,
    now: Now,
    kind: Form,
    draft: Draft | None,
    same: int = 0,
    **answer: object,
) -> Response:
    attached = [_shown(db, who, row) for row in _files(db, draft)]
    return page(
        request,
        "requests/requests/form.html",
        kind=kind,
        draft=draft,
        attached=attached,
        same=same,
        hints=request_facts.hints(db, who, kind.name, now),
        **answer,
    )


def _shown(db: Db, who: Who, row: attachments.Attachment) -> tuple[str, str | None, str]:
    name, href, size = shown(row, f"/requests/drafts/{row.draft_id}/files/{row.id}")
    return name, href if representatives.may_open(db, who, row) else None, size


def _files(db: Db, draft: Draft | None) -> list[attachments.Attachment]:
    return attachments.of_draft(db, draft.id) if draft else []


@post("/requests/new/{kind:str}", files=True)
def plan(
    request: Request, db: Db, who: Who, now: Now, typed: Typed, files: Files, kind: FromPath[str]
) -> Response:
    """Keep what was typed and attached as a draft, whether or not it may be sent yet; then review it."""
    chosen = FORMS.get(kind) or missing()
    draft = _draft(db, who, typed.get("draft", ""))
    ours = ("_csrf_token", "draft", "drop", "key", *TICKS)
    form = {name: value[:8000] for name, value in typed.items() if name not in ours}
    try:
        before, settings = [] if typed.get("drop") else _files(db, draft), request.app.state.settings
        kept = cleaned(db, who, files, before, settings.clamd) if chosen.files else []
        with writing(db):
            draft = drafts.save(db, who, chosen.name, form, now, draft)
            for gone in _files(db, draft) if typed.get("drop") else []:
                attachments.drop(db, gone)
            for one in kept:
                attachments.add(
                    db,
                    settings.attachment_keys,
                    one,
                    now,
                    draft_id=draft.id,
                    subscriber_id=who.id,
                    personal=chosen.name in PERSONAL,
                )
        kinds.plan(chosen.name, form, request_facts.facts(db, who, now, len(_files(db, draft))))
        return see(f"/requests/drafts/{draft.id}")
    except Refused as refused:
        return _form(request, db, who, now, chosen, draft, typed=typed, refused=refused)


@get("/requests/drafts/{draft_id:str}")
def review(request: Request, db: Db, who: Who, now: Now, draft_id: FromPath[str]) -> Response:
    draft = _owned(db, who, draft_id) or missing()
    if draft.number:
        return see(f"/requests/{draft.number}/sent")
    return _review(
        request, db, who, now, draft, typed=ticked(draft.form, _edition(request, FORMS[draft.kind]))
    )


def _edition(request: Request, form: Form) -> str:
    """The rules of this kind as they are in force, as a form carries them; "" where there are none to
    accept.
    """
    return accepted_texts.newest(form.text, request.app.state.settings).edition if form.text else ""


def _review(
    request: Request,
    db: Db,
    who: Who,
    now: Now,
    draft: Draft,
    same: int = 0,
    refused: Refused | DuplicateSubmission | None = None,
    typed: Typed | None = None,
) -> Response:
    """What would be sent and what it means; what may no longer be sent goes back to its form with the reason.

    What only the owner asks for is shown to the owner alone, after a code.
    """
    kind, contract_id, files = FORMS[draft.kind], who.contract_id, _files(db, draft)
    try:
        planned = kinds.plan(kind.name, draft.form, request_facts.facts(db, who, now, len(files)))
    except Refused as wrong:
        return _form(request, db, who, now, kind, draft, same, typed=draft.form, refused=wrong)
    own = subscribers.by_id(db, who.id).mobile
    number = planned.number_to_confirm(own)
    if planned.owner_only(own):
        confirmed(request, who, now)
    return page(
        request,
        "requests/requests/review.html",
        kind=kind,
        draft=draft,
        same=same,
        plan=planned,
        described=descriptions.facts(planned.kind, planned.facts, planned.day, planned.early),
        attached=[_shown(db, who, row) for row in files],
        why=notice_period.why(kind.name, days.today(now)) if not planned.early else "",
        forecast=forecasts.forecast(db, contract_id, planned),
        armed=request_facts.armed(db, contract_id, now),
        text=accepted_texts.newest(kind.text, request.app.state.settings) if kind.text else None,
        number=number,
        own=own,
        code_sent=alarm_numbers.is_sent(db, who, draft, number, now),
        refused=refused,
        typed=typed,
    )


@post("/requests/drafts/{draft_id:str}/code")
def send_code(request: Request, db: Db, who: Who, now: Now, draft_id: FromPath[str]) -> Response:
    """A code to the number that alarms are to go to: it is in the hands of whom the owner means."""
    draft = _owned(db, who, draft_id) or missing()
    place = f"/requests/drafts/{draft.id}"
    try:
        planned = kinds.plan(
            draft.kind, draft.form, request_facts.facts(db, who, now, len(_files(db, draft)))
        )
    except Refused:
        return see(place)  # which says what is wrong
    number = planned.number_to_confirm(subscribers.by_id(db, who.id).mobile)
    if draft.number or number is None:
        return see(place)
    confirmed(request, who, now, place)
    with writing(db):
        alarm_numbers.send(db, request.app.state.settings, who, draft, number, now)
    return see(place, "Код отправлен на новый номер.")


@post("/requests/drafts/{draft_id:str}")
def send(request: Request, db: Db, who: Who, now: Now, typed: Typed, draft_id: FromPath[str]) -> Response:
    draft = _owned(db, who, draft_id) or missing()
    kind = FORMS[draft.kind]
    try:
        if not draft.number:
            _check_owner(request, db, who, now, typed, draft)
        check_ticks(kind, typed, _edition(request, kind))
        with writing(db):
            number = _sent(request, db, who, now, typed, draft)
        if not number:
            raise Refused(number_code=WRONG)
        return see(f"/requests/{number}/sent")
    except (Refused, DuplicateSubmission) as refused:
        same = refused.number if isinstance(refused, SameOpen) else 0
        return _review(request, db, who, now, draft, same, typed=typed, refused=refused)


def _check_owner(request: Request, db: Db, who: Who, now: Now, typed: Typed, draft: Draft) -> None:
    """A code first for what only the owner asks for; the ticks wait in the draft meanwhile."""
    planned = kinds.plan(draft.kind, draft.form, request_facts.facts(db, who, now, len(_files(db, draft))))
    if not planned.owner_only(subscribers.by_id(db, who.id).mobile):
        return
    try:
        confirmed(request, who, now)
    except Elsewhere:
        with writing(db):
            draft.form = draft.form | {name: typed[name][:40] for name in TICKS if name in typed}
            db.add(draft)
        raise


def _sent(request: Request, db: Db, who: Who, now: Now, typed: Typed, draft: Draft) -> int:
    """The number of the request the draft became, now or before; 0 when a code of a new number does not fit:
    the try stays.
    """
    db.refresh(draft)
    if draft.number:
        return draft.number
    files, kind, settings = _files(db, draft), FORMS[draft.kind], request.app.state.settings
    planned = kinds.plan(kind.name, draft.form, request_facts.facts(db, who, now, len(files)))
    number, proof = planned.number_to_confirm(subscribers.by_id(db, who.id).mobile), None
    typed_code = typed.get("number_code", "")
    if number and not (
        proof := alarm_numbers.proof(db, settings.secrets, who, draft, number, typed_code, now)
    ):
        return 0
    form = {name: value for name, value in draft.form.items() if name not in TICKS}
    content = form | {name: typed[name] for name in ("key", "again") if name in typed}
    extra = ",".join(sorted(row.sha256 for row in files))
    if kind.name not in rule.SINGLE and (
        place := submissions.previous_answer(db, who, kind.name, content, now, extra)
    ):
        return int(place.split("/")[2])
    row = decisions.ask(
        db,
        who,
        planned,
        now,
        address=address(request),
        text=kind.text,
        auto=tuple(settings.auto_kinds),
        salt=f"draft-{draft.id}" if typed.get("again") == "1" else "",
        moved=working_hours.moved(settings.office_days),
        office=office(request),
        settings=settings,
    )
    if proof:
        codes.spend(db, proof, now)
    if files or "text" in planned.facts:
        said = str(planned.facts.get("text") or "Документы к заявке.")
        attachments.send(db, draft.id, decisions.open_dialogue(db, row, who, now, said))
    draft.number = row.number
    db.add(draft)
    if kind.name not in rule.SINGLE:
        submissions.add(
            db, who, kind.name, content, f"/requests/{row.number}/sent", now, f"№ {row.number}", extra
        )
    return row.number


@get("/requests/{number:str}/sent")
def sent(request: Request, db: Db, who: Who, now: Now, number: FromPath[str]) -> Response:
    row = requests.owned(db, who, bounded(number)) or missing()
    ahead = dialogues.ahead(
        row.state, row.sent_at, row.decided_at or row.closed_at or now, row.effective_day, row.answer_by
    )
    return page(
        request,
        "requests/requests/sent.html",
        row=row,
        kind=rule.KIND_WORDS[row.kind],
        ahead=ahead,
        next=rule.next_words(row.state, row.kind, row.effective_day, f"до {days.moment(row.answer_by)}"),
        notice="Об ответе сообщим; всё, что происходит с заявкой, видно в «Обращениях».",
    )


@get("/requests/drafts/{draft_id:str}/files/{file_id:str}")
def file(request: Request, db: Db, who: Who, draft_id: FromPath[str], file_id: FromPath[str]) -> Response:
    draft = _owned(db, who, draft_id) or missing()
    row = next((one for one in _files(db, draft) if one.id == bounded(file_id)), None) or missing()
    if not representatives.may_open(db, who, row):
        missing()
    return download(request, db, row)


routes = [choose, new, plan, review, send_code, send, sent, file]
