"""What every handler shares: how it is declared, what it is given, and how it answers.

A page is written as if there were no htmx: GET and POST at one URL, 303 after success, 422 after refusal.
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

import db as house
from db.journal import Person
from db.people import contracts
from db.prepared_reads import reading
from db.submissions import DuplicateSubmission
from rules import Refused, days
from rules.help import of as help_of
from rules.network_addresses import parse as parse_address
from rules.numbers import whole_number
from rules.requests.owner_alerts import Office
from web import executors
from web.form_errors import FormErrors, sentence
from web.navigation import section
from web.request_forms import FILES_LIMIT, Request
from web.responses import PRIVATE, Page, html_response

Db = NamedDependency[Session]
Now = NamedDependency[datetime]
Who = NamedDependency[Person]
Typed = NamedDependency[dict[str, str]]
Files = NamedDependency[list[UploadFile]]

Model = TypeVar("Model", bound=BaseModel)
FLASH = "flash"
URL_SIGNS = "/#%[]=:;$&()+,!?*@'~"  # left as they are in an address


def get(path: str, **options: Any) -> Callable:
    """A page. Closed to strangers unless public=True; staff="" opens it to staff, staff="accountant admin" to
    these roles.

    sync_to_thread=True for slow ones; not where the same path has a POST: Litestar 2.25 wraps such a handler
    twice.
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
    """A form's other half, in a thread of its executor, for writes wait for each other; the same options as
    `get`.

    A body has 64 KB and 200 fields unless the route asks for more: `body` bytes, `fields`; `files=True` for
    those of a signed-in person. `executor="passwords"` for what hashes.
    """
    options["opt"] = (
        _opt(options) | ({"files": True} if files else {}) | ({"fields": fields} if fields else {})
    )
    if files or body:
        options["request_max_body_size"] = body or FILES_LIMIT

    def declare(handler: Callable) -> Any:
        return _post(path, include_in_schema=False, **options)(executors.wrap(executor, handler))

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
    **context: Any,
) -> Response[bytes]:
    """The view in the frame this asker needs: bare for htmx, whole for everyone else. 422 when `refused` is
    given.

    The view sees `typed`, `errors` (field → sentence), `key` (this form's own key) and `person` beside its
    context.
    """
    state = request.app.state
    errors = FormErrors(refused.problems if isinstance(refused, Refused) else {})
    twin = refused if isinstance(refused, DuplicateSubmission) else None
    bare = bool(request.htmx) and not request.htmx.history_restore_request
    flash, cookies = _flashed(request)
    view = state.templates.get_template(template)
    given = {
        "layout": "fragment.html" if bare else "layout.html",
        "typed": typed or {},
        "errors": errors,
        "twin": twin,
        "key": (typed or {}).get("key") or secrets.token_urlsafe(9),
        "flash": flash,
        "csrf_token": lambda: csrf(request),
    }
    given |= frame(request) | context
    body = view.render(given)
    if errors.fit(body):
        body = view.render(given)
    code = status if refused is None or status != 200 else 422
    return html_response(request, body, code, headers, cookies)


def frame(request: Request) -> dict[str, Any]:
    """What the layout itself needs, without a query for most people: the switcher asks only who has a
    contract.
    """
    state, person = request.app.state, request.scope.get("user")
    if person and person.stage.startswith("app"):
        person = None  # one factor of two: no name, no menu, no contracts until the other
    held = []
    if person and person.kind == "subscriber" and person.contracts > 1:
        with reading(state.engine) as db:
            held = contracts.choices(db, person.id)
    if person and person.stage.startswith("consent"):
        person = None  # nothing opens before the consent, so no menu is shown either
    return {
        "person": person,
        "section": section(request.scope["path"]),
        "unread": person.unread if person else 0,
        "contracts": held,
        "demo": state.settings.demo,
        "path": request.scope["path"],
        "shown": days.clock(state.clock.now()),
        "settings": state.settings,
        "today": days.today(state.clock.now()),
        "help": help_of(section(request.scope["path"])),
    }


class FlashRedirect(Page):
    """A 303 whose flash is signed when the answer is made, for only then is the asker's app at hand."""

    flash = ""

    def to_asgi_response(self, *args: Any, request: Any, **options: Any) -> Any:
        if self.flash:
            value = url_signer(request, FLASH).dumps(self.flash)
            secure = request.app.state.settings.secure
            self.set_cookie(
                Cookie(
                    key=FLASH,
                    value=value,
                    httponly=True,
                    secure=secure,
                    samesite="lax",
                    path="/",
                    max_age=120,
                )
            )
        return super().to_asgi_response(*args, request=request, **options)


def redirect(place: str, flash: str = "") -> FlashRedirect:
    """Go there next (303); `flash` is said once at the top of that page."""
    answer = FlashRedirect(
        b"", status_code=HTTP_303_SEE_OTHER, headers=PRIVATE | {"location": quote(place, safe=URL_SIGNS)}
    )
    answer.flash = flash
    return answer


def parse_form(model: type[Model], typed: Mapping[str, str]) -> Model:
    """The form in its shape, or Refused with a sentence at each field. Rules called in validators raise
    Refused too.
    """
    try:
        return model.model_validate(typed)
    except ValidationError as wrong:
        problems: dict[str, str] = {}
        for error in wrong.errors():
            problems.setdefault(str(error["loc"][0]) if error["loc"] else "form", sentence(error))
        raise Refused(**problems) from None


def not_found() -> NoReturn:
    """Not found, and no word on whether it exists for somebody else."""
    raise NotFoundException


def parse_id(text: str) -> int:
    """An id from a URL that the file can hold; anything else is not found."""
    return whole_number(text, house.MAX_ID - 1) or not_found()


def client_address(request: Request) -> str:
    """The asker's network address in its one spelling, "" when there is none.

    The proxy's word for it only when a proxy is configured; what is no address is never kept, the line's own
    is instead.
    """
    line = parse_address(request.client.host) if request.client else ""
    if request.app.state.settings.trusted_proxy and (forwarded := request.headers.get("x-forwarded-for")):
        return parse_address(forwarded.rpartition(",")[2]) or line
    return line


def url_signer(request: Request, salt: str) -> URLSafeTimedSerializer:
    """Signs what leaves the house and comes back; each purpose its own salt. The newest secret signs, all
    verify.
    """
    return _serializer(tuple(request.app.state.settings.secrets), salt)


@lru_cache(maxsize=64)
def _serializer(secrets_: tuple[str, ...], salt: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(list(secrets_), salt=salt)


def safe_next_url(place: str | None, otherwise: str = "/") -> str:
    """Where to go next, only within the cabinet."""
    safe = place and place.startswith("/") and not place.startswith(("//", "/\\")) and place.isprintable()
    return place if safe and place else otherwise


def office(request: Request) -> Office:
    """Who signs what is told at once (rules.requests.owner_alerts)."""
    settings = request.app.state.settings
    return Office(settings.brand, settings.service_phone)


def idle_timeout(request: Request) -> timedelta:
    return timedelta(minutes=request.app.state.settings.session_idle_minutes)


def session_lifetime(request: Request) -> timedelta:
    return timedelta(hours=request.app.state.settings.session_hours)


def csrf(request: Request) -> str:
    """The CSRF token of this visitor for a form."""
    token = ScopeState.from_scope(request.scope).csrf_token
    return token if isinstance(token, str) else ""


def _flashed(request: Request) -> tuple[str, list[Cookie]]:
    raw = request.cookies.get(FLASH)
    if not raw:
        return "", []
    gone = [Cookie(key=FLASH, value="", path="/", max_age=0, httponly=True, samesite="lax")]
    try:
        return url_signer(request, FLASH).loads(raw, max_age=120), gone
    except BadSignature:
        return "", gone
