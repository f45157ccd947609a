"""One trial: a house, its town and its people; live for a while, be troubled, recover, be counted."""

import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text

from checks.chaos import audit
from checks.chaos.acts import KINDS, Actor, Book
from checks.chaos.filling import Subscriber, fill
from checks.chaos.house import Deployment
from checks.chaos.town import Bank, Gateway
from db import open_engine


@dataclass
class Trial:
    house: Deployment
    bank: Bank
    gateway: Gateway
    people: list[Subscriber]
    book: Book = field(default_factory=Book)
    stop: threading.Event = field(default_factory=threading.Event)
    actors: list[Actor] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    idle: int = 0  # bytes the web worker held before anybody was hostile

    def begin(self, kinds: tuple[str, ...] = KINDS, pause: float = 0.05) -> None:
        """Everybody starts living; each in a thread of their own."""
        for who in self.people:
            actor = Actor(self.house, self.book, self.bank, who, self.stop, kinds, pause)
            self.actors.append(actor)
            self.threads.append(threading.Thread(target=self._live, args=(actor,), daemon=True))
            self.threads[-1].start()

    def _live(self, actor: Actor) -> None:
        try:
            actor.live()
        except Exception as wrong:
            self.broken.append(f"{type(wrong).__name__}: {wrong}"[:300])

    def entered(self) -> None:
        """Wait until everybody has got something done: signing in is the slowest of all."""
        while self.book.total() < len(self.people) and not self.broken:
            self.stop.wait(0.1)

    def end(self) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join(90)

    def sentences(self) -> list[str]:
        """What people were told while the cabinet could not: the headings of its 5xx pages, each once."""
        return sorted(
            {f"{code}: {words}" for actor in self.actors for code, words in actor.client.troubles if words}
        )

    def rows(self, query: str, **values: object) -> list[tuple]:
        """What the database of this house holds now, whichever engine it is."""
        engine = open_engine(self.house.url)
        try:
            with engine.connect() as db:
                return [tuple(row) for row in db.execute(text(query), values)]
        finally:
            engine.dispose()

    def counts(self) -> list[audit.Count]:
        return [
            *audit.counts(self.house.path, self.book),
            audit.money(self.house.path, self.book, self.bank),
            audit.messages(self.house.path, self.gateway),
        ]


@contextmanager
def trial(base: int, people: int = 12, folder: Path | None = None, **options: Any) -> Iterator[Trial]:
    """A filled house with its town, nothing of it started yet; the folder goes at the end."""
    for port in range(base, base + 4):
        _free(port)
    place = folder or Path(tempfile.mkdtemp(prefix="chaos-"))
    house = Deployment(place, base, **options)
    away = Path(tempfile.mkdtemp(prefix="chaos-bank-"))
    found = Trial(house, Bank(base + 2, away, house.origin), Gateway(base + 3), fill(house.url, people))
    try:
        yield found
    finally:
        found.stop.set()
        house.kill()
        found.bank.close()
        found.gateway.close()
        if not found.broken and folder is None:
            shutil.rmtree(place, ignore_errors=True)
        shutil.rmtree(away, ignore_errors=True)


def _free(port: int) -> None:
    """A house of an earlier trial, still alive there, would answer for ours."""
    with socket.socket() as door:
        if door.connect_ex(("127.0.0.1", port)) == 0:
            raise SystemExit(f"порт {port} занят: закончите прежнее испытание или дайте --port")
