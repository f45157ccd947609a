"""Applications for tests: one application serves many tests, each over its own database.

Litestar takes a quarter of a second to register two hundred handlers, longer than most tests. Settings used
while an application is built are its key here; everything else is in its state, which each test replaces.
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

# Import all handlers before a test replaces a name they import: a module imported later would keep the
# replacement.
for _module in pkgutil.walk_packages(routes.__path__, "routes."):
    importlib.import_module(_module.name)

_free: defaultdict[tuple, list[Litestar]] = defaultdict(list)


def create(settings: Settings) -> Litestar:
    """Create an application for one test only, which may add routes or change it."""
    app = create_app(settings)
    app.on_startup.clear()
    return app


def lend(settings: Settings) -> Litestar:
    """Lend an application over the database of these settings, in its initial state, until it
    is given back.
    """
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
    """Lend an application that starts its services on start-up, as a serving process does."""
    app = lend(settings)
    engine, clock = app.state.engine, app.state.clock
    app.on_startup.append(lambda: start_services(engine, settings, clock))
    return app


def give_back(app: Litestar, settings: Settings) -> None:
    """Take an application back. `settings` are as they were when it was lent: a test may have changed its
    own.
    """
    app.state.engine.dispose()
    _free[_key(settings)].append(app)


def _key(settings: Settings) -> tuple:
    return settings.demo, settings.secure, settings.trusted_proxy, *settings.secrets
