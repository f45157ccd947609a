"""Reviewing a draft and sending it (manual §3.3).

The review page is the draft's own page, and sending makes the draft a request. So Back, a double click and a
second tab all lead to the same request.
"""

from litestar import Response
from litestar.params import FromPath

from db import submissions, writing
from db.access import codes, rate_limits, representatives
from db.people import subscribers
from db.requests import alarm_numbers, attachments, decisions, dialogues, forecasts, request_facts
from db.requests.drafts import Draft
from db.requests.requests import DuplicateRequest
from db.requests.requests import Request as RequestRow
from db.submissions import DuplicateSubmission
from routes.access.confirmations import require_confirmation
from routes.requests.request_form import draft_files, file_links, find_draft, plan_draft, show_form
from rules import Refused, accepted_texts, days, working_hours
from rules.requests import kinds, notice_period
from rules.requests.kinds import KINDS, KindSpec
from rules.requests.plans import RequestPlan
from rules.requests.ticks import TICKS, check_ticks, valid_ticks
from web import (
    Db,
    Now,
    Request,
    Typed,
    Who,
    client_address,
    get,
    not_found,
    office,
    page,
    parse_id,
    post,
    redirect,
)
from web.authentication import RedirectTo
from web.request_descriptions import describe
from web.uploads import download_response

WRONG_CODE = "Код не подошёл или его время вышло. Проверьте цифры или получите новый код."


@get("/requests/drafts/{draft_id:str}")
def review(request: Request, db: Db, who: Who, now: Now, draft_id: FromPath[str]) -> Response:
    draft = find_draft(db, who, draft_id) or not_found()
    if draft.number:
        return redirect(f"/requests/{draft.number}/sent")
    ticks = valid_ticks(draft.form, _edition(request, KINDS[draft.kind]))
    return _review(request, db, who, now, draft, typed=ticks)


def _edition(request: Request, kind: KindSpec) -> str:
    """Return the edition in force of the rules to accept; "" when the kind has none."""
    return accepted_texts.current_text(kind.text, request.app.state.settings).edition if kind.text else ""


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
    """Show what would be sent and its consequences. If it may no longer be sent, show the form again with the
    reason.

    A request for the owner only is shown after the owner has entered a code.
    """
    kind = KINDS[draft.kind]
    try:
        planned = plan_draft(db, who, now, draft)
    except Refused as wrong:
        return show_form(request, db, who, now, kind, draft, same, typed=draft.form, refused=wrong)
    own = subscribers.get_subscriber(db, who.id).mobile
    number = kinds.number_to_confirm(planned.kind, planned.facts, own)
    owner_only = kinds.owner_only(planned.kind, planned.facts, own)
    if owner_only:
        require_confirmation(request, who, now)
    return page(
        request,
        "requests/requests/review.html",
        kind=kind,
        draft=draft,
        same=same,
        plan=planned,
        described=describe(request, planned.kind, planned.facts, planned.day, planned.early),
        attached=file_links(db, who, draft_files(db, draft)),
        why=notice_period.hint(kind.notice, days.today(now)) if not planned.early else "",
        forecast=forecasts.forecast(db, who.contract_id, planned),
        armed=request_facts.armed_sites(db, who.contract_id, now),
        text=accepted_texts.current_text(kind.text, request.app.state.settings) if kind.text else None,
        number=number,
        owner_only=owner_only,
        code_sent=alarm_numbers.is_code_sent(db, who, draft, number, now),
        refused=refused,
        typed=typed,
    )


@post("/requests/drafts/{draft_id:str}/code")
def send_code(
    request: Request, db: Db, who: Who, now: Now, typed: Typed, draft_id: FromPath[str]
) -> Response:
    """Send a code to the number that will receive alarms."""
    draft = find_draft(db, who, draft_id) or not_found()
    page_url = f"/requests/drafts/{draft.id}"
    try:
        number = _number_to_confirm(db, who, plan_draft(db, who, now, draft))
    except Refused:
        return redirect(page_url)  # the review page shows the problem
    if draft.number or number is None:
        return redirect(page_url)
    require_confirmation(request, who, now, page_url)
    with writing(db):
        if rate_limits.is_repeat(db, typed.get("key", ""), now, rate_limits.DOUBLE_PRESS):
            return redirect(page_url, "Код отправлен на новый номер.")
        alarm_numbers.send_code(db, request.app.state.settings, who, draft, number, now)
    return redirect(page_url, "Код отправлен на новый номер.")


def _number_to_confirm(db: Db, who: Who, planned: RequestPlan) -> str | None:
    return kinds.number_to_confirm(planned.kind, planned.facts, subscribers.get_subscriber(db, who.id).mobile)


@post("/requests/drafts/{draft_id:str}")
def send(request: Request, db: Db, who: Who, now: Now, typed: Typed, draft_id: FromPath[str]) -> Response:
    draft = find_draft(db, who, draft_id) or not_found()
    kind = KINDS[draft.kind]
    try:
        if not draft.number:
            _require_owner(request, db, who, now, typed, draft)
        check_ticks(kind, typed, _edition(request, kind))
        with writing(db):
            number = _send(request, db, who, now, typed, draft)
        if not number:
            raise Refused(number_code=WRONG_CODE)
        return redirect(f"/requests/{number}/sent")
    except (Refused, DuplicateSubmission) as refused:
        same = refused.number if isinstance(refused, DuplicateRequest) else 0
        return _review(request, db, who, now, draft, same, typed=typed, refused=refused)


def _require_owner(request: Request, db: Db, who: Who, now: Now, typed: Typed, draft: Draft) -> None:
    """Redirect to the confirmation by a code if only the owner may send this; the draft keeps the ticks."""
    planned = plan_draft(db, who, now, draft)
    if not kinds.owner_only(planned.kind, planned.facts, subscribers.get_subscriber(db, who.id).mobile):
        return
    try:
        require_confirmation(request, who, now)
    except RedirectTo:
        with writing(db):
            draft.form = draft.form | {name: typed[name][:40] for name in TICKS if name in typed}
            db.add(draft)
        raise


def _send(request: Request, db: Db, who: Who, now: Now, typed: Typed, draft: Draft) -> int:
    """Return the number of the request made from the draft, now or earlier.

    0 when the code for a new alarm number is wrong; the caller's transaction still commits, so the try is
    counted.
    """
    db.refresh(draft)
    if draft.number:
        return draft.number
    kind, secrets = KINDS[draft.kind], request.app.state.settings.secrets
    planned = plan_draft(db, who, now, draft)
    number, code = _number_to_confirm(db, who, planned), None
    if number:
        typed_code = typed.get("number_code", "")
        code = alarm_numbers.check_code(db, secrets, who, draft, number, typed_code, now)
        if not code:
            return 0
    content = {name: value for name, value in draft.form.items() if name not in TICKS}
    content |= {name: typed[name] for name in ("key", "again") if name in typed}
    extra = ",".join(sorted(row.sha256 for row in draft_files(db, draft)))
    if not kind.single and (
        place := submissions.previous_answer(db, who, kind.name, content, now, extra, planned)
    ):
        return int(place.split("/")[2])
    row = _create_request(request, db, who, now, typed, draft, planned)
    if code:
        codes.mark_used(db, code, now)
    if not kind.single:
        place = f"/requests/{row.number}/sent"
        submissions.add(db, who, kind.name, content, place, now, f"№ {row.number}", extra, planned)
    return row.number


def _create_request(
    request: Request, db: Db, who: Who, now: Now, typed: Typed, draft: Draft, planned: RequestPlan
) -> RequestRow:
    """Write the request; the draft's files and text become its first message."""
    settings = request.app.state.settings
    row = decisions.send(
        db,
        who,
        planned,
        now,
        address=client_address(request),
        text=KINDS[draft.kind].text,
        auto=tuple(settings.auto_kinds),
        salt=f"draft-{draft.id}" if typed.get("again") == "1" else "",
        moved=working_hours.parse_changed_days(settings.office_days),
        office=office(request),
        settings=settings,
    )
    if draft_files(db, draft) or "text" in planned.facts:
        text = str(planned.facts.get("text") or "Документы к заявке.")
        message = dialogues.add_first_message(db, row, who, now, text)
        attachments.attach_to_message(db, draft.id, message)
    draft.number = row.number
    db.add(draft)
    return row


@get("/requests/drafts/{draft_id:str}/files/{file_id:str}")
def download_file(
    request: Request, db: Db, who: Who, draft_id: FromPath[str], file_id: FromPath[str]
) -> Response:
    draft = find_draft(db, who, draft_id) or not_found()
    row = next((one for one in draft_files(db, draft) if one.id == parse_id(file_id)), None) or not_found()
    if not representatives.may_open(db, who, row):
        not_found()
    return download_response(request, db, row)


routes = [review, send_code, send, download_file]
