"""AES keys of panels that connect directly: registered by the engineer, stored encrypted, never shown
again.
"""

from typing import Any

from litestar import Response
from litestar.params import FromPath
from sqlmodel import Session

from db import journal, writing
from db.events import panels
from rules import Refused
from rules.events import panels as rule
from web import Db, Now, Request, Typed, Who, get, not_found, post, redirect
from web.confirmations import confirm_page
from web.staff_pages import Look, page, roles_with

PLACE = "/staff/panels"


@get(PLACE, staff=roles_with("work"), sync_to_thread=False)
def index(request: Request, db: Db) -> Response:
    return _page(request, db)


@post(PLACE, staff=roles_with("work"))
def register(request: Request, db: Db, now: Now, who: Who, typed: Typed) -> Response:
    """Register the AES key of a panel, or replace it."""
    try:
        number, digits = rule.parse_panel_key(typed.get("number", ""), typed.get("digits", ""))
    except Refused as refused:
        return _page(request, db, typed={"number": typed.get("number", "")}, refused=refused)
    with writing(db):
        old = panels.register(db, request.app.state.settings.attachment_keys, number, digits, who.name, now)
        journal.note(db, who, "panels.key", now, number=number, bits=len(digits) * 4, instead=old)
    return redirect(
        PLACE,
        f"Ключ прибора {number} {'заменён' if old else 'сохранён'}. Без шифра этот прибор больше не слушаем.",
    )


@get(PLACE + "/{number:str}/remove", staff=roles_with("work"))
def confirm_removal(request: Request, db: Db, number: FromPath[str]) -> Response:
    row = db.get(panels.PanelKey, number[:16]) or not_found()
    return confirm_page(
        request,
        f"Удалить ключ прибора {row.number}",
        "Сообщения прибора будем принимать без шифра. Вернуть удалённый ключ отсюда нельзя: его нигде не "
        "видно.",
        "Удалить ключ",
        PLACE,
    )


@post(PLACE + "/{number:str}/remove", staff=roles_with("work"))
def remove(db: Db, now: Now, who: Who, number: FromPath[str]) -> Response:
    with writing(db):
        row = db.get(panels.PanelKey, number[:16]) or not_found()
        db.delete(row)
        journal.note(db, who, "panels.remove", now, number=row.number)
    return redirect(PLACE, f"Ключ прибора {number} удалён. Теперь прибор говорит открыто.")


def _page(request: Request, db: Session, **rest: Any) -> Response:
    named = sorted(request.app.state.settings.station_keys)
    return page(
        request,
        "events/staff_panels/index.html",
        Look("panels.look"),
        panels=panels.panel_keys(db),
        named=named,
        **rest,
    )


routes = [index, register, confirm_removal, remove]
