"""The station's HTTP batches: verification of the sender, and the report of each item.

A request carries `X-Station` (its name in settings), `X-Timestamp` (seconds since 1970) and `X-Signature`,
the hex HMAC-SHA256 over `timestamp + "." + raw body`. A request replayed within the time window does no harm:
its events are stored already.
"""

import hmac
import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from rules import machine_json
from rules.days import MOSCOW
from rules.events import event_codes
from rules.events.events import StationReport

WINDOW = 300
MOST = 1000


class ForgedBatch(Exception):
    """A wrong signature or an old timestamp; the message goes to the sender and reveals nothing else."""


class MalformedBatch(Exception):
    """A signed body that is not a batch."""


def sign(secret: str, timestamp: str, body: bytes) -> str:
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, sha256).hexdigest()


def verify(secrets: list[str], timestamp: str, signature: str, body: bytes, now: datetime) -> None:
    """Verify the signature; ForgedBatch if it or the timestamp is wrong.

    One of the station's secrets (two while it is being changed) must have signed the request within the last
    five minutes.
    """
    given = signature.strip().lower().encode()
    good = [hmac.compare_digest(sign(secret, timestamp, body).encode(), given) for secret in secrets]
    if not any(good) or not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        raise ForgedBatch("signature")
    if abs(now.timestamp() - int(timestamp)) > WINDOW:
        raise ForgedBatch("timestamp")


def parse_batch(body: bytes) -> list[Any]:
    """Return the items of `{"events": […]}` or of a bare list, at most a thousand."""
    try:
        data = machine_json.load(body)
    except ValueError:
        raise MalformedBatch("not JSON") from None
    items = data.get("events") if isinstance(data, dict) else data
    if not isinstance(items, list):
        raise MalformedBatch("no list of events")
    if len(items) > MOST:
        raise MalformedBatch(f"more than {MOST} events")
    return items


def parse_report(item: Any) -> StationReport | str:
    """Return the report of one item, or the reason why it is refused.

    `at` (ISO 8601 or seconds) and `code` are required. An item without `key` gets the key "?" and waits for
    staff: it may be an alarm.
    """
    if not isinstance(item, dict):
        return "not an object"
    at = parse_instant(item.get("at"))
    if at is None:
        return "at: no time, or not readable"
    code = event_codes.canonical_code(_text(item.get("code")) or _text(item.get("kind")))
    if not code:
        return "code: missing"
    key = "".join(_text(item.get("key")).split()).upper()[:64]
    raw = None if event_codes.is_listed(code) and key else json.dumps(item, ensure_ascii=False)[:500]
    part = item.get("part")
    return StationReport(
        key or "?",
        at,
        code,
        event_codes.kind_of(code),
        _text(item.get("who"))[:32] or None,
        part if isinstance(part, int) and 0 <= part < 2**31 else 0,
        _text(item.get("id"))[:64] or None,
        raw,
    )


def parse_instant(value: Any) -> datetime | None:
    """Parse an aware instant; a time without a zone is Moscow time. None if malformed."""
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
