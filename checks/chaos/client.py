"""A person's browser without a screen, over real HTTP: enters, fills forms, and sends again the very form not
answered.
"""

import re
import threading
import time
from collections.abc import Callable
from html import unescape
from typing import Any

import httpx

from tests.kit.cast import PASSWORD


class Stopped(Exception):
    """The trial is over; what was not answered by now was never acknowledged."""


class Client:
    """`troubles` are answers that were no answer: (status or error, the heading a person read)."""

    def __init__(self, origin: str, stop: threading.Event | None = None, timeout: float = 30) -> None:
        self.http = httpx.Client(base_url=origin, timeout=timeout, trust_env=False)
        self.stop = stop or threading.Event()
        self.troubles: list[tuple[str, str]] = []

    def enter(self, number: int) -> "Client":
        self.until(lambda: self.http.get("/login"))
        answer = self.until(lambda: self.post("/login", number=str(number), password=PASSWORD))
        if answer.status_code != 303:
            raise RuntimeError(f"{number} was not let in: {answer.status_code} {heading(answer)}")
        return self

    def token(self) -> str:
        return next(
            (
                value
                for name, value in self.http.cookies.items()
                if name.startswith(("csrf-", "__Host-csrf-"))
            ),
            "",
        )

    def post(self, path: str, files: Any = None, **fields: str) -> httpx.Response:
        return self.http.post(path, data={"_csrf_token": self.token()} | fields, files=files)

    def bank_page(self, place: str) -> str:
        """Where our own page before the bank leads on; `place` itself when it is another page."""
        if not place.endswith("/go"):
            return place
        found = re.search(r'href="([^"]+)" rel="noreferrer"', self.until(lambda: self.http.get(place)).text)
        return unescape(found[1]) if found else place

    def until(self, ask: Callable[[], httpx.Response]) -> httpx.Response:
        """Ask until there is an answer that is not «broken»: what a person does with «Отправить ещё раз»."""
        while True:
            try:
                answer = ask()
                if answer.status_code < 500:
                    return answer
                self.troubles.append((str(answer.status_code), heading(answer)))
            except httpx.TransportError as lost:
                self.troubles.append((type(lost).__name__, ""))
            if self.stop.is_set():
                raise Stopped
            time.sleep(0.1)


def heading(answer: httpx.Response) -> str:
    """The h1 of a page, words only."""
    _, found, rest = answer.text.partition("<h1")
    return rest.partition(">")[2].partition("</h1>")[0].strip() if found else answer.text[:60]


def problems(answer: httpx.Response) -> list[str]:
    """What a form says is wrong with its fields."""
    return re.findall(r'class="unseen">Ошибка: </span>([^<]+)', answer.text)


def field(answer: httpx.Response, name: str) -> str:
    """What a form of this page holds in a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.text)
    return unescape(found[1]) if found else ""
