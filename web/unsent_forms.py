"""A form sent after the session had ended loses nothing: its text waits until the same person signs in.

The form itself says whose it is, in a signed field; so nothing is kept of what a stranger sends. After the
sign-in the page is opened again at `?unsent=7`, for the contract it was made for, and filled.
"""

import logging
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from litestar.concurrency import sync_to_thread
from litestar.datastructures import State
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from db import writing
from db.access import sessions, unsent_forms
from db.journal import Person
from rules.access.sessions import ended_words
from rules.numbers import whole_number
from web import form_subjects
from web.form_addresses import has_page
from web.request_forms import SMALL_BODY, Request, limit_uploads

log = logging.getLogger("cabinet")
PARAMETER = "unsent"
STORED = " Что вы написали, сохранено: войдите, и форма откроется заполненной."
FILES = " Файлы приложите ещё раз."


async def save(request: Request, token: str) -> tuple[str, str]:
    """Keep what was typed: (the address to open after the sign-in, what to tell besides why).

    `token` is the session's cookie. A body with files is read only for a session that was ours: of strangers
    we take no large bodies.
    """
    place = request.url.path if has_page(request.scope) else form_subjects.page_before(request)
    state = request.app.state
    large = (request.content_length or SMALL_BODY + 1) > SMALL_BODY
    if large and not await sync_to_thread(_had_session, state, token):
        return place, ""
    try:
        if large:
            async with limit_uploads(f"ended:{token}"):
                form = await request.form()
        else:
            form = await request.form()
        subject = form_subjects.read_subject(request, form.get(form_subjects.FIELD))
        fields = form_subjects.text_fields(form.multi_items())
        if subject is None or not fields:
            return place, ""
        number = await sync_to_thread(_write, state, subject, dict(fields))
    except (SQLAlchemyError, LookupError) as why:
        log.warning("a form was not kept: %s", type(why).__name__)
        return place, ""
    return _with_parameter(place, number), STORED + (FILES if large else "")


def _write(state: State, subject: form_subjects.Subject, fields: dict[str, str]) -> int:
    with Session(state.engine) as db, writing(db):
        contract_id = whole_number(subject.contract_id)
        return unsent_forms.save(db, subject.person, contract_id, fields, state.clock.now()).id


def _had_session(state: State, token: str) -> bool:
    with Session(state.engine) as db:
        return sessions.idle_since(db, token) is not None


def why_ended(state: State, token: str) -> str:
    """Why the session of this cookie does not go on, in words."""
    settings = state.settings
    with Session(state.engine) as db:
        seen = sessions.idle_since(db, token)
    idle = seen is not None and state.clock.now() - seen >= timedelta(minutes=settings.session_idle_minutes)
    return ended_words(settings.session_idle_minutes if idle else None)


def _with_parameter(place: str, number: int) -> str:
    parts = urlsplit(place)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name != PARAMETER]
    return f"{parts.path}?{urlencode([*query, (PARAMETER, str(number))])}"


async def fill_page(scope: Any, who: Person) -> None:
    """Put the text that waits for this page into the scope, for `page()`; choose the contract it was for."""
    number = whole_number(dict(parse_qsl(scope["query_string"].decode("latin-1"))).get(PARAMETER, ""))
    if number:
        scope["prefilled_fields"] = await sync_to_thread(_read, scope["litestar_app"].state, who, number)


def _read(state: State, who: Person, number: int) -> dict[str, str]:
    now = state.clock.now()
    with Session(state.engine) as db:
        row = unsent_forms.find(db, form_subjects.subject_of(who).person, number, now)
        if row is None:
            return {}
        try:
            fields = unsent_forms.read_fields(db, row)
        except LookupError as why:
            log.warning("a form that was kept does not open: %s", why)
            return {}
        if row.contract_id and row.contract_id != who.contract_id:
            form_subjects.choose_contract(db, who, row.contract_id, now)
        return fields
