"""Representatives of a subscriber: rights granted and revoked at once by the owner in settings, and a
representative's sign-in.
"""

from typing import Any

from litestar import Response
from litestar.params import FromPath
from pydantic import BaseModel, field_validator

from db import journal, writing
from db.access import (
    codes,
    device_tokens,
    entry_limits,
    rate_limits,
    representative_sign_in,
    representatives,
    sessions,
    sign_in,
    sms_limits,
)
from db.people import subscribers
from routes.access.confirmations import require_confirmation
from rules import Refused, days, phones
from rules.access import representatives as rule
from rules.access import sms_texts
from rules.access.sign_in import parse_code
from rules.desk.audit_log import action_words as journal_words
from rules.people.contracts import parse_number
from web import Db, Now, Request, Typed, Who, get, not_found, page, parse_form, parse_id, post, redirect
from web.devices import describe_client
from web.session_cookies import set_session
from web.visitors import count_refusal, identify_visitor, issue_device_token, set_device_cookie

WRONG = "Код не подошёл, его время вышло или прав больше нет. Проверьте цифры или получите новый код."
GIVEN = "Готово: этот человек входит по своему телефону."
PLACE = "/settings/representatives"


class Entry(BaseModel):
    number: int
    phone: str

    _number = field_validator("number", mode="before")(parse_number)
    _phone = field_validator("phone", mode="before")(phones.parse)


@get(PLACE)
def index(request: Request, db: Db, who: Who) -> Response:
    rows = representatives.list_representatives(db, who.id)
    return page(
        request,
        "access/representatives/index.html",
        rows=rows,
        words=rule.rights_words,
        said=journal_words,
        names={str(one.id): one.name for one in rows},
        deeds=journal.representatives_notes(db, who.id),
    )


@get(PLACE + "/new")
def new(request: Request, who: Who, now: Now) -> Response:
    require_confirmation(request, who, now)
    return _form(request)


def _form(request: Request, **answer: Any) -> Response:
    return page(
        request,
        "access/representatives/new.html",
        rights=rule.RIGHTS,
        roles=rule.ROLES,
        own=rule.OWN,
        owners=rule.owner_only_words(),
        **answer,
    )  # type: ignore[arg-type]


@post(PLACE + "/new")
def create(request: Request, db: Db, who: Who, now: Now, typed: Typed) -> Response:
    """Grant rights. Both get an SMS: the representative, where to sign in; the owner, that somebody may act
    for them.
    """
    require_confirmation(request, who, now)
    own = subscribers.get_subscriber(db, who.id).mobile
    try:
        ticked = {name.removeprefix("right-") for name in typed if name.startswith("right-")}
        name, phone, until, role = (typed.get(one, "") for one in ("name", "phone", "until", "role"))
        plan = rule.plan(name, phone, until, role, ticked, days.today(now), own)
    except Refused as refused:
        return _form(request, typed=typed, refused=refused)
    with writing(db):
        if representatives.is_granted(
            db, who.id, plan
        ):  # a double click or a form sent again after Back: one grant, one SMS
            return redirect(PLACE, GIVEN)
        row = representatives.grant(db, who.id, plan, now)
        journal.note(
            db, who, "representatives.give", now, representative=row.id, rights=row.rights, until=plan.until
        )
        settings = request.app.state.settings
        theirs = f"вам дали доступ к договору {who.contract_number}: {_sign_in_url(request)}"
        ours = (
            f"вы дали доступ к кабинету: {phones.mask_phone(plan.phone)}. Забрать: Настройки, Представители."
        )
        mine = {"now": now, "kind": "representative", "subscriber_id": who.id, "contract_id": who.contract_id}
        sms_limits.send(
            db,
            settings,
            plan.phone,
            sms_texts.notice_text(settings.brand, theirs),
            purpose="invitation",
            urgent=False,
            **mine,
        )
        if own:
            sms_limits.notify(db, settings, own, sms_texts.notice_text(settings.brand, ours), **mine)
    return redirect(PLACE, GIVEN)


def _sign_in_url(request: Request) -> str:
    return f"{request.app.state.settings.origin}/login/representative"


@post(PLACE + "/{representative_id:str}/take")
def revoke(db: Db, who: Who, now: Now, representative_id: FromPath[str]) -> Response:
    row = representatives.find_owned(db, who.id, parse_id(representative_id)) or not_found()
    with writing(db):
        if row.taken_at is None:
            representatives.revoke(db, row, now)
            sessions.end_representative(db, row.id)
            device_tokens.revoke_representative(db, row.id)
            journal.note(db, who, "representatives.take", now, representative=row.id)
    return redirect(PLACE, "Права отозваны, войти этот человек больше не может.")


@get("/login/representative", public=True)
def show_sign_in(request: Request) -> Response:
    """Show the form and set the browser's id already here, so that a button pressed twice counts as one
    browser.
    """
    identify_visitor(request)
    return set_device_cookie(request, page(request, "access/representatives/number.html"))


@post("/login/representative", public=True)
def send_code(request: Request, db: Db, now: Now, typed: Typed) -> Response:
    """Send a code: the same work, limits and response whether or not this phone may act for that contract."""
    try:
        form = parse_form(Entry, typed)
    except Refused as refused:
        return page(request, "access/representatives/number.html", typed=typed, refused=refused)
    with writing(db):
        token = representative_sign_in.send_code(
            db,
            request.app.state.settings,
            form.number,
            form.phone,
            identify_visitor(request),
            now,
            typed.get("key", ""),
        )
    return set_device_cookie(request, redirect(f"/login/representative/{token}"))


@get("/login/representative/{token:str}", public=True)
def show_code(request: Request, db: Db, now: Now, token: FromPath[str]) -> Response:
    codes.find_by_token(
        db, representative_sign_in.PURPOSE, sign_in.code_binding_value(token, identify_visitor(request)), now
    ) or not_found()
    return page(request, "access/representatives/code.html")


@post("/login/representative/{token:str}", public=True)
def enter_code(request: Request, db: Db, now: Now, typed: Typed, token: FromPath[str]) -> Response:
    """Check the code; it is valid only in the browser that requested it, as a subscriber's own is."""
    own = identify_visitor(request)
    waiting = codes.find_by_token(
        db, representative_sign_in.PURPOSE, sign_in.code_binding_value(token, own), now
    )
    if waiting is None:
        count_refusal(request, db, "code", now)
        not_found()
    try:
        digits = parse_code(typed.get("code", ""))
        counters = entry_limits.code_counters(request.app.state.settings, int(waiting.about.split()[0]), own)
        with writing(db):
            rate_limits.check_all(db, counters, now)
            found = representative_sign_in.check_code(db, request.app.state.settings, token, own, digits, now)
            if found is None:
                rate_limits.add_attempts(db, counters, now)
                sign_in.note_refusal(db, own, now)
            else:
                session = representative_sign_in.start_session(
                    db, *found, request.scope.get("user"), now, **describe_client(request)
                )
                device = issue_device_token(
                    request,
                    db,
                    session,
                    now,
                    representative_id=found[0].id,
                    subscriber_id=found[0].subscriber_id,
                )
        if found is None:
            raise Refused(code=WRONG)
    except Refused as refused:
        return page(request, "access/representatives/code.html", typed=typed, refused=refused)
    answer = redirect("/")
    set_session(answer, request, session)
    return set_device_cookie(request, answer, device)


routes = [index, new, create, revoke, show_sign_in, send_code, show_code, enter_code]
