"""Refusals as pages: in Russian, standing without a session, each with a way on. Machines get the same status
and a line.
"""

import logging
import math
from http import HTTPStatus
from typing import Any

from litestar import Response
from litestar.background_tasks import BackgroundTask
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.status_codes import HTTP_303_SEE_OTHER
from litestar.utils.scope.state import ScopeState
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from db import writing
from db.access import denials
from db.access.rate_limits import TooMany
from rules.access import limits
from rules.requests.attachments import LARGEST, MOST, size_words
from web import PRIVATE, Request, csrf, frame, html_response
from web.authentication import (
    RedirectTo,
    authenticate,
    cookie_name,
    read_cookie,
    session_cookie,
    token_cookie,
)
from web.executors import RETRY_AFTER
from web.http_methods import allow_header
from web.request_forms import FIELDS, SMALL, TooLong

log = logging.getLogger("cabinet")

PAGES = {400, 403, 404, 405, 408, 413, 422, 429}


def refused(request: Request, why: HTTPException) -> Response[Any]:
    """400–429 by their own page; anything else that has a status is shown as «not found» or «broken»."""
    status = why.status_code
    if status >= 500:
        # Who hangs up in the middle of a form hears no answer, and it is no error of ours.
        return error_page(request, 400) if "disconnected" in str(why.detail) else broken(request, why)
    if "user" not in request.scope:
        _restore_session(request)
    if status == 413:
        return too_long(request, why)
    task = _denial_task(request, status, str(why.detail))
    # Without any cookie from us the token cannot match: the browser keeps none, and that is what to say.
    cookies_off = status == 403 and not request.cookies
    cause = str(why.detail)
    page = status if status in PAGES else 400
    headers = {name.lower(): value for name, value in (why.headers or {}).items()}
    if "allow" in headers:
        headers["allow"] = allow_header(set(headers["allow"].split(", ")))
    answer = error_page(request, page, headers, cookies_off=cookies_off, cause=cause)
    answer.background = task
    return answer


def _denial_task(request: Request, status: int, cause: str) -> BackgroundTask | None:
    """Who is signed in and asks by a foreign id, or for what is not theirs, is counted; after the answer, off
    the loop.
    """
    person, handler = request.scope.get("user"), request.scope.get("route_handler")
    denied = status == 403 and cause in ("role", "right")
    foreign = status == 404 and bool(request.scope.get("path_params"))
    if person is None or handler is None or not (denied or foreign):
        return None
    route = f"{request.method} {request.scope.get('path_template') or sorted(handler.paths)[0]}"
    return BackgroundTask(_count_denial, request.app.state, person.actor, route, status)


def _count_denial(state: State, actor: str, route: str, status: int) -> None:
    try:
        with Session(state.engine) as db, writing(db):
            denials.count(db, actor, route, status, state.clock.now())
    except SQLAlchemyError as why:  # the file is full or locked: the answer has been given all the same
        log.warning("a refusal was not counted: %s", type(why).__name__)


def broken(request: Request, why: Exception) -> Response[Any]:
    """What nobody foresaw. The log has the trace; the page has a sentence."""
    log.error("unforeseen", exc_info=why)
    return error_page(request, 500, support=request.scope.get("number", ""))


def unavailable(request: Request, why: Exception) -> Response[Any]:
    """The file is full, locked or away: nothing of this request was kept, and soon it may be. Nobody's
    mistake.
    """
    log.error("the database did not answer: %s", type(why).__name__, exc_info=why)
    try:
        return error_page(request, 503, {"retry-after": "60"})
    except SQLAlchemyError:
        request.scope["user"] = None  # the frame of a person signed in asks the database too
        return error_page(request, 503, {"retry-after": "60"})


def too_many(request: Request, why: TooMany) -> Response[Any]:
    """What is limited and when the next is possible; machines get the same in a line of JSON."""
    seconds = max(1, math.ceil(why.wait.total_seconds()))
    words = limits.sentence(why.words or limits.REQUESTS, why.wait, request.app.state.clock.now())
    headers = {"retry-after": str(seconds)}
    if request.scope["route_handler"].opt.get("exclude_from_csrf"):
        return Response({"error": words, "retry_after": seconds}, status_code=429, headers=PRIVATE | headers)
    return error_page(request, 429, headers, words=words)


def too_long(request: Request, why: HTTPException) -> Response[Any]:
    """The limit in words, and how to keep within it. A machine gets the number of bytes its route takes."""
    handler: Any = request.scope.get("route_handler")
    limit = handler.resolve_request_max_body_size() if handler else SMALL
    # What was not read is not waited for, so the line cannot carry another request.
    headers = {"connection": "close"}
    if handler and handler.opt.get("exclude_from_csrf"):
        body = {"error": str(why.detail) if isinstance(why, TooLong) else "body too long", "limit": limit}
        return Response(body, status_code=413, headers={"cache-control": "no-store"} | headers)
    opt = handler.opt if handler else {}
    return error_page(
        request,
        413,
        headers,
        limit=size_words(limit),
        fields=opt.get("fields", FIELDS),
        files=bool(opt.get("files")),
        most=MOST,
        largest=size_words(LARGEST),
    )


def busy(request: Request, why: Exception) -> Response[Any]:
    """Too many wait already. Nothing of this request was begun."""
    log.warning("no place for a request")
    return error_page(request, 503, {"retry-after": str(RETRY_AFTER)}, busy=True)


def undecodable(request: Request, why: UnicodeError) -> Response[Any]:
    """Bytes that are no words, wherever they were met: the asker's mistake, and no reason for an alarm in the
    log.
    """
    log.warning("a request could not be decoded: %s", type(why).__name__, exc_info=why)
    return error_page(request, 400)


def redirect_elsewhere(request: Request, why: RedirectTo) -> Response[Any]:
    """To the entry. htmx must leave the page for it: swapped into a signed-in frame, the entry would be a
    lie.
    """
    # Only what opens nothing is taken away: a link to a page of the desk must not sign a subscriber out.
    held = request.cookies.get(cookie_name(request.app.state.settings.secure))
    gone = bool(held) and request.scope.get("user") is None
    cookies = [session_cookie(request, "", forget=True)] if gone and "login" in why.place else []
    if request.htmx:
        return Response(b"", headers=PRIVATE | {"HX-Redirect": why.place}, cookies=cookies)
    return Response(
        b"", status_code=HTTP_303_SEE_OTHER, headers=PRIVATE | {"location": why.place}, cookies=cookies
    )


def error_page(
    request: Request, status: int, headers: dict[str, str] | None = None, **context: Any
) -> Response[Any]:
    """The error page of this status, whole even for htmx' sake bare when it asked so."""
    request.scope.setdefault("user", None)
    bare = request.headers.get("hx-request") == "true"
    template = request.app.state.templates.get_template(f"errors/{status}.html")
    body = template.render(
        layout="fragment.html" if bare else "layout.html",
        typed={},
        errors={},
        twin=None,
        key="",
        flash="",
        csrf_token=lambda: csrf(request),
        status=status,
        phrase=HTTPStatus(status).phrase,
        **{"cookies_off": False, "cause": "", "support": "", "busy": False} | frame(request) | context,
    )
    return html_response(request, body, status, headers)


def _restore_session(request: Request) -> None:
    """No route, so nobody stood at its door: who is signed in keeps the menu, and its forms their token."""
    scope, state = request.scope, request.app.state
    try:
        found = authenticate(scope, state)
    except Exception:  # this page must stand whatever is wrong with the file
        found = None
    scope["user"] = found[0] if found and found[0].stage == "open" else None
    token = read_cookie(scope, token_cookie(state.settings.secrets[-1], state.settings.secure))
    ScopeState.from_scope(scope).csrf_token = token
