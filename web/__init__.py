"""What all handlers share: declaring routes, reading forms, rendering pages and redirecting.

A page is written as if there were no htmx: GET and POST at one URL, 303 after success, 422 after a refusal.
`page()` chooses the layout; the view is the same for everybody.
"""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NoReturn, TypeVar
from urllib.parse import quote

from itsdangerous import BadSignature, URLSafeTimedSerializer
from litestar import Response
from litestar import get as _get
from litestar import post as _post
from litestar.datastructures import Cookie, UploadFile
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.status_codes import HTTP_303_SEE_OTHER
from litestar.utils.scope.state import ScopeState
from pydantic import BaseModel, ValidationError
from sqlmodel import Session

from db import MAX_ID
from db.journal import Person
from db.people import contracts
from db.prepared_reads import reading
from db.submissions import DuplicateSubmission
from rules import Problems, Refused, days
from rules.help import find_help
from rules.network_addresses import parse as parse_address
from rules.numbers import whole_number
from rules.requests.owner_alerts import Office
from web import executors, form_subjects
from web.form_errors import FormErrors, sentence
from web.navigation import find_item
from web.request_forms import FILES_LIMIT, Request
from web.responses import PRIVATE, Page, html_response

Db = NamedDependency[Session]
Now = NamedDependency[datetime]
Who = NamedDependency[Person]
Typed = NamedDependency[dict[str, str]]
Files = NamedDependency[list[UploadFile]]

Model = TypeVar("Model", bound=BaseModel)
FLASH = "flash"
URL_SAFE_CHARACTERS = "/#%[]=:;$&()+,!?*@'~"  # left as they are in an address


def get(path: str, **options: Any) -> Callable:
    """Declare a page. It needs a signed-in subscriber unless public=True; staff="" opens it to all staff,
    staff="accountant admin" to these roles.

    Pass sync_to_thread=True for a slow handler, but not where the same path has a POST: Litestar 2.25 wraps
    such a handler twice.
    """
    options.setdefault("sync_to_thread", False)
    return _get(path, opt=_opt(options), include_in_schema=False, **options)


def post(
    path: str,
    *,
    executor: str = "people",
    files: bool = False,
    body: int | None = None,
    fields: int | None = None,
    **options: Any,
) -> Callable:
    """Declare a form's handler, with the same options as `get`. It runs in a thread of `executor`, because
    writes wait for each other.

    A body may have 64 KB and 200 fields unless the route asks for more: `body` bytes, `fields`; `files=True`
    allows uploads by a signed-in person. `executor="passwords"` is for handlers that hash.
    """
    options["opt"] = (
        _opt(options) | ({"files": True} if files else {}) | ({"fields": fields} if fields else {})
    )
    if files or body:
        options["request_max_body_size"] = body or FILES_LIMIT

    def declare(handler: Callable) -> Any:
        return _post(path, include_in_schema=False, **options)(executors.wrap_handler(executor, handler))

    return declare


def _opt(options: dict[str, Any]) -> dict[str, Any]:
    names = ("public", "staff", "stage", "exclude_from_csrf")
    return {name: options.pop(name) for name in names if name in options} | options.pop("opt", {})


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    typed: Mapping[str, str] | None = None,
    refused: Refused | DuplicateSubmission | None = None,
    headers: Mapping[str, str] | None = None,
    acts_on: tuple[int, ...] = (),
    **context: Any,
) -> Response[bytes]:
    """Render the view: a fragment for htmx, the whole page otherwise. The status is 422 when `refused` is
    given. `acts_on` is the request (number, version, last message) that the forms of this page act on.

    Besides its context the view gets `typed`, `errors` (field → sentence), `key` (the idempotency key of this
    form), `duplicate` (the earlier submission of the same form) and `person`.
    """
    state = request.app.state
    errors = FormErrors(refused.problems if isinstance(refused, Refused) else {})
    duplicate = refused if isinstance(refused, DuplicateSubmission) else None
    is_fragment = bool(request.htmx) and not request.htmx.history_restore_request
    flash, cookies = _read_flash(request)
    typed = dict(typed or {}) | form_subjects.prefilled_fields(request)
    view = state.templates.get_template(template)
    given = {
        "layout": "fragment.html" if is_fragment else "layout.html",
        "typed": typed,
        "errors": errors,
        "duplicate": duplicate,
        "key": typed.get("key") or secrets.token_urlsafe(9),
        "flash": flash,
        "csrf_token": lambda: csrf_token(request),
        "form_token": lambda: form_subjects.form_token(request, acts_on),
    }
    given |= layout_context(request) | context
    body = view.render(given)
    if errors.fit(body):
        body = view.render(given)
    code = status if refused is None or status != 200 else 422
    return html_response(request, body, code, headers, cookies)


def layout_context(request: Request) -> dict[str, Any]:
    """Return the variables of the layout itself. It queries the database only for subscribers with several
    contracts, who get a switcher.
    """
    state, person = request.app.state, request.scope.get("user")
    if person and person.stage.startswith("app"):
        person = None  # only the first of two factors was given: no name, menu or contracts yet
    item = find_item(request.scope["path"])
    choices = []
    if person and person.kind == "subscriber" and person.contracts > 1:
        with reading(state.engine) as db:
            choices = contracts.contract_choices(db, person.id)  # type: ignore[arg-type]
    if person and person.stage.startswith("consent"):
        person = None  # nothing opens before the consent is given, so the menu is hidden too
    return {
        "person": person,
        "section": item.title,
        "unread": person.unread if person else 0,
        "contracts": choices,
        "demo": state.settings.demo,
        "path": request.scope["path"],
        "shown": days.clock(state.clock.now()),
        "settings": state.settings,
        "today": days.today(state.clock.now()),
        "help": find_help(item.help),
    }


class FlashRedirect(Page):
    """A 303 whose flash message is signed when the response is sent: only then is the request at hand."""

    flash = ""

    def to_asgi_response(self, *args: Any, request: Any, **options: Any) -> Any:  # type: ignore[override]
        if self.flash:
            self.set_cookie(flash_cookie(request, self.flash))
        return super().to_asgi_response(*args, request=request, **options)


def flash_cookie(request: Request, flash: str) -> Cookie:
    """The cookie that carries a message to the next page."""
    return Cookie(
        key=FLASH,
        value=url_signer(request, FLASH).dumps(flash),
        httponly=True,
        secure=request.app.state.settings.secure,
        samesite="lax",
        path="/",
        max_age=120,
    )


def redirect(place: str, flash: str = "") -> FlashRedirect:
    """Redirect to `place` (303); `flash` is shown once at the top of that page."""
    answer = FlashRedirect(
        b"",
        status_code=HTTP_303_SEE_OTHER,
        headers=PRIVATE | {"location": quote(place, safe=URL_SAFE_CHARACTERS)},
    )
    answer.flash = flash
    return answer


def parse_form(model: type[Model], typed: Mapping[str, str]) -> Model:
    """Return the validated form, or raise Refused with a sentence at each field. Rules called in validators
    may raise Refused too.
    """
    try:
        return model.model_validate(typed)
    except ValidationError as wrong:
        problems = Problems()
        for error in wrong.errors():
            problems.setdefault(str(error["loc"][0]) if error["loc"] else "form", sentence(error))
        raise Refused(**problems) from None


def not_found() -> NoReturn:
    """Raise 404. It does not reveal whether the thing exists and belongs to somebody else."""
    raise NotFoundException


def parse_id(text: str) -> int:
    """Return an id from a URL; 404 for anything the database cannot hold as an id."""
    return whole_number(text, MAX_ID - 1) or not_found()


def client_address(request: Request) -> str:
    """Return the client's network address in canonical spelling, "" when there is none.

    X-Forwarded-For is trusted only when a proxy is configured; if it holds no valid address, the peer's
    address is used.
    """
    peer = parse_address(request.client.host) if request.client else ""
    if request.app.state.settings.trusted_proxy and (forwarded := request.headers.get("x-forwarded-for")):
        return parse_address(forwarded.rpartition(",")[2]) or peer
    return peer


def url_signer(request: Request, salt: str) -> URLSafeTimedSerializer:
    """Return a signer for values that leave the application and come back; each purpose has its own salt. The
    newest secret signs, every configured secret verifies.
    """
    return _serializer(tuple(request.app.state.settings.secrets), salt)


@lru_cache(maxsize=64)
def _serializer(secrets_: tuple[str, ...], salt: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(list(secrets_), salt=salt)


def safe_next_url(place: str | None, otherwise: str = "/") -> str:
    """Return `place` if it is a path within this site, else `otherwise`."""
    safe = place and place.startswith("/") and not place.startswith(("//", "/\\")) and place.isprintable()
    return place if safe and place else otherwise


def office(request: Request) -> Office:
    """Return the operator's name and phone, which sign the alerts of rules.requests.owner_alerts."""
    settings = request.app.state.settings
    return Office(settings.brand, settings.service_phone)


def idle_timeout(request: Request) -> timedelta:
    return timedelta(minutes=request.app.state.settings.session_idle_minutes)


def session_lifetime(request: Request) -> timedelta:
    return timedelta(hours=request.app.state.settings.session_hours)


def csrf_token(request: Request) -> str:
    """Return the CSRF token of this visitor for a form."""
    token = ScopeState.from_scope(request.scope).csrf_token
    return token if isinstance(token, str) else ""


def _read_flash(request: Request) -> tuple[str, list[Cookie]]:
    raw = request.cookies.get(FLASH)
    if not raw:
        return "", []
    gone = [Cookie(key=FLASH, value="", path="/", max_age=0, httponly=True, samesite="lax")]
    try:
        return url_signer(request, FLASH).loads(raw, max_age=120), gone
    except BadSignature:
        return "", gone
