"""The answers to forms and pages that were made for another contract or person (web/form_subjects.py)."""

from typing import Any

from litestar import Response
from litestar.enums import RequestEncodingType
from litestar.utils.scope.state import ScopeState

from web import Request
from web.authentication import read_cookie, token_cookie
from web.errors import error_page
from web.form_addresses import has_page
from web.form_subjects import OutdatedPage, WrongSubject, page_before
from web.responses import PRIVATE
from web.session_cookies import new_csrf_cookie

LEGIBLE = 20  # signs: what is shorter is quickly typed again, and lies in the form all the same


def handle_wrong_subject(request: Request, why: WrongSubject) -> Response[Any]:
    """Whose the form is and what is chosen now, what was typed, and both ways on. Nothing was written."""
    person = request.scope["user"]
    # Litestar sets the token where it lets a form through; this page's own forms need it too.
    state = request.app.state
    held = read_cookie(request.scope, token_cookie(state.settings.secrets[-1], state.settings.secure))
    fresh = None if held else new_csrf_cookie(request)
    ScopeState.from_scope(request.scope).csrf_token = held or str(fresh and fresh.value)
    fills = has_page(request.scope)
    context = {
        "why": why.why,
        "of": why.contract_id,
        "chosen": person.contract_number,
        "desk": person.kind == "staff",
        "typed_fields": why.fields,
        "said": [text for _, text in why.fields if " " in text and (len(text) >= LEGIBLE or not fills)],
        "files": request.content_type[0] == RequestEncodingType.MULTI_PART,
        "fills": fills,
        "address": _address(request),
        "before": page_before(request),
    }
    # The frame of the open page is somebody else's too, so htmx gets the whole page.
    whole = {"HX-Retarget": "body", "HX-Reswap": "outerHTML"} if request.htmx else {}
    answer = error_page(request, 409, whole, layout="layout.html", **context)
    if fresh:
        answer.set_cookie(fresh)
    return answer


def handle_outdated_page(request: Request, why: OutdatedPage) -> Response[Any]:
    """A link is followed by the browser itself; a piece makes its page load anew."""
    boosted = request.headers.get("hx-boosted") == "true"
    headers = {"HX-Redirect": _address(request)} if boosted else {"HX-Refresh": "true"}
    return Response(b"", status_code=200, headers=PRIVATE | headers)


def _address(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


HANDLERS: dict[Any, Any] = {WrongSubject: handle_wrong_subject, OutdatedPage: handle_outdated_page}
