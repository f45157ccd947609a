"""Logging: JSON lines for machines, plain text for a terminal.

No personal data may be logged. Requests are logged by route, errors by type and place without their messages,
which contain values. Whatever looks like a phone, a contract or document number or an e-mail address is
redacted in case somebody forgets.
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

# The id of the current request, for the lines its handler logs, in a worker thread too.
request: ContextVar[str] = ContextVar("request", default="")

NUMBERS = re.compile(r"\+?\d(?:[ ()  -]{0,2}\d){7,}")
MAILBOXES = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
# These log URLs (one-time links, search words), migrations and frames.
NOISY_LOGGERS = ("httpx", "httpcore", "alembic", "uvicorn.access", "siadc09", "asyncio")

requests = logging.getLogger("cabinet.request")


def redact(words: str) -> str:
    """The text with long numbers and e-mail addresses replaced."""
    return MAILBOXES.sub("…@…", NUMBERS.sub("…", words))


class JsonFormatter(logging.Formatter):
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
            line["message"] = redact(_words(record))
        if record.exc_info and record.exc_info[0]:
            line |= _error(*record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def _words(record: logging.LogRecord) -> str:
    """Return the message; an exception among its arguments is reduced to its type."""
    args = record.args
    if isinstance(args, tuple) and any(isinstance(one, BaseException) for one in args):
        record.args = tuple(type(one).__name__ if isinstance(one, BaseException) else one for one in args)
    return record.getMessage()


def _error(
    kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
) -> dict[str, Any]:
    """Return the types of the error and its causes, and the stack: no messages, no values."""
    chain: list[str] = []
    while error is not None and len(chain) < 5:
        chain.append(type(error).__name__)
        error = error.__cause__ or error.__context__
    frames = traceback.extract_tb(trace)[-12:]
    return {"error": chain, "where": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]}


def log_request(scope: HTTPScope, status: int, seconds: float) -> None:
    """Log one request; status 0 means that the client left before the response."""
    if requests.isEnabledFor(logging.INFO):
        figures = {
            "method": method_label(scope["method"]),
            "route": route(scope),
            "status": status,
            "ms": round(seconds * 1000, 1),
        }
        requests.info("%s", "", extra={"figures": figures})


def route(scope: HTTPScope) -> str:
    """Return the declared route, «—» when none matched."""
    return str(scope.get("path_template") or "—")


def method_label(method: str) -> str:
    return method if method in ("GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH") else "other"


def configure(kind: str) -> None:
    """Configure logging of the process: `json` for machines, `human` leaves the default."""
    for name in NOISY_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    if kind != "json":
        requests.setLevel(logging.WARNING)
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    # Not collected, because our lines do not contain them: a third of the cost of a line.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    root = logging.getLogger()
    for old in [one for one in root.handlers if isinstance(one.formatter, JsonFormatter)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    requests.setLevel(logging.INFO)
    for own in ("uvicorn", "uvicorn.error", "_granian", "litestar"):  # each has a handler of its own
        logging.getLogger(own).handlers.clear()
        logging.getLogger(own).propagate = True
