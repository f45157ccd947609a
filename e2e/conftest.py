"""A live cabinet for each story, and people who walk it in Chromium: once with JavaScript, once without."""

import os
import shutil
import socket
import threading
import time
from datetime import datetime
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Locator, expect
from sqlmodel import Session

from db import job_runs, outbox
from db.clock import Clock
from settings import Settings
from tests.kit import applications, cast, instant, memory

instant.begin()
memory.use()
expect.set_options(timeout=8_000)


def chromium() -> str | None:
    """The browser to drive: named, playwright's own (None), or the system's; without any, say what to do."""
    named = os.environ.get("CABINET_CHROMIUM")
    if named:
        return named
    if any(Path("~/.cache/ms-playwright").expanduser().glob("chromium*")):
        return None
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        pytest.exit(
            "Нужен Chromium: apt-get install chromium, или назовите его в CABINET_CHROMIUM", returncode=2
        )
    return found


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    quiet = [
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    return browser_type_launch_args | {"executable_path": chromium(), "args": quiet}


@pytest.fixture(scope="session")
def _template(tmp_path_factory):
    return cast.file(tmp_path_factory.mktemp("template"), Clock().now())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class RunningServer:
    """The running cabinet: `url`, its `engine`, and what its demonstration phone has received."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self.url = settings.origin
        self.app = applications.serve(settings)
        self.engine = self.app.state.engine
        config = uvicorn.Config(
            self.app, host="127.0.0.1", port=settings.port, log_level="warning", lifespan="on"
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    def start(self):
        self.thread.start()
        while not self.server.started:
            time.sleep(0.02)

    def stop(self):
        self.server.should_exit = True
        self.thread.join(timeout=60)
        assert not self.thread.is_alive(), "the cabinet did not stop"
        applications.give_back(self.app, self.settings)

    def wait_for_job(self, name: str) -> None:
        """Until this job has begun and ended once more from now."""
        seen: set[datetime | None] = set()
        while len(seen) < 3:  # the last run, the one under way, a whole one
            with Session(self.engine) as db:
                row = db.get(job_runs.JobRun, name)
                seen.add(row and row.at)
            time.sleep(0.05)

    def sms(self, to: str | None = None) -> str:
        """The newest message (to this number)."""
        with Session(self.engine) as db:
            return next(
                outbox.open_message(db, row).text
                for row in outbox.latest_messages(db)
                if to is None or row.to == to
            )


@pytest.fixture
def house(tmp_path, _template):
    path = tmp_path / "cabinet.sqlite"
    shutil.copy(_template, path)
    port = free_port()
    running = RunningServer(
        Settings(_env_file=None, demo=True, database=str(path), port=port, origin=f"http://127.0.0.1:{port}")
    )
    running.start()
    yield running
    running.stop()


@pytest.fixture(params=[True, False], ids=["js", "no-js"])
def javascript(request):
    return request.param


@pytest.fixture(autouse=True)
def _settled(javascript, monkeypatch):
    """A click waits for the answer htmx went for, as Playwright itself waits after a plain link or form.

    Without it a story may look at the page it is leaving, and find there what it awaits on the next.
    """
    if not javascript:
        return
    plain = Locator.click

    def click(self, **options):
        plain(self, **options)
        expect(self.page.locator(UNDER_WAY)).to_have_count(0, timeout=15_000)

    monkeypatch.setattr(Locator, "click", click)


UNDER_WAY = "a.htmx-request, form.htmx-request, button.htmx-request"


@pytest.fixture
def browser_context_args(browser_context_args, house, javascript):
    return browser_context_args | {
        "base_url": house.url,
        "java_script_enabled": javascript,
        "locale": "ru-RU",
        "timezone_id": "Europe/Moscow",
        "viewport": {"width": 390, "height": 844},
    }


@pytest.fixture
def person(page):
    """A page of somebody nobody knows yet; any script error or refusal by the content policy fails the
    story.
    """
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None
    )
    yield page
    assert not wrong, wrong


@pytest.fixture
def sign_in(person):
    """`sign_in()` walks Анна (or another of the cast) through the entry; returns her page."""

    def enter(number: int = cast.ANNA, password: str = cast.PASSWORD):
        person.goto("/login")
        person.get_by_label("Номер договора").fill(str(number))
        person.get_by_label("Пароль").fill(password)
        person.get_by_role("button", name="Войти", exact=True).click()
        expect(person.get_by_role("link", name="Выписка").first).to_be_visible()
        return person

    return enter


@pytest.fixture
def anna(sign_in):
    return sign_in()


@pytest.fixture
def both(person, house, sign_in, browser, browser_context_args):
    """Анна at her page, and the desk's pages when asked for (e2e/both.py)."""
    from e2e.both import Both

    sign_in()
    people = Both(person, house, sign_in, browser, browser_context_args)
    yield people
    people.close()
