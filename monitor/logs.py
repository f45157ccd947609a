"""What the process says of itself: a JSON line each for machines, plain sentences for a person at a terminal.

Nobody's data may be in it. Requests are told by route; an error by its type and where it happened, without
its words, for words carry values; and whatever looks like a phone, a number of a contract or a paper, or an
address of a mailbox is covered, should somebody forget.
"""

import json
import logging
import re
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from litestar.types import HTTPScope

# The number of the request in hand; what a handler logs, in a thread of its own too, carries it.
request: ContextVar[str] = ContextVar("request", default="")

NUMBERS = re.compile(r"\+?\d(?:[ ()  -]{0,2}\d){7,}")
MAILBOXES = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
# They would tell of every address asked (links of letters, names searched for), every migration looked at and
# every frame.
TALKERS = ("httpx", "httpcore", "alembic", "uvicorn.access", "siadc09", "asyncio")

requests = logging.getLogger("cabinet.request")


def cover(words: str) -> str:
    """The words with long numbers and mailboxes covered."""
    return MAILBOXES.sub("…@…", NUMBERS.sub("…", words))


class Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if number := request.get():
            line["request"] = number
        if figures := getattr(record, "figures", None):
            line |= figures
        else:
            line["message"] = cover(_words(record))
        if record.exc_info and record.exc_info[0]:
            line |= _error(*record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def _words(record: logging.LogRecord) -> str:
    """An exception put into a message as an argument shows its type alone."""
    args = record.args
    if isinstance(args, tuple) and any(isinstance(one, BaseException) for one in args):
        record.args = tuple(type(one).__name__ if isinstance(one, BaseException) else one for one in args)
    return record.getMessage()


def _error(
    kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
) -> dict[str, Any]:
    """Its type, the types of what caused it, and the places it came through: no words, no values."""
    chain: list[str] = []
    while error is not None and len(chain) < 5:
        chain.append(type(error).__name__)
        error = error.__cause__ or error.__context__
    frames = traceback.extract_tb(trace)[-12:]
    return {"error": chain, "where": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]}


def line(scope: HTTPScope, status: int, seconds: float) -> None:
    """One line for one request; 0 is an answer nobody waited for."""
    if requests.isEnabledFor(logging.INFO):
        figures = {
            "method": known(scope["method"]),
            "route": route(scope),
            "status": status,
            "ms": round(seconds * 1000, 1),
        }
        requests.info("%s", "", extra={"figures": figures})


def route(scope: HTTPScope) -> str:
    """The route as it is declared; «—» for what is not ours."""
    return str(scope.get("path_template") or "—")


def known(method: str) -> str:
    return method if method in ("GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH") else "other"


def begin(kind: str) -> None:
    """Set the process's log once: `json` for machines, `human` leaves it as a terminal shows it."""
    for talker in TALKERS:
        logging.getLogger(talker).setLevel(logging.WARNING)
    if kind != "json":
        requests.setLevel(logging.WARNING)
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Json())
    # What our lines never say is not gathered for them: a third of a line's price.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    root = logging.getLogger()
    for old in [one for one in root.handlers if isinstance(one.formatter, Json)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    requests.setLevel(logging.INFO)
    for own in ("uvicorn", "uvicorn.error", "_granian", "litestar"):  # each comes with a handler of its own
        logging.getLogger(own).handlers.clear()
        logging.getLogger(own).propagate = True
