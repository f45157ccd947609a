"""Transferred size of pages: status, headers and the compressed body; counted, so the same on any machine."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from litestar.testing import TestClient
from sqlalchemy import insert
from sqlmodel import Session, select

from app import create_app
from db import writing
from db.events import keys
from db.events.events import Event
from db.people.contracts import Contract
from tests.kit import cast, production
from web import assets

# Headers a server adds to each response: the date and its name.
SERVER = len("HTTP/1.1 200 OK\r\ndate: Mon, 23 Nov 2026 09:00:00 GMT\r\nserver: granian\r\n\r\n")
FIRST = ("app.css", "icons.svg", "htmx-4.0.1.min.js", "app.js")


@dataclass
class Scales:
    """A production cabinet over the cast's database; `weigh` returns the bytes of one response."""

    folder: Path
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        path = cast.file(self.folder, self.now)
        settings = production.settings(
            database=str(path), origin="http://testserver.local", trusted_proxy=False
        )
        self.app = create_app(settings)
        self.client = TestClient(self.app, base_url="http://testserver.local")
        self.client.headers["accept-encoding"] = "br, gzip"

    def enter(self, who: int = cast.ANNA) -> None:
        self.client.get("/login")  # sets the CSRF cookie
        self.client.cookies.set("cabinet", cast.signed_in(self.app.state.engine, self.now, who))

    def weigh(
        self, path: str, fields: dict[str, str] | None = None, status: int = 200, *, htmx: bool = False
    ) -> int:
        """Return bytes of a whole response, or of the body alone for an htmx fragment."""
        headers = {"hx-request": "true"} if htmx else {}
        method = "POST" if fields is not None else "GET"
        if fields is not None:
            token = next(value for name, value in self.client.cookies.items() if name.startswith("csrf-"))
            fields = fields | {"_csrf_token": token}
        answer = self.client.request(method, path, data=fields, headers=headers, follow_redirects=False)
        assert answer.status_code == status, (path, answer.status_code)
        told = SERVER + sum(len(name) + len(value) + 4 for name, value in answer.headers.raw)
        return int(answer.headers.get("content-length", 0)) + (0 if htmx else told)

    def asset(self, name: str) -> int:
        return self.weigh(assets.url(name))

    def first_visit(self) -> dict[str, int]:
        """Return sizes of the sign-in page and everything it loads."""
        page = self.client.get("/login").text
        asked = [name for name in (*FIRST, "manifest.webmanifest") if assets.url(name) in page]
        return {"/login": self.weigh("/login"), **{name: self.asset(name) for name in asked}}

    def feed(self) -> int:
        """Return the size of fifty rows as htmx swaps them in, of one key armed and disarmed
        every six hours.
        """
        engine = self.app.state.engine
        with Session(engine) as db, writing(db):
            contract = db.exec(select(Contract.id).where(Contract.number == cast.ANNA)).one()
            key = keys.registered_keys(db, contract)[0]
            keys.open_key(db, key, contract, "", "registry", self.now)
            at = int(self.now.timestamp())
            told = [
                {
                    "key_id": key.id,
                    "at": at - 21_600 * n,
                    "id": n,
                    "kind": n % 2,
                    "code": "E401" if n % 2 else "R401",
                    "who": str(1 + n % 3),
                    "part": 0,
                    "source_id": 1,
                    "late": 0,
                    "raw": None,
                }
                for n in range(60)
            ]
            db.connection().exec_driver_sql(
                "INSERT INTO station_source (id, name, contact_at) VALUES (1, 'x', 0)"
            )
            db.connection().execute(insert(Event), told)
        return self.weigh("/events?period=month", htmx=True)
