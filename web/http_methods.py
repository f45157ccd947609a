"""HEAD wherever there is GET, and OPTIONS on public pages (RFC 9110, 9.3.2 and 9.3.7).

HEAD runs the page's own GET handler and drops the body: a handler declared for both would have to know which
of the two it answers. OPTIONS is answered before Litestar's own handler, which forgets the methods of an
address declared later than the first.
"""

import re
from collections.abc import Mapping
from typing import Any


class HeadRequests:
    """ASGI middleware. It stands inside the monitor, which logs and counts the method that was asked."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope.get("method") != "HEAD":
            await self.app(scope, receive, send)
            return
        scope["method"] = "GET"
        try:
            await self.app(scope, receive, _without_body(send))
        finally:
            scope["method"] = "HEAD"


def _without_body(send: Any) -> Any:
    async def send_headers(message: Any) -> None:
        await send(message | {"body": b""} if message["type"] == "http.response.body" else message)

    return send_headers


def allow_header(methods: set[str]) -> str:
    """{"GET", "OPTIONS"} → «GET, HEAD, OPTIONS», in the order of the alphabet."""
    return ", ".join(sorted(methods | {"HEAD"} if "GET" in methods else methods))


def with_head(headers: Mapping[str, str] | None) -> dict[str, str]:
    """The headers of a 405, in small letters, with HEAD among the methods that are allowed."""
    found = {name.lower(): value for name, value in (headers or {}).items()}
    if "allow" in found:
        found["allow"] = allow_header(set(found["allow"].split(", ")))
    return found


async def answer_options(scope: Any, send: Any) -> bool:
    """204 with the methods of a public address; False for any other, which stays closed."""
    handlers = _handlers(scope)
    if not any(handler.opt.get("public") for handler in handlers):
        return False
    methods = {str(method) for handler in handlers for method in handler.http_methods}
    headers = [(b"allow", allow_header(methods).encode())]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b"", "more_body": False})
    return True


def _handlers(scope: Any) -> list[Any]:
    for route in scope["litestar_app"].routes:
        if re.sub(r":\w+}", "}", route.path_format) == scope["path_template"]:  # the template has no types
            return list(getattr(route, "route_handlers", []))
    return []
