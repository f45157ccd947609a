"""What is noted of every request from outside: its number, its line in the log, its figures, and that its
body comes at all.

Wrapped round the whole application, so that what routing, CSRF or the door refuse is seen too. A line and a
figure carry the route as it is declared, never the address asked: addresses carry contract numbers, names
searched for and links.
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

TOLD = re.compile(rb"[0-9A-Za-z._-]{8,64}")
# A body may take its first seconds for nothing; after that it must come at least this fast, or it never will.
# To each a little less by chance: a crowd let in at one moment must not be turned away at one, for people
# wait meanwhile.
PATIENCE = 20.0
LEAST = 0.7
BYTES_A_SECOND = 500


_counting: list[Callable[[Any, int, float], None]] = []


def figures(settings: Settings, engine: Engine, now: Callable[[], datetime], kind: str) -> int:
    """Serve this process's figures where a port is set; the port taken, or 0. Where none is set, nothing is
    even imported.
    """
    if not settings.metrics_port:
        return 0
    from monitor import metrics

    _counting[:] = [metrics.count]
    return metrics.begin(settings, engine, now, kind)


def counted(scope: Any, status: int, seconds: float) -> None:
    for count in _counting:
        count(scope, status, seconds)


def settled() -> None:
    """What stands when a process begins to serve stands to its end, so the collector need not walk it again.

    Walking it took 135 ms once in some seconds of forms, and nobody was answered meanwhile; 18 ms are left.
    Not for a process that makes one application after another, as tests do: what is let go of after this
    stays.
    """
    gc.collect()
    gc.freeze()


class Monitor:
    """`beside` gives the headers that every answer of the house carries beside its own; a hook of Litestar's
    costs more.
    """

    def __init__(
        self, app: Any, settings: Settings, beside: Callable[[Any, Any], list[tuple[bytes, bytes]]]
    ) -> None:
        self.app, self.beside = app, beside
        self.trusted = settings.trusted_proxy

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        number = self._number(scope)
        logs.request.set(number)
        scope["number"] = number
        began, status = perf_counter(), 0

        async def told(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message["headers"],
                    *self.beside(message, scope),
                    (b"x-request-id", number.encode()),
                ]
            await send(message)

        try:
            await self.app(scope, receive if scope["method"] in ("GET", "HEAD") else _patient(receive), told)
        finally:
            seconds = perf_counter() - began
            if (
                status != 204
                # a poll with nothing new: two thousand lines a second would say nothing, and cost more than
                # it
            ):
                logs.line(scope, status, seconds)
            counted(scope, status, seconds)

    def _number(self, scope: Any) -> str:
        """The proxy's number for this request where a proxy is trusted, else one of our own."""
        if self.trusted:
            for name, value in scope["headers"]:
                if name == b"x-request-id" and TOLD.fullmatch(value):
                    return str(value, "ascii")
        return secrets.token_hex(8)


def _patient(receive: Any) -> Any:
    # Counted from when the body is first asked for: what we waited for ourselves before that is not the
    # line's fault.
    began, got, whole = 0.0, 0, False
    patience = PATIENCE * random.uniform(LEAST, 1)  # noqa: S311 - nobody gains by guessing it

    async def patiently() -> Any:
        nonlocal began, got, whole
        if whole:  # what comes now is only the news that the asker left
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
