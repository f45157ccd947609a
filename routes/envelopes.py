"""The envelope asked every 30 seconds by every open page: the cheapest answer of the house (BUDGETS: serving).

Bare ASGI, one statement prepared once; nothing is written, no session is prolonged, and an unchanged count has no body.
"""

from urllib.parse import parse_qs

from litestar import asgi
from litestar.types import Receive, Scope, Send

from db import envelopes, stamp
from routes.door import cookie_name
from rules import days

NO_BODY = {"type": "http.response.body", "body": b"", "more_body": False}
FRESH = [(b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-store, max-age=0")]


@asgi("/inbox/envelope", opt={"own_door": True, "exclude_from_csrf": True}, copy_scope=False)
async def poll(scope: Scope, receive: Receive, send: Send) -> None:
    unread = _unread(scope)
    query = scope["query_string"]
    if unread is not None and (query == b"seen=%d" % unread or parse_qs(query).get(b"seen") == [b"%d" % unread]):
        # Made anew each time: whoever stands between adds headers of their own to the very message.
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send(NO_BODY)  # type: ignore[arg-type]
        return
    template = scope["litestar_app"].state.templates.get_template("_envelope.html")
    body = template.render(unread=unread or 0, ended=unread is None).encode()
    headers = [*FRESH, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _unread(scope: Scope) -> int | None:
    """The count of whoever holds this cookie, or None when the session ended."""
    state = scope["litestar_app"].state
    settings, now = state.settings, state.clock.now()
    token = _cookie(scope, cookie_name(settings.secure).encode() + b"=")
    if not token or len(token) > 64:
        return None
    at = stamp(now)
    idle, oldest = at - settings.session_idle_minutes * 60_000, at - settings.session_hours * 3_600_000
    return envelopes.unread(state.engine, token.decode("latin-1"), idle, oldest, days.today(now))


def _cookie(scope: Scope, prefix: bytes) -> bytes:
    for name, value in scope["headers"]:
        if name == b"cookie":
            for part in value.split(b"; "):
                if part.startswith(prefix):
                    return part[len(prefix) :]
    return b""


routes = [poll]
