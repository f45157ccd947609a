"""A cabinet over a fresh file for each test, its cast, its clock, and browsers for whoever is needed."""

from datetime import UTC, datetime, timedelta

import pytest
from litestar.testing import TestClient
from sqlmodel import Session

from db import outbox, writing
from settings import Settings
from tests.kit import applications, cast, engines, instant, memory
from tests.kit.browser import Browser

instant.begin()
memory.use()


class Wristwatch:
    """A clock tests set: begins at noon in Moscow on an ordinary Monday, whatever TESTS_AT says: their words
    name its days.
    """

    def __init__(self):
        self.at = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    def now(self):
        return self.at

    def shift(self):
        return timedelta()

    def forward(self, **delta):
        self.at += timedelta(**delta)


@pytest.fixture(scope="session")
def _template(tmp_path_factory):
    """A migrated database with its cast, made once; each test gets a copy."""
    url = engines.fresh(tmp_path_factory.mktemp("template"))
    cast.fill(url, Wristwatch().now())
    return engines.keep(url)


@pytest.fixture(scope="session")
def _migrated(tmp_path_factory):
    url = engines.fresh(tmp_path_factory.mktemp("migrated"))
    cast.migrated(url)
    return engines.keep(url)


@pytest.fixture
def settings(tmp_path, _template):
    place = engines.again(_template, tmp_path).removeprefix("sqlite:///")
    bank = str(tmp_path / "cabinet.bank.sqlite")
    return Settings(
        _env_file=None, demo=True, database=place, origin="http://testserver.local", bank_sandbox_file=bank
    )


@pytest.fixture
def empty(tmp_path, _migrated):
    """The address of a migrated database with nothing in it."""
    return engines.again(_migrated, tmp_path)


@pytest.fixture
def clock():
    return Wristwatch()


@pytest.fixture
def app(settings, clock, request):
    own = request.node.get_closest_marker("own_app")
    built_in = settings.model_copy()  # what a test changes in its settings is not built into the application
    app = applications.create(settings) if own else applications.lend(settings)
    app.state.clock = clock
    engine = app.state.engine
    yield app
    engine.dispose()
    if not own:
        applications.give_back(app, built_in)


@pytest.fixture
def engine(app):
    return app.state.engine


@pytest.fixture
def db(engine):
    with Session(engine, expire_on_commit=False) as session:
        yield session


@pytest.fixture
def write(engine):
    """`with write() as db:` one write transaction of the test's own."""
    from contextlib import contextmanager

    @contextmanager
    def begin():
        with Session(engine, expire_on_commit=False) as session, writing(session):
            yield session

    return begin


@pytest.fixture
def visitor(app):
    """A function that opens one more browser on the cabinet."""

    def open_browser() -> Browser:
        return Browser(TestClient(app, base_url="http://testserver.local"))

    return open_browser


@pytest.fixture
def browser(visitor):
    return visitor()


@pytest.fixture
def enter(visitor, engine, clock):
    """`enter(cast.ANNA)`: a browser already signed in as the subscriber of this contract; `enter("maria")`:
    as staff.
    """

    def sign_in(who) -> Browser:
        browser = visitor()
        # Of this host, as an answer's own would be: a new cookie then takes the place of this one.
        browser.client.cookies.set(
            "cabinet", cast.signed_in(engine, clock.now(), who), domain="testserver.local"
        )
        return browser

    return sign_in


@pytest.fixture
def anna(enter):
    return enter(cast.ANNA)


@pytest.fixture
def boris(enter):
    return enter(cast.BORIS)


@pytest.fixture
def texts(engine):
    """Texts of the messages put into the outbox so far, oldest first; `texts(to="+7…")` only those."""

    def read(to: str | None = None) -> list[str]:
        with Session(engine) as db:
            rows = [outbox.open_message(db, row) for row in outbox.latest_messages(db, 1000)]
        return [row.text for row in reversed(rows) if to is None or row.to == to]

    return read
