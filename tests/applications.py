"""Applications for tests: one serves many of them, each over a database of its own.

Litestar takes a quarter of a second to register two hundred handlers, more than most tests take. What the
settings build into an application is its key here; everything else is in its state, which each test replaces.
"""

from litestar import Litestar

from app import create_app, prepare, url
from db import open_engine
from settings import Settings

_applications: dict[tuple, Litestar] = {}


def create(settings: Settings) -> Litestar:
    """An application nobody shares: for a test that adds routes or changes the application itself."""
    app = create_app(settings)
    app.on_startup.clear()
    return app


def over(settings: Settings) -> Litestar:
    """An application over the database of these settings, as if just created."""
    key = (settings.demo, settings.secure, settings.trusted_proxy, *settings.secrets)
    app = _applications.get(key)
    if app is None:
        app = _applications[key] = create(settings)
        # They belong to the first database; a test that starts an application and stops it creates its own.
        app.on_shutdown.clear()
        return app
    state = prepare(settings, open_engine(url(settings)))
    app.state.clear()
    app.state.update(state)
    return app
