"""The door: who is asking, and whether this page is for them. Closed by default; a route opens itself by its
`opt`.
"""

import logging
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from litestar.concurrency import sync_to_thread
from litestar.datastructures import Cookie, State
from litestar.enums import RequestEncodingType, ScopeType
from litestar.exceptions import ClientException, PermissionDeniedException
from litestar.middleware import ASGIMiddleware
from litestar.middleware.csrf import CSRFMiddleware, generate_csrf_token
from litestar.types import ASGIApp, Receive, Scope, Send
from litestar.utils.scope.state import ScopeState
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from db import writing
from db.access import sessions
from db.journal import Person
from db.prepared_reads import reading
from rules.access import representatives
from rules.numbers import whole_number
from web import Request, client_address
from web.http_methods import answer_options
from web.request_forms import SMALL, limit_uploads

log = logging.getLogger("cabinet")

# What the browser itself says of where a request comes from; a forged page cannot change it.
OUR_OWN = {"", "same-origin", "none"}
SAFE = {"GET", "HEAD", "OPTIONS"}
FORMS = {RequestEncodingType.URL_ENCODED, RequestEncodingType.MULTI_PART}


# What a session must do first, by its stage.
STEPS = {"choose": "/choose", "consent": "/consent", "totp": "/staff/totp", "app": "/login/app"}


class RedirectTo(Exception):
    """This asker should be on another page first: the entry, or a step that was left undone."""

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.place = place


def next_step(stage: str, place: str) -> str:
    """The page of the first step of a session's stage, which leads on to `place`; `place` itself when nothing
    is left.
    """
    page = STEPS.get(stage.partition(" ")[0], "")
    if not page:
        return place
    return page if place == "/" else f"{page}?next={quote(place)}"


def cookie_name(secure: bool) -> str:
    return "__Host-cabinet" if secure else "cabinet"


def token_cookie(secret: str, secure: bool) -> str:
    """The cookie of forms, named by a hash of the secret: after the secret changed, visitors get a new one,
    not 403.
    """
    name = "csrf-" + sha256(secret.encode()).hexdigest()[:8]
    return f"__Host-{name}" if secure else name


def read_cookie(scope: Scope, cookie_name: str) -> str:
    """A cookie's value as it came, "" when there is none: read without parsing the others, for every page and
    poll asks.
    """
    prefix = cookie_name.encode() + b"="
    for name, value in scope["headers"]:
        if name == b"cookie":
            for part in value.split(b"; "):
                if part.startswith(prefix):
                    return part[len(prefix) :].decode("latin-1")
    return ""


def session_token(scope: Scope, secure: bool) -> str:
    """The session cookie's value, "" when there is none or it cannot be ours."""
    token = read_cookie(scope, cookie_name(secure))
    return token if len(token) <= 64 else ""


def session_cookie(request: Request, token: str, *, forget: bool = False) -> Cookie:
    """The session's cookie: a browser session's, out of scripts' reach, bound to this host on TLS."""
    secure = request.app.state.settings.secure
    return Cookie(
        key=cookie_name(secure),
        value=token,
        path="/",
        httponly=True,
        secure=secure,
        samesite="lax",
        max_age=0 if forget else None,
    )


class Authentication(ASGIMiddleware):
    """Puts the Person (or None) into `scope["user"]` and turns away who may not enter."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        if scope["method"] == "OPTIONS" and await answer_options(scope, send):
            return
        opt = scope["route_handler"].opt
        if opt.get(
            "own_door"
        ):  # the envelope alone: looks the session up by itself, and shows nothing but a number
            await next_app(scope, receive, send)
            return
        if b"%00" in scope["query_string"]:  # no form of ours sends it, and PostgreSQL takes it in no text
            raise ClientException("NUL")
        if scope["method"] not in SAFE and not opt.get("exclude_from_csrf"):
            _refuse_cross_site(Request(scope))
        state = scope["litestar_app"].state
        person, unseen = authenticate(scope, state) or (None, timedelta())
        scope["user"] = person
        if person and unseen > sessions.TOUCH and not opt.get("poll"):
            await sync_to_thread(_touch, state, person)
        _let_in(person, opt, scope)
        if person and opt.get("files") and scope["method"] not in SAFE and _large(scope):
            async with limit_uploads(person.actor):
                await next_app(scope, receive, send)
        else:
            await next_app(scope, receive, send)


def authenticate(scope: Scope, state: State) -> tuple[Person, timedelta] | None:
    """Who is asking, by the session's cookie, and how long ago the session was last seen."""
    token = session_token(scope, state.settings.secure)
    if not token:
        return None
    idle, longest = (
        timedelta(minutes=state.settings.session_idle_minutes),
        timedelta(hours=state.settings.session_hours),
    )
    now = state.clock.now()  # once: where the clock may be moved, it is asked of the file
    with reading(state.engine) as snapshot:
        found = sessions.person(snapshot, token, now, idle, longest)
    return found and (found[0], now - found[1])


class Tokens(CSRFMiddleware):
    """Litestar's own, but a token out of shape (a file, letters no secret has) is a wrong one: comparing
    those would raise.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Who reads keeps the token there is, or gets one; no body is taken apart for that: Litestar's own
        reads it even then.
        """
        if (
            scope["type"] != "http"
            or scope["method"] not in SAFE
            or scope["route_handler"].opt.get("exclude_from_csrf")
        ):
            await self._refuse_malformed(scope, receive)
            await super().__call__(scope, receive, send)
            return
        held = read_cookie(scope, self.config.cookie_name)
        token = ScopeState.from_scope(scope).csrf_token = held or generate_csrf_token(self.config.secret)
        await self.app(scope, receive, send if held else self.create_send_wrapper(send, token, None))

    async def _refuse_malformed(self, scope: Scope, receive: Receive) -> None:
        """Look where Litestar is about to look; a form that was read is kept in the scope for it."""
        if scope["type"] != "http" or scope["route_handler"].opt.get("exclude_from_csrf"):
            return
        request = scope["litestar_app"].request_class(scope=scope, receive=receive)
        token: object = request.headers.get(self.config.header_name)
        if not token and request.content_type[0] in FORMS:
            token = (await request.form()).get("_csrf_token")
        for one in (token, request.cookies.get(self.config.cookie_name)):
            if one is not None and not (isinstance(one, str) and one.isascii()):
                raise PermissionDeniedException("CSRF token verification failed")


def _large(scope: Scope) -> bool:
    """Whether this body is, or may become, larger than a form without files."""
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    return (whole_number(length.decode("latin-1")) or SMALL + 1) > SMALL


def _touch(state: State, person: Person) -> None:
    """Off the loop, for a write may wait; a page that can be read is shown although its sight cannot be
    written.
    """
    try:
        with Session(state.engine) as db, writing(db):
            sessions.touch(db, person.session_id, state.clock.now())
    except OperationalError as why:
        log.warning("a session was not touched: %s", type(why).__name__)


def _refuse_cross_site(request: Request) -> None:
    if request.headers.get("sec-fetch-site", "") not in OUR_OWN:
        raise PermissionDeniedException("cross-site")


def _let_in(person: Person | None, opt: dict[str, Any], scope: Scope) -> None:
    if opt.get("public"):
        return
    roles = opt.get("staff")
    kind = "subscriber" if roles is None else "staff"
    if person is None or person.kind != kind:
        raise RedirectTo(("/staff/login" if kind == "staff" else "/login") + _back(scope))
    step = person.stage.partition(" ")[0]  # what must be done first; more may follow it
    if step not in opt.get("stage", "open").split():
        raise RedirectTo(next_step(step, "/"))
    if roles and person.role not in roles.split():
        raise PermissionDeniedException("role")
    if person.rights is not None and not representatives.allowed(
        person.rights, scope["method"], scope["path"]
    ):
        raise PermissionDeniedException("right")


def _back(scope: Scope) -> str:
    if scope["method"] != "GET" or scope["path"] == "/":
        return ""
    query = scope["query_string"].decode("latin-1")
    return "?next=" + quote(scope["path"] + ("?" + query if query else ""))


def caller(request: Request) -> dict[str, str]:
    """How the devices page will name this browser, and where it was seen."""
    agent = request.headers.get("user-agent", "")
    return {"device": device(agent), "address": client_address(request)}


def device(agent: str) -> str:
    """«Chrome, Android» out of a browser's long name for itself; order matters, for each pretends to be the
    others.
    """
    browsers = (
        ("YaBrowser", "Яндекс Браузер"),
        ("Edg", "Edge"),
        ("OPR", "Opera"),
        ("Firefox", "Firefox"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
        ("Lynx", "Lynx"),
        ("w3m", "w3m"),
    )
    systems = (
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    )
    browser = next((name for mark, name in browsers if mark in agent), "браузер")
    system = next((name for mark, name in systems if mark in agent), "")
    return f"{browser}, {system}" if system else browser
