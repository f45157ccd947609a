"""Page responses: compressed here, never cached by shared caches."""

import gzip
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import brotli
from litestar import Response
from litestar.plugins.htmx import HTMXRequest as Request
from litestar.types import ASGIApp, Receive, Scope, Send

from rules.file_names import ascii_name

PRIVATE = {"cache-control": "no-store, max-age=0", "vary": "HX-Request, Accept-Encoding, Cookie"}


class Page(Response[bytes]):
    """A response whose bytes and headers are final, so Litestar does not build its own from it."""

    def to_asgi_response(self, *_: Any, **__: Any) -> ASGIApp:  # type: ignore[override]
        kind = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-length", b"%d" % len(self.content)),
        ]
        own = [(name.encode(), value.encode()) for name, value in self.headers.items()]
        headers = kind + own + [cookie.to_encoded_header() for cookie in self.cookies]

        async def send_page(scope: Scope, receive: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": self.status_code or 200, "headers": headers})
            await send({"type": "http.response.body", "body": self.content, "more_body": False})
            if self.background is not None:
                await self.background()

        return send_page


def html_response(
    request: Request,
    body: str,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    cookies: Any = (),
) -> Response[bytes]:
    """Compress a page and return its response. Middleware would cost five times as much; gzip is for clients
    without brotli.
    """
    raw = body.encode()
    sent = PRIVATE | dict(headers or {})
    accepted = request.headers.get("accept-encoding", "") if len(raw) > 600 else ""
    if "br" in accepted:
        # Quality 5 saves an eighth of the bytes for 50 µs.
        raw = brotli.compress(raw, quality=5, mode=brotli.MODE_TEXT)
        sent["content-encoding"] = "br"
    elif "gzip" in accepted:
        raw = gzip.compress(raw, 6, mtime=0)
        sent["content-encoding"] = "gzip"
    return Page(raw, status_code=status, headers=sent, cookies=cookies)


def content_disposition(name: str, kind: str = "attachment") -> str:
    """The header that names a download: in ASCII for whoever reads nothing else, and as it is (RFC 6266)."""
    return f"{kind}; filename=\"{ascii_name(name)}\"; filename*=UTF-8''{quote(name, safe='')}"
