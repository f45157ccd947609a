"""Requests as staff meet them: sent by a subscriber, found by number, answered. `send_request` and `maria`
are fixtures that tests import.
"""

from datetime import date

import pytest
from sqlmodel import Session

from db.journal import Person
from db.people import contracts
from db.requests import decisions, requests
from rules.requests.plans import RequestPlan
from tests.kit import cast


@pytest.fixture
def send_request(write, clock):
    """`send_request("letter", text="…")` sends a request of Анна, or of contract `by`; returns its number."""

    def send(kind: str, day: date | None = None, by: int = cast.ANNA, early: bool = False, **payload) -> int:
        with write() as db:
            contract, subscriber = contracts.find_by_number(db, by)
            who = Person(0, "subscriber", subscriber.id, subscriber.name, contract.id, contract.number)
            return decisions.send(
                db, who, RequestPlan(kind, payload, day, early), clock.now(), auto=()
            ).number

    return send


@pytest.fixture
def maria(enter):
    return enter("maria")


def row(engine, number: int) -> requests.Request:
    with Session(engine) as db:
        return requests.find_by_number(db, number)


def letter(send_request, text="Когда починят мой датчик?", **rest) -> int:
    return send_request("letter", text=text, **rest)


def at(number: int) -> str:
    return f"/staff/requests/{number}"


def reply(enter, number: int, text: str) -> None:
    anna = enter(cast.ANNA)
    anna.get(f"/inbox/{number}")
    anna.submit(f"/inbox/{number}", text=text)
