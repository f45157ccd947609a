"""Static assets as ready responses from memory, public to everyone."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from web import assets

PATH_PREFIX = "/assets/"
# (response start message, scope) → headers to add to it.
ExtraHeaders = Callable[[Any, Any], list[tuple[bytes, bytes]]]


async def send_asset(scope: Any, send: Any, extra_headers: ExtraHeaders) -> int:
    """Send the asset named by the path with `extra_headers`; return the status.

    No CSRF cookie is set: a response that a proxy caches for everybody must carry nobody's cookie.
    """
    accepted = dict(scope["headers"]).get(b"accept-encoding", b"").decode("latin-1")
    found = (
        find_asset(scope["path"].removeprefix(PATH_PREFIX), accepted)
        if scope["method"] in ("GET", "HEAD")
        else None
    )
    status, (body, pairs) = (200, found) if found else (404, (b"", NOT_FOUND_HEADERS))
    start = {"type": "http.response.start", "status": status, "headers": pairs}
    await send({**start, "headers": [*pairs, *extra_headers(start, scope)]})
    await send(
        {"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body, "more_body": False}
    )
    return status


NOT_FOUND_HEADERS = [(b"content-length", b"0"), (b"content-type", b"text/plain; charset=utf-8")]


@lru_cache(maxsize=256)
def find_asset(name: str, accepted: str) -> tuple[bytes, list[tuple[bytes, bytes]]] | None:
    """Return (body, encoded headers), None when there is no such asset. Cached: browsers send few distinct
    Accept-Encoding values.
    """
    found = assets.find_response(name, accepted)
    return found and (found[0], [(name.encode(), value.encode()) for name, value in found[1].items()])
