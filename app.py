"""The web process. `create_app(settings)` puts everything together; nothing else does."""

import importlib
import logging
import os
import pkgutil
import re
import sys
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

from litestar import Litestar
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import State, UploadFile
from litestar.di import NamedDependency, Provide
from litestar.middleware import DefineMiddleware
from litestar.types import Message, Scope
from pydantic import ValidationError
from pydantic_settings import SettingsError
from sqlalchemy import Engine
from sqlmodel import Session

import jobs
import monitor
import routes
from commands import Commands
from db import open_engine, sealing
from db.clock import Clock, MovableClock
from db.journal import Person
from db.migrations.run import migrate
from monitor import Monitor, logs
from routes.requests import inbox_badge
from settings import Settings, unknown_names
from web import Request, assets, errors, subject_errors
from web.authentication import Authentication, StrictCSRFMiddleware, token_cookie
from web.fast_path import FastPath
from web.form_subjects import FIELD, FILL, FilledForms
from web.http_methods import HeadRequests
from web.request_forms import SMALL_BODY, clean_fields
from web.templates import build_environment

log = logging.getLogger("cabinet")


def create_app(settings: Settings | None = None, engine: Engine | None = None) -> Litestar:
    """Build the application over one database. The database is migrated at start, so an upgrade is just a
    restart.

    Without `settings` they are read from the environment, and the application is the only one of its process.
    """
    startup_hooks = [] if settings else [monitor.freeze_startup_objects]
    unknown = unknown_names() if settings is None else {}
    settings = settings or load_settings()
    engine = engine or open_engine(database_url(settings))
    state = build_state(settings, engine)
    for name, why in unknown.items():
        log.warning("%s: %s", name, why)
    clock = state.clock
    extra_headers, filled_forms = SecurityHeaders(settings).extra_headers, FilledForms()
    app = Litestar(
        route_handlers=discover_routes(settings),
        request_class=Request,
        state=state,
        dependencies={
            "db": Provide(open_session),
            "now": Provide(current_time, sync_to_thread=False),
            "who": Provide(signed_in_person, sync_to_thread=False),
            "typed": Provide(read_fields),
            "files": Provide(read_files),
        },
        middleware=[
            Authentication(),
            DefineMiddleware(StrictCSRFMiddleware, config=CSRFConfig(**csrf_options(settings))),
            filled_forms,
        ],
        exception_handlers=errors.HANDLERS | subject_errors.HANDLERS,
        on_startup=[lambda: start_services(engine, settings, clock), *startup_hooks],
        on_shutdown=[lambda: jobs.stop_inside(engine), engine.dispose],
        plugins=[Commands(settings, engine, clock)],
        openapi_config=None,
        request_max_body_size=SMALL_BODY,
        logging_config=None,
    )
    filled_forms.router = app.asgi_handler
    monitored = Monitor(HeadRequests(app.asgi_handler), settings, extra_headers)
    polls = {inbox_badge.PATH: inbox_badge.answer_unchanged}
    app.asgi_handler = FastPath(monitored, state, extra_headers, monitor.count_request, polls)
    return app


def build_state(settings: Settings, engine: Engine) -> State:
    """Return the state shared by handlers. Configures logging, the database's encryption keys and the brand
    as well.
    """
    logs.configure(settings.log or ("human" if settings.demo else "json"))
    sealing.use_keys(engine, settings.attachment_keys)
    assets.set_brand(settings.brand)
    return State(
        {
            "settings": settings,
            "engine": engine,
            "clock": MovableClock(engine) if settings.demo else Clock(),
            "templates": build_environment(settings.demo),
            "periods": jobs.periods(),
        }
    )


def load_settings() -> Settings:
    """Return the settings of the environment; print each mistake in them on a line of its own and exit with
    2.
    """
    try:
        return Settings()
    except ValidationError as wrong:
        lines = [line for error in wrong.errors() for line in _sentences(error)]
    except SettingsError as torn:  # pydantic names the field only in its message
        field = re.search(r'field "(\w+)"', str(torn))
        lines = [
            f"CABINET_{field[1].upper() if field else '…'}: это не JSON; списки и словари пишут в JSON, "
            "кавычки двойные"
        ]
    for line in [*lines, *(f"{name}: {why}" for name, why in unknown_names().items())]:
        print(line, file=sys.stderr)
    raise SystemExit(2) from None


def _sentences(error: Any) -> list[str]:
    if not error["loc"]:
        return str(error["msg"]).removeprefix("Value error, ").splitlines()
    expected = error.get("ctx", {}).get("expected", "")
    words = WRONG_SETTING.get(error["type"], "так написать нельзя").format(
        str(expected).replace(" or ", ", ")
    )
    return [f"CABINET_{error['loc'][0]}: ".upper() + words]


WRONG_SETTING = {
    "int_parsing": "нужно целое число",
    "bool_parsing": "нужно true или false",
    "literal_error": "одно из: {}",
    "greater_than_equal": "число слишком мало",
    "list_type": 'нужен список JSON, например ["…"]',
    "dict_type": 'нужен словарь JSON, например {{"имя": "…"}}',
    "string_type": "нужна строка",
}


def start_services(engine: Engine, settings: Settings, clock: Clock) -> None:
    """What a serving process does first: migrate, serve metrics, start the jobs."""
    migrate(engine)
    monitor.serve_metrics(settings, engine, clock.now, "web")
    if settings.demo or settings.jobs_inside:
        jobs.start_inside(engine, settings, clock)


def database_url(settings: Settings) -> str:
    """Return the engine's URL: a path means SQLite. Files this process creates are readable by their owner
    only; nothing is created yet.
    """
    if "://" in settings.database:
        return settings.database
    os.umask(0o077)
    return f"sqlite:///{Path(settings.database).absolute()}"


def discover_routes(settings: Settings) -> list[Any]:
    """Return every handler of every module in routes/; modules marked `demo_only` are skipped outside the
    demonstration.
    """
    found: list[Any] = []
    for module in pkgutil.walk_packages(routes.__path__, "routes."):
        loaded = importlib.import_module(module.name)
        if settings.demo or not getattr(loaded, "demo_only", False):
            found += getattr(loaded, "routes", []) if not module.ispkg else []
    return found


# Each dependency requires the one before it, needed or not: Litestar calls dependencies one at a time
# directly, but several at once in a task group, which costs a page more than its queries.


async def open_session(state: State, who: NamedDependency[Person | None]) -> AsyncIterator[Session]:
    """A session for reading; writers use `writing(db)`. Nothing is committed here."""
    with Session(state.engine, expire_on_commit=False) as db:
        yield db


def current_time(state: State) -> datetime:
    return state.clock.now()


def signed_in_person(request: Request, now: NamedDependency[datetime]) -> Person | None:
    """Return the signed-in person; only routes that are not public may rely on one."""
    return request.scope.get("user")


async def read_fields(request: Request, db: NamedDependency[Session]) -> dict[str, str]:
    """Return the text fields of the form (web.request_forms.clean_fields)."""
    fields = clean_fields(await request.form())
    return {name: value for name, value in fields.items() if name not in (FIELD, FILL)}


async def read_files(request: Request, typed: NamedDependency[dict[str, str]]) -> list[UploadFile]:
    """Return the files attached to the form; an empty file field is skipped."""
    return [
        value
        for _, value in (await request.form()).multi_items()
        if isinstance(value, UploadFile) and value.filename
    ]


def csrf_options(settings: Settings) -> dict[str, Any]:
    return {
        "secret": settings.secrets[-1],
        "cookie_name": token_cookie(settings.secrets[-1], settings.secure),
        "cookie_httponly": True,
        "cookie_secure": settings.secure,
        "cookie_samesite": "lax",
    }


class SecurityHeaders:
    """Headers of every response with a body, added as it is sent, so that 404, 405, 413 and 500 have them
    too.
    """

    def __init__(self, settings: Settings) -> None:
        policy = (
            "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; "
            "form-action 'self'"
        )
        headers = {
            "content-security-policy": policy,
            "x-content-type-options": "nosniff",
            "referrer-policy": "same-origin",
            "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), "
            "interest-cohort=()",
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
        }
        if settings.secure:
            headers["strict-transport-security"] = "max-age=63072000; includeSubDomains; preload"
        self.pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        # A fragment that htmx inserts is governed by the policy of its page; repeating the headers would add
        # a third to its weight.
        self.fragment_pairs = [
            pair
            for pair in self.pairs
            if pair[0] in (b"x-content-type-options", b"strict-transport-security")
        ]

    def extra_headers(self, message: Message, scope: Scope) -> list[tuple[bytes, bytes]]:
        """Return the headers to add to this response."""
        if message["status"] in (204, 304):  # type: ignore[typeddict-item]
            return []
        present = {name.lower() for name, _ in message["headers"]}  # type: ignore[typeddict-item]
        # Only for responses no cache may store: a stylesheet cached without these headers would be served to
        # everybody.
        fleeting = any(
            name.lower() == b"cache-control" and b"no-store" in value
            for name, value in message["headers"]  # type: ignore[typeddict-item]
        )
        piece = fleeting and any(name == b"hx-request" for name, _ in scope["headers"])
        pairs = self.fragment_pairs if piece else self.pairs
        return [pair for pair in pairs if pair[0] not in present]
