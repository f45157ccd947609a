"""Who asks without a session: the network they count by, and the browser, by a signed cookie of its own that
lives long.
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
LONGEST = 300
FRESH = "device-token"


def cookie_name(secure: bool) -> str:
    return "__Host-device" if secure else "device"


def asker(request: Request) -> Visitor:
    """The address, the network and the browser; one seen for the first time gets an id, sent back by
    `remember`.
    """
    token = _cookie_value(request) or _new_value(request)
    own = client_address(request)
    return Visitor(own, network(own), device_tokens.digest(token))


def _new_value(request: Request) -> str:
    """One id for the whole of this request."""
    scope: Any = request.scope
    return scope.setdefault(FRESH, device_tokens.new())


def _cookie_value(request: Request) -> str | None:
    raw = request.cookies.get(cookie_name(request.app.state.settings.secure), "")
    if not raw or len(raw) > LONGEST:
        return None
    try:
        value = url_signer(request, SALT).loads(raw)
    except BadSignature:
        return None
    return value if isinstance(value, str) else None


def remember(request: Request, answer: Response, token: str | None = None) -> Response:
    """Give this browser its new id, if it has one: `token`, or the one made for this request."""
    scope: Any = request.scope
    token = token or scope.get(FRESH)
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


def issue(request: Request, db: Session, session_token: str, now: datetime, **account: int | None) -> str:
    """This browser's new id, known for this account from now on (`device_tokens.issue`). Inside `writing`."""
    return device_tokens.issue(db, asker(request).device, session_token, now, **account)


def revoke_other_devices(request: Request, db: Session, who: Person) -> None:
    """Of this person's browsers only the one that asks is known from now on. Inside `writing`."""
    device_tokens.revoke(db, who, keep=asker(request).device)


def count_refusal(request: Request, db: Session, what: str, now: datetime) -> None:
    """Count what is refused to this network, or raise TooMany: beyond the limit nothing more is written for
    it.
    """
    counters = entry_limits.address(request.app.state.settings, what, asker(request))
    rate_limits.check_all(db, counters, now)
    with writing(db):
        rate_limits.check_all(db, counters, now)
        rate_limits.add_all(db, counters, now)
