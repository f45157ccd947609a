"""Authentication and authorisation of every request. Routes are closed by default and open themselves by
their `opt`.
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
from litestar.types import ASGIApp, HTTPScope, Receive, Send
from litestar.utils.scope.state import ScopeState
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from db import writing
from db.access import sessions
from db.journal import Person
from db.prepared_reads import reading
from rules.access import representatives
from rules.numbers import whole_number
from web import Request, form_subjects, unsent_forms
from web.http_methods import answer_options
from web.request_forms import SMALL_BODY, limit_uploads

log = logging.getLogger("cabinet")

# Values of Sec-Fetch-Site, which the browser sets and a forged page cannot change.
SAME_SITE = {"", "same-origin", "none"}
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
FORM_TYPES = {RequestEncodingType.URL_ENCODED, RequestEncodingType.MULTI_PART}


# What a session must do first, by its stage.
STEPS = {"choose": "/choose", "consent": "/consent", "totp": "/staff/totp", "app": "/login/app"}


class RedirectTo(Exception):
    """The request must go to another page first: sign-in, or a step of sign-in that is not finished."""

    def __init__(self, place: str, flash: str = "") -> None:
        super().__init__(place)
        self.place, self.flash = place, flash


def next_step(stage: str, place: str) -> str:
    """Return the page of the first unfinished step of a session's stage, which leads on to `place`; `place`
    itself when no step is left.
    """
    page = STEPS.get(stage.partition(" ")[0], "")
    if not page:
        return place
    return page if place == "/" else f"{page}?next={quote(place)}"


def cookie_name(secure: bool) -> str:
    return "__Host-cabinet" if secure else "cabinet"


def token_cookie(secret: str, secure: bool) -> str:
    """Return the name of the CSRF cookie. It contains a hash of the secret, so that after a change of the
    secret visitors get a new token instead of 403.
    """
    name = "csrf-" + sha256(secret.encode()).hexdigest()[:8]
    return f"__Host-{name}" if secure else name


def read_cookie(scope: HTTPScope, cookie_name: str) -> str:
    """Return a cookie's raw value, "" when there is none. The other cookies are not parsed, because every
    page and every poll calls this.
    """
    prefix = cookie_name.encode() + b"="
    for name, value in scope["headers"]:
        if name == b"cookie":
            for part in value.split(b"; "):
                if part.startswith(prefix):
                    return part[len(prefix) :].decode("latin-1")
    return ""


def session_token(scope: HTTPScope, secure: bool) -> str:
    """Return the session cookie's value, "" when there is none or it is too long to be ours."""
    token = read_cookie(scope, cookie_name(secure))
    return token if len(token) <= 64 else ""


def session_cookie(request: Request, token: str, *, forget: bool = False) -> Cookie:
    """Build the session cookie: until the browser closes, hidden from scripts, bound to this host over
    TLS.
    """
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
    """Puts the Person (or None) into `scope["user"]` and refuses those who may not open the route."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: HTTPScope, receive: Receive, send: Send, next_app: ASGIApp) -> None:  # type: ignore[override]
        if scope["method"] == "OPTIONS" and await answer_options(scope, send):
            return
        opt = scope["route_handler"].opt
        if opt.get(
            "own_authentication"
        ):  # the unread counter only: it checks the session itself and shows nothing but a number
            await next_app(scope, receive, send)
            return
        if b"%00" in scope["query_string"]:  # no form of ours sends NUL, and PostgreSQL stores it in no text
            raise ClientException("NUL")
        if scope["method"] not in SAFE_METHODS and not opt.get("exclude_from_csrf"):
            _refuse_cross_site(Request(scope))
        state = scope["litestar_app"].state
        person, idle_for = authenticate(scope, state) or (None, timedelta())
        scope["user"] = person
        if person is None and not opt.get("public"):
            raise await _sign_in_first(Request(scope, receive), opt)
        if person and unsent_forms.PARAMETER.encode() in scope["query_string"] and scope["method"] == "GET":
            await unsent_forms.fill_page(scope, person)
            scope["user"] = person = (authenticate(scope, state) or (None,))[0]
        if person and idle_for > sessions.TOUCH_INTERVAL and not opt.get("poll"):
            await sync_to_thread(_touch_session, state, person)
        _authorize(person, opt, scope)
        if person and not opt.get("public"):
            form_subjects.check_page(scope, person)
        if person and opt.get("files") and scope["method"] not in SAFE_METHODS and _is_large(scope):
            async with limit_uploads(person.actor):
                await next_app(scope, receive, send)
        else:
            await next_app(scope, receive, send)


def authenticate(scope: HTTPScope, state: State) -> tuple[Person, timedelta] | None:
    """Return the person of the session cookie and how long ago the session was last used; None without a
    valid session.
    """
    token = session_token(scope, state.settings.secure)
    if not token:
        return None
    idle, longest = (
        timedelta(minutes=state.settings.session_idle_minutes),
        timedelta(hours=state.settings.session_hours),
    )
    now = state.clock.now()  # read once: in the demonstration the clock's shift is a database query
    with reading(state.engine) as snapshot:
        found = sessions.find_person(snapshot, token, now, idle, longest)  # type: ignore[arg-type]
    return found and (found[0], now - found[1])


class StrictCSRFMiddleware(CSRFMiddleware):
    """Litestar's CSRF middleware, which also treats a malformed token (a file, non-ASCII text) as wrong
    instead of raising an exception while comparing.
    """

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """For a safe method, reuse the token of the cookie or set a new one without parsing the body, which
        Litestar's own middleware would read.
        """
        if (
            scope["type"] != "http"
            or scope["method"] not in SAFE_METHODS
            or scope["route_handler"].opt.get("exclude_from_csrf")
        ):
            await self._refuse_malformed(scope, receive)
            await form_subjects.check_form(
                Request(scope, receive), read_cookie(scope, self.config.cookie_name)
            )
            await super().__call__(scope, receive, send)
            return
        existing = read_cookie(scope, self.config.cookie_name)
        token = ScopeState.from_scope(scope).csrf_token = existing or generate_csrf_token(self.config.secret)
        await self.app(scope, receive, send if existing else self.create_send_wrapper(send, token, None))

    async def _refuse_malformed(self, scope: HTTPScope, receive: Receive) -> None:
        """Check the header or field that Litestar is about to compare; the parsed form is cached in the scope
        for it.
        """
        if scope["type"] != "http" or scope["route_handler"].opt.get("exclude_from_csrf"):
            return
        request = scope["litestar_app"].request_class(scope=scope, receive=receive)
        token: object = request.headers.get(self.config.header_name)
        if not token and request.content_type[0] in FORM_TYPES:
            token = (await request.form()).get("_csrf_token")
        for one in (token, request.cookies.get(self.config.cookie_name)):
            if one is not None and not (isinstance(one, str) and one.isascii()):
                raise PermissionDeniedException("CSRF token verification failed")


def _is_large(scope: HTTPScope) -> bool:
    """Return whether this body is, or may become, larger than a form without files."""
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    return (whole_number(length.decode("latin-1")) or SMALL_BODY + 1) > SMALL_BODY


def _touch_session(state: State, person: Person) -> None:
    """Record that the session was used. It runs in a thread because a write may wait; a page is shown even
    when the write fails.
    """
    try:
        with Session(state.engine) as db, writing(db):
            sessions.touch(db, person.session_id, state.clock.now())
    except OperationalError as why:
        log.warning("a session was not touched: %s", type(why).__name__)


def _refuse_cross_site(request: Request) -> None:
    if request.headers.get("sec-fetch-site", "") not in SAME_SITE:
        raise PermissionDeniedException("cross-site")


def _authorize(person: Person | None, opt: dict[str, Any], scope: HTTPScope) -> None:
    if opt.get("public"):
        return
    roles = opt.get("staff")
    kind = "subscriber" if roles is None else "staff"
    if person is None or person.kind != kind:
        raise RedirectTo(_login_page(opt) + _next_parameter(scope))
    step = person.stage.partition(" ")[0]  # the first unfinished step; more may follow
    if step not in opt.get("stage", "open").split():
        raise RedirectTo(next_step(step, "/"))
    if roles and person.role not in roles.split():
        raise PermissionDeniedException("role")
    if person.rights is not None and not representatives.is_path_allowed(
        person.rights,
        scope["method"],
        scope["path"],
    ):
        raise PermissionDeniedException("right")


async def _sign_in_first(request: Request, opt: dict[str, Any]) -> RedirectTo:
    """The way to sign-in: why the session ended, and what was typed kept for after it."""
    scope, state, flash = request.scope, request.app.state, ""
    token = session_token(scope, state.settings.secure)  # type: ignore[arg-type]
    if token:
        flash = await sync_to_thread(unsent_forms.why_ended, state, token)
    if scope["method"] != "POST":  # type: ignore[typeddict-item]
        return RedirectTo(_login_page(opt) + _next_parameter(scope), flash)  # type: ignore[arg-type]
    place, note = await unsent_forms.save(request, token)
    return RedirectTo(f"{_login_page(opt)}?next={quote(place)}", flash + note)


def _login_page(opt: dict[str, Any]) -> str:
    return "/login" if opt.get("staff") is None else "/staff/login"


def _next_parameter(scope: HTTPScope) -> str:
    if scope["method"] != "GET" or scope["path"] == "/":
        return ""
    query = scope["query_string"].decode("latin-1")
    return "?next=" + quote(scope["path"] + ("?" + query if query else ""))
