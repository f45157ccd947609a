"""The station's HTTP batches: who sent them, and what each item says.

A request carries `X-Station` (its name in settings), `X-Timestamp` (seconds since 1970) and `X-Signature`,
the hex HMAC-SHA256 over `timestamp + "." + raw body`. Sent again within the window it does no harm: its
events are there.
"""

import hmac
import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from rules import machine_json
from rules.days import MOSCOW
from rules.events import event_codes
from rules.events.events import Report

WINDOW = 300
MOST = 1000


class Forged(Exception):
    """Not from that station, or not now. The words are for the sender's log; they tell a stranger nothing."""


class Malformed(Exception):
    """A signed batch that is no batch."""


def sign(secret: str, timestamp: str, body: bytes) -> str:
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, sha256).hexdigest()


def verify(secrets: list[str], timestamp: str, signature: str, body: bytes, now: datetime) -> None:
    """Raise Forged unless one of the station's secrets (a new one and the old while it is changed) signed
    this, now.
    """
    given = signature.strip().lower().encode()
    good = [hmac.compare_digest(sign(secret, timestamp, body).encode(), given) for secret in secrets]
    if not any(good) or not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        raise Forged("signature")
    if abs(now.timestamp() - int(timestamp)) > WINDOW:
        raise Forged("timestamp")


def batch(body: bytes) -> list[Any]:
    """The items of `{"events": […]}` or of a bare list, at most a thousand."""
    try:
        data = machine_json.load(body)
    except ValueError:
        raise Malformed("not JSON") from None
    items = data.get("events") if isinstance(data, dict) else data
    if not isinstance(items, list):
        raise Malformed("no list of events")
    if len(items) > MOST:
        raise Malformed(f"more than {MOST} events")
    return items


def report(item: Any) -> Report | str:
    """One item, or the reason it cannot be read. `key`, `at` (ISO 8601 or seconds) and `code` are what it
    must have.

    A missing key is kept for the desk under "?": somebody's alarm may hide behind a sender's mistake.

    """
    if not isinstance(item, dict):
        return "not an object"
    at = instant(item.get("at"))
    if at is None:
        return "at: no time, or not readable"
    code = event_codes.canonical(_text(item.get("code")) or _text(item.get("kind")))
    if not code:
        return "code: missing"
    key = "".join(_text(item.get("key")).split()).upper()[:64]
    raw = None if event_codes.known(code) and key else json.dumps(item, ensure_ascii=False)[:500]
    part = item.get("part")
    return Report(
        key or "?",
        at,
        code,
        event_codes.kind(code),
        _text(item.get("who"))[:32] or None,
        part if isinstance(part, int) and 0 <= part < 2**31 else 0,
        _text(item.get("id"))[:64] or None,
        raw,
    )


def instant(value: Any) -> datetime | None:
    """An aware instant; a time without a zone is Moscow's, as stations write it."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str):
            at = datetime.fromisoformat(value.strip())
            return at.replace(tzinfo=MOSCOW).astimezone(UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None


def _text(value: Any) -> str:
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
