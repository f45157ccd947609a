"""Visitors without a session: the network that rate limits count by, and the browser, known by a long-lived
signed cookie.
"""

from datetime import datetime
from typing import Any

from itsdangerous import BadSignature
from litestar import Response
from litestar.datastructures import Cookie
from sqlmodel import Session

from db import writing
from db.access import device_tokens, entry_limits, rate_limits
from db.access.entry_limits import Visitor
from db.journal import Person
from rules.network_addresses import network
from web import Request, client_address, url_signer

SALT = "device"
LONGEST_COOKIE = 300
NEW_ID_KEY = "device-id"


def cookie_name(secure: bool) -> str:
    return "__Host-device" if secure else "device"


def identify_visitor(request: Request) -> Visitor:
    """Return the address, the network and the browser; a new browser gets an id, which `set_device_cookie`
    sends back.
    """
    token = _read_token(request) or _new_token(request)
    own = client_address(request)
    return Visitor(own, network(own), device_tokens.hash_device(token))


def _new_token(request: Request) -> str:
    """Return a new id, the same one throughout this request."""
    scope: Any = request.scope
    return scope.setdefault(NEW_ID_KEY, device_tokens.new_token())


def _read_token(request: Request) -> str | None:
    raw = request.cookies.get(cookie_name(request.app.state.settings.secure), "")
    if not raw or len(raw) > LONGEST_COOKIE:
        return None
    try:
        value = url_signer(request, SALT).loads(raw)
    except BadSignature:
        return None
    return value if isinstance(value, str) else None


def set_device_cookie(request: Request, answer: Response, token: str | None = None) -> Response:
    """Set the browser's id in a cookie: `token`, or the one created during this request, if any."""
    scope: Any = request.scope
    token = token or scope.get(NEW_ID_KEY)
    if token:
        settings = request.app.state.settings
        answer.set_cookie(
            Cookie(
                key=cookie_name(settings.secure),
                value=url_signer(request, SALT).dumps(token),
                path="/",
                httponly=True,
                secure=settings.secure,
                samesite="lax",
                max_age=settings.device_days * 86400,
            )
        )
    return answer


def issue_device_token(
    request: Request, db: Session, session_token: str, now: datetime, **account: int | None
) -> str:
    """Issue this browser a new id tied to the account (`device_tokens.issue`). Inside `writing`."""
    return device_tokens.issue(db, identify_visitor(request).device, session_token, now, **account)


def revoke_other_devices(request: Request, db: Session, who: Person) -> None:
    """Forget all of this person's browsers except the current one. Inside `writing`."""
    device_tokens.revoke(db, who, keep=identify_visitor(request).device)


def count_refusal(request: Request, db: Session, what: str, now: datetime) -> None:
    """Count a refusal against this network, or raise TooMany; beyond the limit nothing more is written for
    it.
    """
    counters = entry_limits.address_counters(request.app.state.settings, what, identify_visitor(request))
    rate_limits.check_all(db, counters, now)
    with writing(db):
        rate_limits.check_all(db, counters, now)
        rate_limits.add_attempts(db, counters, now)
