"""Applications for tests: one serves many of them, each over a database of its own.

Litestar takes a quarter of a second to register two hundred handlers, more than most tests take. What the
settings build into an application is its key here; everything else is in its state, which each test replaces.
"""

import importlib
import pkgutil
from collections import defaultdict

from litestar import Litestar

import jobs
import routes
from app import build_state, create_app, database_url, start_services
from db import open_engine
from settings import Settings

# Before any test replaces what a handler's module imports by name: it would keep the replacement for ever.
for _module in pkgutil.walk_packages(routes.__path__, "routes."):
    importlib.import_module(_module.name)

_free: defaultdict[tuple, list[Litestar]] = defaultdict(list)


def create(settings: Settings) -> Litestar:
    """An application nobody shares: for a test that adds routes or changes the application itself."""
    app = create_app(settings)
    app.on_startup.clear()
    return app


def lend(settings: Settings) -> Litestar:
    """An application over the database of these settings, as if just created, until it is given back."""
    free = _free[_key(settings)]
    app = free.pop() if free else create_app(settings)
    state = build_state(settings, open_engine(database_url(settings)))
    app.state.engine.dispose()
    app.state.clear()
    app.state.update(state)
    app.on_startup.clear()
    app.on_shutdown[:] = [lambda: jobs.stop_inside(state.engine), state.engine.dispose]
    return app


def serve(settings: Settings) -> Litestar:
    """The same, and its start does what the start of a serving process does."""
    app = lend(settings)
    engine, clock = app.state.engine, app.state.clock
    app.on_startup.append(lambda: start_services(engine, settings, clock))
    return app


def give_back(app: Litestar, settings: Settings) -> None:
    """`settings` as they were when it was lent: a test may have changed its own since."""
    app.state.engine.dispose()
    _free[_key(settings)].append(app)


def _key(settings: Settings) -> tuple:
    return settings.demo, settings.secure, settings.trusted_proxy, *settings.secrets
