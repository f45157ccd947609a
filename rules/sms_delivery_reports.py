"""Delivery reports of an SMS gateway over HTTP: signature and format.

`POST {"message_id": …, "status": …}`, or a list of them, with `X-Timestamp` (seconds since 1970) and
`X-Signature`, the hex HMAC-SHA256 over `timestamp + "." + raw body` under the gateway's own key.
"""

import hmac
from datetime import datetime
from hashlib import sha256
from typing import Any

from rules import machine_json

WINDOW = 300
MOST = 1000
FINAL = {
    "delivered": True,
    "delivrd": True,
    "undelivered": False,
    "undeliv": False,
    "failed": False,
    "expired": False,
    "rejected": False,
    "deleted": False,
}


def sign(secret: str, timestamp: str, body: bytes) -> str:
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, sha256).hexdigest()


def is_genuine(secret: str, timestamp: str, signature: str, body: bytes, now: datetime) -> bool:
    """Return whether the gateway signed this within the last five minutes; a repeat within that time changes
    nothing.
    """
    if not secret or not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 13):
        return False
    same = hmac.compare_digest(sign(secret, timestamp, body).encode(), signature.strip().lower().encode())
    return same and abs(now.timestamp() - int(timestamp)) <= WINDOW


def parse_reports(body: bytes) -> list[tuple[str, bool]] | None:
    """Return (the gateway's message id, whether it was delivered) of final reports; None when the body is
    malformed.
    """
    try:
        data: Any = machine_json.load(body)
    except ValueError:
        return None
    items = data if isinstance(data, list) else [data]
    if len(items) > MOST or not all(isinstance(item, dict) for item in items):
        return None
    reports = [(str(item.get("message_id", ""))[:65], str(item.get("status", "")).lower()) for item in items]
    return [(number, FINAL[state]) for number, state in reports if number and state in FINAL]
