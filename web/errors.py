"""Exception handlers: error pages in Russian, without a session; API clients get the status and one line."""

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
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session

from db import writing
from db.access import denials
from db.access.rate_limits import RateLimitExceeded
from rules.access import limits
from rules.requests.attachments import LARGEST, MOST, size_words
from web import PRIVATE, Request, csrf_token, flash_cookie, html_response, layout_context, redirect
from web.authentication import (
    RedirectTo,
    authenticate,
    cookie_name,
    read_cookie,
    session_cookie,
    token_cookie,
)
from web.executors import RETRY_AFTER, Busy
from web.form_addresses import find_page_of_form
from web.form_subjects import form_token
from web.http_methods import with_head
from web.request_forms import FIELDS_LIMIT, SMALL_BODY, TooLong

log = logging.getLogger("cabinet")

PAGES = {400, 403, 404, 405, 408, 413, 422, 429}


def handle_http_error(request: Request, why: HTTPException) -> Response[Any]:
    """Render the page of a 400–429 status; one without a page is shown as 400, and 5xx as an unexpected
    error.
    """
    status = why.status_code
    if status >= 500:
        # A client that disconnects while sending a form gets no answer, and that is not our error.
        return (
            error_page(request, 400)
            if "disconnected" in str(why.detail)
            else handle_unexpected_error(request, why)
        )
    read = status == 405 and request.method in ("GET", "HEAD")
    if read and (page_url := find_page_of_form(request.app, request.url.path)):
        return redirect(page_url)
    if "user" not in request.scope:
        _restore_session(request)
    if status == 413:
        return handle_too_large(request, why)
    task = _denial_task(request, status, str(why.detail))
    # Without any cookie of ours the token cannot match: cookies are disabled, and the page says so.
    cookies_off = status == 403 and not request.cookies
    cause = str(why.detail)
    page = status if status in PAGES else 400
    headers = with_head(why.headers)
    answer = error_page(request, page, headers, cookies_off=cookies_off, cause=cause)
    answer.background = task
    return answer


def _denial_task(request: Request, status: int, cause: str) -> BackgroundTask | None:
    """Return a task that counts a signed-in person's request for another's id or a forbidden page. It runs
    after the response, off the event loop.
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
            denials.count_denial(db, actor, route, status, state.clock.now())
    # the database is full or locked, but the response has been sent all the same
    except SQLAlchemyError as why:
        log.warning("a refusal was not counted: %s", type(why).__name__)


def handle_unexpected_error(request: Request, why: Exception) -> Response[Any]:
    """Log the traceback and render the 500 page."""
    log.error("unforeseen", exc_info=why)
    return error_page(request, 500, support=request.scope.get("number", ""))


def handle_database_error(request: Request, why: Exception) -> Response[Any]:
    """The database is full, locked or unreachable: nothing of this request was written. 503 with
    Retry-After.
    """
    log.error("the database did not answer: %s", type(why).__name__, exc_info=why)
    try:
        return error_page(request, 503, {"retry-after": "60"})
    except SQLAlchemyError:
        request.scope["user"] = None  # the layout of a signed-in person queries the database too
        return error_page(request, 503, {"retry-after": "60"})


def handle_rate_limit(request: Request, why: RateLimitExceeded) -> Response[Any]:
    """Say what is limited and when the next try is allowed; API clients get the same as JSON."""
    seconds = max(1, math.ceil(why.wait.total_seconds()))
    words = limits.insert_moment(why.words or limits.REQUESTS, why.wait, request.app.state.clock.now())
    headers = {"retry-after": str(seconds)}
    if request.scope["route_handler"].opt.get("exclude_from_csrf"):
        return Response({"error": words, "retry_after": seconds}, status_code=429, headers=PRIVATE | headers)
    return error_page(request, 429, headers, words=words)


def handle_too_large(request: Request, why: HTTPException) -> Response[Any]:
    """Say the limit in words and how to stay within it. API clients get the route's limit in bytes."""
    handler: Any = request.scope.get("route_handler")
    limit = handler.resolve_request_max_body_size() if handler else SMALL_BODY
    # The rest of the body is not read, so this connection cannot carry another request.
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
        fields=opt.get("fields", FIELDS_LIMIT),
        files=bool(opt.get("files")),
        most=MOST,
        largest=size_words(LARGEST),
    )


def handle_busy(request: Request, why: Exception) -> Response[Any]:
    """Too many requests are waiting. Nothing of this one was begun."""
    log.warning("no place for a request")
    return error_page(request, 503, {"retry-after": str(RETRY_AFTER)}, busy=True)


def handle_undecodable(request: Request, why: UnicodeError) -> Response[Any]:
    """Bytes that cannot be decoded are the client's mistake: 400, and only a warning in the log."""
    log.warning("a request could not be decoded: %s", type(why).__name__, exc_info=why)
    return error_page(request, 400)


def handle_redirect(request: Request, why: RedirectTo) -> Response[Any]:
    """Redirect to sign-in. htmx must load the whole page: swapped into the current one, sign-in would appear
    inside a signed-in layout.
    """
    # Only an invalid session's cookie is deleted: a link to a staff page must not sign a subscriber out.
    had_session = request.cookies.get(cookie_name(request.app.state.settings.secure))
    ended = bool(had_session) and request.scope.get("user") is None
    cookies = [session_cookie(request, "", forget=True)] if ended and "login" in why.place else []
    if why.flash:
        cookies.append(flash_cookie(request, why.flash))
    if request.htmx:
        return Response(b"", headers=PRIVATE | {"HX-Redirect": why.place}, cookies=cookies)
    return Response(
        b"", status_code=HTTP_303_SEE_OTHER, headers=PRIVATE | {"location": why.place}, cookies=cookies
    )


def error_page(
    request: Request, status: int, headers: dict[str, str] | None = None, **context: Any
) -> Response[Any]:
    """Render errors/{status}.html, as a fragment for htmx."""
    request.scope.setdefault("user", None)
    is_fragment = request.headers.get("hx-request") == "true"
    template = request.app.state.templates.get_template(f"errors/{status}.html")
    body = template.render(
        typed={},
        errors={},
        duplicate=None,
        key="",
        flash="",
        csrf_token=lambda: csrf_token(request),
        form_token=lambda: form_token(request),
        status=status,
        phrase=HTTPStatus(status).phrase,
        **ABSENT
        | {"layout": "fragment.html" if is_fragment else "layout.html"}
        | layout_context(request)
        | context,
    )
    return html_response(request, body, status, headers)


ABSENT = {"cookies_off": False, "cause": "", "support": "", "busy": False}


def _restore_session(request: Request) -> None:
    """Authenticate a request that matched no route, so that the 404 page keeps the menu and its forms their
    CSRF token.
    """
    scope, state = request.scope, request.app.state
    try:
        found = authenticate(scope, state)
    except Exception:  # this page must render whatever is wrong with the database
        found = None
    scope["user"] = found[0] if found and found[0].stage == "open" else None
    token = read_cookie(scope, token_cookie(state.settings.secrets[-1], state.settings.secure))
    ScopeState.from_scope(scope).csrf_token = token


# Litestar types a handler by its own Request; ours has htmx.
HANDLERS: dict[Any, Any] = {
    HTTPException: handle_http_error,
    RedirectTo: handle_redirect,
    RateLimitExceeded: handle_rate_limit,
    Busy: handle_busy,
    UnicodeError: handle_undecodable,
    500: handle_unexpected_error,
    OperationalError: handle_database_error,
    PoolTimeout: handle_database_error,
}
