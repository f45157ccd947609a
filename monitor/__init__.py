"""ASGI middleware around the whole application: request ids, access log, metrics, and a deadline for bodies.

It is outermost, so requests refused by routing, CSRF or authentication count too. Log lines and metrics carry
the declared route, never the path: paths contain contract numbers, searched names and one-time links.
"""

import asyncio
import gc
import random
import re
import secrets
from collections.abc import Callable
from datetime import datetime
from time import perf_counter
from typing import Any

from litestar.exceptions import HTTPException
from sqlalchemy import Engine

from monitor import logs
from settings import Settings

REQUEST_ID = re.compile(rb"[0-9A-Za-z._-]{8,64}")
# A body gets 20 s (jittered, so that clients do not all time out together), after that at least 500 B/s.
PATIENCE = 20.0
LEAST = 0.7
BYTES_A_SECOND = 500


_counting: list[Callable[[Any, int, float], None]] = []


def serve_metrics(settings: Settings, engine: Engine, now: Callable[[], datetime], kind: str) -> int:
    """Serve this process's metrics if the settings name a port; the port, or 0. Without a port the metrics
    library is not imported.
    """
    if not settings.metrics_port:
        return 0
    from monitor import metrics

    _counting[:] = [metrics.count_request]
    return metrics.serve(settings, engine, now, kind)


def count_request(scope: Any, status: int, seconds: float) -> None:
    for count in _counting:
        count(scope, status, seconds)


def freeze_startup_objects() -> None:
    """Move start-up objects to the permanent generation (gc.freeze): a full collection takes 18 ms, not 135.

    Not for a process that creates one application after another, as tests do: frozen objects are never freed.
    """
    gc.collect()
    gc.freeze()


class Monitor:
    """`extra_headers(message, scope)` returns headers for every response; a Litestar hook costs more."""

    def __init__(
        self, app: Any, settings: Settings, extra_headers: Callable[[Any, Any], list[tuple[bytes, bytes]]]
    ) -> None:
        self.app, self.extra_headers = app, extra_headers
        self.trusted = settings.trusted_proxy

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        number = self._number(scope)
        logs.request.set(number)
        scope["number"] = number
        began, status = perf_counter(), 0

        async def send_with_headers(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message["headers"],
                    *self.extra_headers(message, scope),
                    (b"x-request-id", number.encode()),
                ]
            await send(message)

        try:
            await self.app(
                scope,
                receive if scope["method"] in ("GET", "HEAD") else _with_body_deadline(receive),
                send_with_headers,
            )
        finally:
            seconds = perf_counter() - began
            if status != 204:  # polls with nothing new are not logged: the line would cost more than the poll
                logs.log_request(scope, status, seconds)
            count_request(scope, status, seconds)

    def _number(self, scope: Any) -> str:
        """The request id of a trusted proxy, else a random one."""
        if self.trusted:
            for name, value in scope["headers"]:
                if name == b"x-request-id" and REQUEST_ID.fullmatch(value):
                    return str(value, "ascii")
        return secrets.token_hex(8)


def _with_body_deadline(receive: Any) -> Any:
    # The time runs from the first read of the body, so that our own delay before it does not count.
    began, got, whole = 0.0, 0, False
    patience = PATIENCE * random.uniform(LEAST, 1)  # noqa: S311 - not a secret

    async def patiently() -> Any:
        nonlocal began, got, whole
        if whole:  # after the body only the disconnect message comes
            return await receive()
        began = began or perf_counter()
        left = began + patience + got / BYTES_A_SECOND - perf_counter()
        try:
            async with asyncio.timeout(max(left, 0.01)):
                message = await receive()
        except TimeoutError:
            raise HTTPException(status_code=408, headers={"connection": "close"}) from None
        got += len(message.get("body", b""))
        whole = not message.get("more_body", False)
        return message

    return patiently
