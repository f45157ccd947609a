"""What people, banks and panels do to the cabinet, each deed numbered; the book remembers which the cabinet
acknowledged.
"""

import json
import random
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

import httpx

from checks.chaos.client import Client, Stopped
from checks.chaos.filling import Subscriber
from checks.chaos.house import STATION_SECRET, Deployment
from checks.chaos.town import Bank
from commands.demo.habits import Happening
from commands.demo.wire import frame
from gateways.station import signed

KINDS = ("request", "message", "payment", "event", "signal")


@dataclass
class Book:
    """kind → numbers acknowledged; `begun` those ever tried; `paid` the payments a person has paid at the
    bank.
    """

    acknowledged: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    begun: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    signals: dict[int, tuple[str, int]] = field(default_factory=dict)
    paid: set[int] = field(default_factory=set)
    slow: float = 0.0
    numbers: count = field(default_factory=lambda: count(1))

    def total(self) -> int:
        return sum(len(numbers) for numbers in self.acknowledged.values())


@dataclass
class Actor:
    """One subscriber with a browser, a panel and a bank card."""

    house: Deployment
    book: Book
    bank: Bank
    who: Subscriber
    stop: threading.Event
    kinds: tuple[str, ...] = KINDS
    pause: float = 0.05
    manners: tuple[str, ...] = ("once", "twice", "never")
    last_signal: int = 0
    talks: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.client = Client(self.house.origin, self.stop)
        self.chance = random.Random(self.who.contract)

    def live(self) -> None:
        try:
            self.client.enter(self.who.contract)
            while not self.stop.is_set():
                self.act(self.chance.choice(self.kinds))
                self.stop.wait(self.pause)
        except Stopped:
            pass

    def act(self, kind: str) -> None:
        if kind == "message" and not self.talks:
            kind = "request"
        n = next(self.book.numbers)
        self.book.begun[kind].add(n)
        began = time.monotonic()
        getattr(self, f"_{kind}")(n)
        self.book.acknowledged[kind].add(n)
        self.book.slow = max(self.book.slow, time.monotonic() - began)

    def _sent(self, path: str, **fields: str) -> str:
        """Where the cabinet sent us after this form; anything but 303 is a fault of the trial."""
        answer = self.client.until(lambda: self.client.post(path, **fields))
        if answer.status_code != 303:
            raise RuntimeError(f"{path}: {answer.status_code} {answer.text[:300]}")
        place = answer.headers["location"]
        if place.startswith("/login"):
            self.client.enter(self.who.contract)
            return self._sent(path, **fields)
        return place

    def _request(self, n: int) -> None:
        draft = self._sent("/requests/new/letter", text=words("request", n), key=f"k{n}")
        self.talks.append(self._sent(draft, key=f"k{n}").split("/")[2])

    def _message(self, n: int) -> None:
        self._sent(f"/inbox/{self.chance.choice(self.talks)}", text=words("message", n), key=f"k{n}")

    def _payment(self, n: int) -> None:
        """Acknowledged when the bank's page is shown; then paid there, and the bank tells once, twice or
        never.
        """
        amount = f"{(AMOUNT + n) // 100},{(AMOUNT + n) % 100:02}"
        sent = self._sent(
            "/payments/operator", amount=amount, method="card", contact=self.who.mobile, key=f"k{n}"
        )
        place = self.client.bank_page(sent)
        if place.startswith(self.bank.origin) and self.bank.pay(place, self.chance.choice(self.manners)):
            self.book.paid.add(n)

    def _event(self, n: int) -> None:
        """A signed batch of one over the station's HTTP door."""
        item = {"key": self.who.key, "at": EVENTS + n, "code": "R401", "who": str(n % 100), "id": f"e{n}"}
        body = json.dumps({"events": [item]}).encode()

        def ask() -> httpx.Response:
            stamp = str(int(time.time()))
            headers = {
                "x-station": "main",
                "x-timestamp": stamp,
                "x-signature": signed.sign(STATION_SECRET, stamp, body),
            }
            return self.client.http.post("/station/events", content=body, headers=headers)

        answer = self.client.until(ask)
        if [one["result"] for one in answer.json()["results"]] not in (["taken"], ["duplicate"]):
            raise RuntimeError(answer.text)

    def _signal(self, n: int) -> None:
        """An alarm over the DC-09 wire, repeated by the panel until it is acknowledged."""
        from checks.chaos.panel import send

        self.last_signal = at = max(int(time.time()), self.last_signal + 1)
        self.book.signals[n] = (self.who.key, at)
        happening = Happening(datetime.fromtimestamp(at, UTC), "E130", None)
        send(
            self.house.base + 1,
            lambda now: frame(self.who.key, n % 9999 + 1, happening, None, now),
            self.stop,
        )


AMOUNT = 10_000
EVENTS = int(time.time()) - 5 * 86_400


def words(kind: str, n: int) -> str:
    return f"Испытание {kind} {n:06}."
