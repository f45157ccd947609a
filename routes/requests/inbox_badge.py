"""The inbox badge, which every open page polls every 30 seconds.

It is a plain ASGI handler with one prepared statement. Nothing is written, the session is not prolonged, and
an unchanged count is answered with 204 and no body.
"""

from typing import Any
from urllib.parse import parse_qs

from litestar import asgi
from litestar.datastructures import State
from litestar.types import Receive, Scope, Send

from db import stamp
from db.requests import inbox_badge
from db.requests.inbox_badge import UnreadCount
from rules import days
from web import form_subjects
from web.authentication import session_token

PATH = "/inbox/envelope"
NO_BODY = {"type": "http.response.body", "body": b"", "more_body": False}
FRESH = [(b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-store, max-age=0")]


async def answer_unchanged(scope: Any, state: State, send: Any) -> bool:
    """Answer 204 to a poll whose count is still right, and return whether it was answered. After an error the
    handler answers.
    """
    try:
        unread = _unread(scope, state)
    except Exception:
        return False
    if unread is None or scope["query_string"] != b"seen=%d" % unread.count or _outdated(scope, unread):
        return False
    await nothing_new(send)
    return True


@asgi(PATH, opt={"own_authentication": True, "exclude_from_csrf": True}, copy_scope=False)
async def poll(scope: Scope, receive: Receive, send: Send) -> None:
    unread = _unread(scope, scope["litestar_app"].state)
    if unread is not None and _outdated(scope, unread):
        await _send(send, b"", [(b"hx-refresh", b"true")])
        return
    count = unread.count if unread else 0
    if unread and parse_qs(scope["query_string"].decode("latin-1")).get("seen") == [str(count)]:
        await nothing_new(send)
        return
    template = scope["litestar_app"].state.templates.get_template("requests/_inbox_badge.html")
    await _send(send, template.render(unread=count, ended=unread is None).encode(), [])


async def _send(send: Send, body: bytes, more: list[tuple[bytes, bytes]]) -> None:
    headers = [*FRESH, (b"content-length", b"%d" % len(body)), *more]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _outdated(scope: Any, unread: UnreadCount) -> bool:
    """Return whether the open page was rendered for another contract or person than the session's present
    one.
    """
    page = form_subjects.asking_page(scope)
    own = form_subjects.page_words(unread.subscriber_id, unread.representative_id, unread.contract_id)
    return bool(page) and page != own


async def nothing_new(send: Any) -> None:
    # A new message each time, because middleware adds its headers to this very message.
    await send({"type": "http.response.start", "status": 204, "headers": [(b"cache-control", FRESH[1][1])]})
    await send(NO_BODY)


def _unread(scope: Scope, state: State) -> UnreadCount | None:
    """Return the unread count of the cookie's session; None when the session has ended."""
    settings, now = state.settings, state.clock.now()
    token = session_token(scope, settings.secure)
    if not token:
        return None
    at = stamp(now)
    idle, oldest = at - settings.session_idle_minutes * 60_000, at - settings.session_hours * 3_600_000
    return inbox_badge.unread_count(state.engine, token, idle, oldest, days.today(now))


routes = [poll]
