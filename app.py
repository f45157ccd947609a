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
from litestar.exceptions import HTTPException
from litestar.middleware import DefineMiddleware
from litestar.types import Message, Scope
from pydantic import ValidationError
from pydantic_settings import SettingsError
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session

import jobs
import monitor
import routes
from commands import Commands
from db import open_engine, sealing
from db.access.rate_limits import TooMany
from db.clock import Clock, MovableClock
from db.journal import Person
from db.migrations.run import migrate
from monitor import Monitor, logs
from routes.requests import inbox_badge
from settings import Settings, unknown_names
from web import Request, assets, errors
from web.authentication import Authentication, RedirectTo, Tokens, token_cookie
from web.executors import Busy
from web.fast_path import FastPath
from web.http_methods import HeadRequests
from web.request_forms import SMALL
from web.templates import environment

log = logging.getLogger("cabinet")


def create_app(settings: Settings | None = None, engine: Engine | None = None) -> Litestar:
    """The cabinet over one file. Serving begins with migrating it, so that a start is all that an upgrade
    takes.

    Without `settings` they are the environment's, and the application is its process's only one.

    """
    last = [] if settings else [monitor.freeze_startup_objects]
    named = unknown_names() if settings is None else {}
    settings = settings or load_settings()
    engine = engine or open_engine(url(settings))
    state = prepare(settings, engine)
    for name, why in named.items():
        log.warning("%s: %s", name, why)
    clock = state.clock
    beside = Headers(settings).beside
    app = Litestar(
        route_handlers=discovered(settings),
        request_class=Request,
        state=state,
        dependencies={
            "db": Provide(session),
            "now": Provide(now, sync_to_thread=False),
            "who": Provide(who, sync_to_thread=False),
            "typed": Provide(typed),
            "files": Provide(files),
        },
        middleware=[Authentication(), DefineMiddleware(Tokens, config=CSRFConfig(**csrf(settings)))],
        exception_handlers={
            HTTPException: errors.refused,
            RedirectTo: errors.redirect_elsewhere,
            TooMany: errors.too_many,
            Busy: errors.busy,
            UnicodeError: errors.undecodable,
            500: errors.broken,
            OperationalError: errors.unavailable,
            PoolTimeout: errors.unavailable,
        },
        on_startup=[lambda: begin(engine, settings, clock), *last],
        on_shutdown=[lambda: jobs.stop_inside(engine), engine.dispose],
        plugins=[Commands(settings, engine, clock)],
        openapi_config=None,
        request_max_body_size=SMALL,
        logging_config=None,
    )
    served = Monitor(HeadRequests(app.asgi_handler), settings, beside)
    polls = {inbox_badge.PATH: inbox_badge.answer_unchanged}
    app.asgi_handler = FastPath(served, state, beside, monitor.count_request, polls)
    return app


def prepare(settings: Settings, engine: Engine) -> State:
    """What handlers work on. The log, the keys of the database and the brand are set on the way."""
    logs.configure(settings.log or ("human" if settings.demo else "json"))
    sealing.use_keys(engine, settings.attachment_keys)
    assets.name(settings.brand)
    return State(
        {
            "settings": settings,
            "engine": engine,
            "clock": MovableClock(engine) if settings.demo else Clock(),
            "templates": environment(settings.demo),
            "periods": jobs.periods(),
        }
    )


def load_settings() -> Settings:
    """The settings of the environment; what is wrong with them is said in a line each, without a trace."""
    try:
        return Settings()
    except ValidationError as wrong:
        lines = [line for error in wrong.errors() for line in _sentences(error)]
    except SettingsError as torn:  # pydantic names the field in its words only
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


def begin(engine: Engine, settings: Settings, clock: Clock) -> None:
    """What a serving process does first."""
    migrate(engine)
    monitor.serve_metrics(settings, engine, clock.now, "web")
    if settings.demo or settings.jobs_inside:
        jobs.start_inside(engine, settings, clock)


def url(settings: Settings) -> str:
    """The engine's address: a path means SQLite. What this process writes is readable by its owner only;
    nothing is made yet.
    """
    if "://" in settings.database:
        return settings.database
    os.umask(0o077)
    return f"sqlite:///{Path(settings.database).absolute()}"


def discovered(settings: Settings) -> list[Any]:
    """Every handler of every module in routes/; a module marked `demo_only` is left out of a real operator's
    cabinet.
    """
    found: list[Any] = []
    for module in pkgutil.walk_packages(routes.__path__, "routes."):
        loaded = importlib.import_module(module.name)
        if settings.demo or not getattr(loaded, "demo_only", False):
            found += getattr(loaded, "routes", []) if not module.ispkg else []
    return found


# Each dependency asks for the one before it, needed or not: one at a time Litestar simply calls them, several
# at once it runs in a task group, which costs a page more than its queries.


async def session(state: State, who: NamedDependency[Person | None]) -> AsyncIterator[Session]:
    """A session for reading; what writes says so by `writing(db)`. Nothing is committed here."""
    with Session(state.engine, expire_on_commit=False) as db:
        yield db


def now(state: State) -> datetime:
    return state.clock.now()


def who(request: Request, now: NamedDependency[datetime]) -> Person | None:
    """The person signed in; only closed routes may count on one."""
    return request.scope.get("user")


async def typed(request: Request, db: NamedDependency[Session]) -> dict[str, str]:
    """What was typed into the form, last value of a repeated field, files left out, line ends and control
    signs tamed.
    """
    return {
        name: tame(value) for name, value in (await request.form()).multi_items() if isinstance(value, str)
    }


async def files(request: Request, typed: NamedDependency[dict[str, str]]) -> list[UploadFile]:
    """Files attached to the form; an empty file field is no file."""
    return [
        value
        for _, value in (await request.form()).multi_items()
        if isinstance(value, UploadFile) and value.filename
    ]


CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f]")


def tame(text: str) -> str:
    cleaned = CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return cleaned.encode("utf-8", "replace").decode()


def csrf(settings: Settings) -> dict[str, Any]:
    return {
        "secret": settings.secrets[-1],
        "cookie_name": token_cookie(settings.secrets[-1], settings.secure),
        "cookie_httponly": True,
        "cookie_secure": settings.secure,
        "cookie_samesite": "lax",
    }


class Headers:
    """What every answer with a body carries; set as it leaves, so that 404, 405, 413 and 500 have it too."""

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
        # A piece that htmx puts into an open page lives by that page's rules; repeating them would be a third
        # of its weight.
        self.bare = [
            pair
            for pair in self.pairs
            if pair[0] in (b"x-content-type-options", b"strict-transport-security")
        ]

    def beside(self, message: Message, scope: Scope) -> list[tuple[bytes, bytes]]:
        """What to add to the headers of this start of an answer."""
        if message["status"] in (204, 304):
            return []
        present = {name.lower() for name, _ in message["headers"]}
        # Only what no cache may keep: a stylesheet kept without them would be everybody's.
        fleeting = any(
            name.lower() == b"cache-control" and b"no-store" in value for name, value in message["headers"]
        )
        piece = fleeting and any(name == b"hx-request" for name, _ in scope["headers"])
        pairs = self.bare if piece else self.pairs
        return [pair for pair in pairs if pair[0] not in present]
