"""Whose a form is and what it acts on: printed by `parts/token.html`, compared before any handler.

Two tabs share one session, so the contract (or the person) may change while a form is open. The form says in
a signed field for whom and for which contract its page was made; at the desk also for which version of which
request. A form that no longer matches is answered 409 with what was typed, and nothing is written.

Where the field is missing, the CSRF token alone decides for people with one contract: it is new after each
sign-in, so it names the person. Of several contracts nothing else names the one meant, so such a form is
refused.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from itsdangerous import BadSignature, Signer
from litestar.concurrency import sync_to_thread
from litestar.datastructures import State
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, HTTPScope, Receive, Send
from sqlmodel import Session

from db import journal, writing
from db.access import sessions
from db.journal import Person
from db.people import contracts
from rules.numbers import whole_number
from web.request_forms import Request

FIELD = "_for"
# With it a form asks for its own page, filled with what was typed; the value is the contract to choose first.
FILL = "_fill"
HEADER = b"x-page-for"
CONTRACT, PERSON, SIGN_IN, MISSING = "contract", "person", "sign_in", "missing"
# Never shown again: what belongs to one page, its buttons, and what proves a person.
PAGES_OWN = {FIELD, FILL, "_csrf_token", "key", "again", "act", "step"}
SECRETS = {"password", "current", "code", "old", "new", "number_code"}
NEVER_KEPT = frozenset(PAGES_OWN | SECRETS)


@dataclass(frozen=True)
class Subject:
    """`person` is s7 (a subscriber), s7/5 (their representative 5) or t2 (staff); `request`, `version` and
    `message` (the id of the last one) are of the request a form of the desk acts on.
    """

    person: str
    contract_id: str = ""
    request: str = ""
    version: str = ""
    message: str = ""


class WrongSubject(Exception):
    """The form was made for something else than what is chosen now: 409. `why` is one of the constants."""

    def __init__(self, why: str, contract_id: int | None, fields: list[tuple[str, str]]) -> None:
        super().__init__(why)
        self.why, self.contract_id, self.fields = why, contract_id, fields


class OutdatedPage(Exception):
    """A piece was asked for by a page of another contract or person: the whole page must load anew."""


def subject_of(who: Person) -> Subject:
    """What the forms of this person's page act on, before a request is added."""
    return Subject(*page_for(who).split("."))


def page_for(who: Person) -> str:
    """The person and the contract in one word, as a page says it of itself: s7.34, t2."""
    if who.kind == "staff":
        return f"t{who.id}."
    return page_words(who.id, who.representative_id, who.contract_id)


def page_words(subscriber_id: int, representative_id: int | None, contract_id: int | None) -> str:
    """`page_for` of a subscriber or their representative."""
    acting = f"/{representative_id}" if representative_id else ""
    return f"s{subscriber_id}{acting}.{contract_id or ''}"


def form_token(request: Request, acts_on: tuple[int, ...] = ()) -> str:
    """The field's value in this person's forms, "" for strangers; `acts_on` as in `page`."""
    who = request.scope.get("user")
    if who is None:
        return ""
    words = ".".join([page_for(who), *map(str, acts_on)])
    return _signed(tuple(request.app.state.settings.secrets), words)


def posted_subject(request: Request) -> Subject | None:
    """What the form that was sent acts on; None when it does not say so, or not in our hand."""
    return request.scope.get("form_subject")  # type: ignore[return-value]


async def check_form(request: Request, csrf_cookie: str) -> None:
    """Raise WrongSubject unless the form is this person's and of the contract chosen now.

    Before the CSRF token is compared: a sign-in in another tab has changed it, and «the form is out of date»
    would lose what was typed. Nobody else's page can hold a field signed for this person.
    """
    scope, opt = request.scope, request.route_handler.opt
    who = scope.get("user")
    if who is None or opt.get("public") or opt.get("exclude_from_csrf"):
        return
    form = await request.form()
    posted = read_subject(request, form.get(FIELD))
    scope["form_subject"], scope["form_fill"] = posted, form.get(FILL)  # type: ignore[typeddict-unknown-key]
    if why := _mismatch(who, posted, form.get("_csrf_token") == csrf_cookie, bool(opt.get("any_contract"))):
        of = whole_number(posted.contract_id) if posted and why == CONTRACT else None
        raise WrongSubject(why, of, text_fields(form.multi_items()))


def _mismatch(who: Person, posted: Subject | None, same_sign_in: bool, any_contract: bool) -> str:
    if posted is None:
        return MISSING if who.contracts > 1 and who.contract_id and same_sign_in and not any_contract else ""
    now = subject_of(who)
    if posted.person != now.person:
        return PERSON
    if posted.contract_id != now.contract_id and not any_contract:
        return CONTRACT
    return "" if same_sign_in else SIGN_IN


def asking_page(scope: HTTPScope) -> str:
    """The page that asks for a piece of itself, as `page_for` named it; "" for a request of the browser."""
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == HEADER), "")


def check_page(scope: HTTPScope, who: Person) -> None:
    """Raise OutdatedPage when htmx asks for a piece of a page of another person or contract."""
    page = asking_page(scope)
    if page and scope["method"] == "GET" and page != page_for(who):
        raise OutdatedPage


def text_fields(fields: Any) -> list[tuple[str, str]]:
    """What was typed, in its order, without files, secrets and the marks of the page."""
    return [
        (name, value) for name, value in fields if isinstance(value, str) and value and name not in NEVER_KEPT
    ]


def prefilled_fields(request: Request) -> dict[str, str]:
    """What was typed into the form whose page is being shown again, {} for every other page."""
    return request.scope.get("prefilled_fields", {})  # type: ignore[return-value]


def page_before(request: Request) -> str:
    """The address of our own page that the form stood on, "/" when the browser does not say."""
    parts = urlsplit(request.headers.get("referer", ""))
    ours = parts.netloc and parts.netloc == request.headers.get("host")
    return (parts.path + (f"?{parts.query}" if parts.query else "")) if ours and parts.path else "/"


def choose_contract(db: Session, who: Person, contract_id: int, now: datetime) -> bool:
    """Another contract of the same subscriber for this session; False when it is not theirs."""
    chosen = contracts.find_owned(db, who.id, contract_id)
    if chosen is None:
        return False
    with writing(db):
        sessions.update_session(db, who, contract_id=chosen.id)
        journal.note(db, who, "home.switch", now, contract_id=chosen.id)
    return True


class FilledForms(ASGIMiddleware):
    """Answers a form with FILL by the form's own page, filled; nothing is sent.

    The page is asked for again inside the application, by the same address: its own handler shows it, for the
    contract chosen meanwhile, and `page()` puts what was typed into its fields.
    """

    scopes = (ScopeType.HTTP,)
    router: Any = None  # the application without what logs and counts, set when it is made

    async def handle(self, scope: HTTPScope, receive: Receive, send: Send, next_app: ASGIApp) -> None:  # type: ignore[override]
        fill: Any = scope.get("form_fill")
        if not isinstance(fill, str):
            await next_app(scope, receive, send)
            return
        state, who = scope["litestar_app"].state, scope["user"]
        chosen = whole_number(fill)
        if chosen and chosen != who.contract_id:
            await sync_to_thread(_choose, state, who, chosen)
        form = await Request(scope, receive).form()
        await self.router(_page_request(scope, dict(text_fields(form.multi_items()))), _nothing, send)


CARRIED = (
    *("litestar_app", "type", "asgi", "http_version", "scheme", "client", "server"),
    *("path", "raw_path", "query_string", "root_path", "number"),
)
OF_A_BODY = (b"content-type", b"content-length", b"transfer-encoding", HEADER)


def _page_request(scope: Any, fields: dict[str, str]) -> Any:
    headers = [(name, value) for name, value in scope["headers"] if name not in OF_A_BODY]
    return {name: scope[name] for name in CARRIED if name in scope} | {
        "method": "GET",
        "headers": headers,
        "prefilled_fields": fields,
        "state": {},
    }


def _choose(state: State, who: Person, contract_id: int) -> None:
    with Session(state.engine) as db:
        choose_contract(db, who, contract_id, state.clock.now())


async def _nothing() -> Any:
    return {"type": "http.request", "body": b"", "more_body": False}


def read_subject(request: Request, field: object) -> Subject | None:
    """The subject a field names; None when it is not signed by us."""
    if not isinstance(field, str) or not field.isascii():
        return None
    try:
        words = _signer(tuple(request.app.state.settings.secrets)).unsign(field).decode()
        return Subject(*words.split("."))
    except (BadSignature, TypeError):
        return None


@lru_cache(maxsize=8)
def _signer(secrets: tuple[str, ...]) -> Signer:
    return Signer(list(secrets), salt="form subject")


@lru_cache(maxsize=2000)
def _signed(secrets: tuple[str, ...], words: str) -> str:
    return _signer(secrets).sign(words).decode()
