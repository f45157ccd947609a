"""A cabinet to be looked at: the cast of the tests or a filled demonstration, everything in it real, and a
live server.

The clock stands at noon of an ordinary Monday, so every look at the same world sees the same words.
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn
from itsdangerous import URLSafeTimedSerializer
from litestar.testing import TestClient
from sqlmodel import Session

from app import create_app
from commands import Context
from commands.demo import filling
from db import outbox, writing
from db.access import device_tokens
from db.access.entry_limits import Visitor
from settings import Settings
from tests.kit import cast
from tests.kit.browser import Browser
from web import visitors

DEVICE = "the looking browser"


class Noon:
    """A clock that stands still."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def shift(self) -> timedelta:
        return timedelta()


class World:
    """One file, one application and its people; `served()` puts it on a port."""

    def __init__(self, folder: Path, port: int, *, demo: bool = False) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.clock = Noon()
        path = folder / "cabinet.sqlite"
        if not demo and not path.exists():
            cast.file(folder, self.clock.now())
        # Looking fast is not guessing passwords.
        patient = {"sms_caused_per_day": 10_000, "registrations_from_address": 10_000}
        patient |= {
            "sms_per_hour": 10_000,
            "sms_per_day": 10_000,
            "wrong_from_address": 10_000,
            "wrong_passwords": 10_000,
        }
        self.settings = Settings(
            _env_file=None, demo=True, database=str(path), port=port, origin=self.url, **patient
        )
        self.app = create_app(self.settings)
        self.app.state.clock = self.clock
        self.app.on_startup.clear()
        self.engine = self.app.state.engine
        if demo:
            filling.fill_once(Context(self.engine, self.settings, self.clock))

    @contextmanager
    def write(self) -> Iterator[Session]:
        with Session(self.engine, expire_on_commit=False) as db, writing(db):
            yield db

    def visitor(self) -> Browser:
        return Browser(TestClient(self.app, base_url=self.url))

    def enter(self, who: int | str) -> Browser:
        browser = self.visitor()
        browser.client.cookies.set("cabinet", self.cookie(who))
        return browser

    def cookie(self, who: int | str, stage: str = "open") -> str:
        return cast.signed_in(self.engine, self.clock.now(), who, stage)

    @property
    def asker(self) -> Visitor:
        """Whoever looks without a session: one browser, so that it may look at the pages its codes belong
        to.
        """
        return Visitor("", "", device_tokens.hash_device(DEVICE))

    @property
    def device(self) -> dict[str, str]:
        """That browser's cookie."""
        value = URLSafeTimedSerializer(self.settings.secrets, salt=visitors.SALT).dumps(DEVICE)
        return {"name": visitors.cookie_name(False), "value": str(value), "url": self.url}

    def texts(self, to: str | None = None) -> list[str]:
        with Session(self.engine) as db:
            rows = [outbox.open_message(db, row) for row in outbox.latest_messages(db, 1000)]
        return [row.text or "" for row in reversed(rows) if to is None or row.to == to]

    @contextmanager
    def served(self, *sockets: socket.socket) -> Iterator["World"]:
        """On its own port, or on sockets already listening somewhere else."""
        config: dict[str, Any] = {
            "host": "127.0.0.1",
            "port": self.settings.port,
            "log_level": "warning",
            "lifespan": "off",
        }
        server = uvicorn.Server(uvicorn.Config(self.app, **config))
        thread = threading.Thread(target=server.run, args=(list(sockets) or None,), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield self
        server.should_exit = True
        thread.join(timeout=10)
