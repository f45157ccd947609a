"""Steps of autopay: turning it on, moving the clock, running the jobs."""

from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

import jobs
from db.access import sessions
from db.money import ledger
from rules import days
from tests.kit import cast
from tests.kit.paying import CONTACT, Till

TERMS = {"mode": "monthly", "day": "30", "cap": "3000", "amount": "100", "contact": CONTACT, "agree": "yes"}


@pytest.fixture(autouse=True)
def till(app, settings, clock, visitor, monkeypatch):
    monkeypatch.setattr("routes.payments.sandbox.deliver_soon", lambda bank: None)
    return Till(app, settings, clock, visitor)


@pytest.fixture
def sure(anna, engine, clock):
    """Return Anna's browser, just confirmed by a code."""

    def confirm(browser=anna):
        with Session(engine) as db:
            for row in db.exec(select(sessions.SessionRow)):
                row.confirmed_at = clock.now()
                db.add(row)
            db.commit()
        return browser

    return confirm


def begin(browser, **fields):
    browser.get("/autopay/new")
    return browser.submit("/autopay/new", **(TERMS | fields))


@pytest.fixture
def on(sure, till):
    """Turn autopay on: monthly on the 30th, with the card given."""

    def turn_on(card="good", **fields):
        anna = sure()
        begin(anna, **fields)
        till.pay(anna, card=card)
        assert till.ring() == ["applied"]
        return anna

    return turn_on


def at(clock, day: date, hour=9):
    clock.at = days.midnight(day) + timedelta(hours=hour + 3)


def work(engine, settings, clock):
    jobs.charge_autopay(engine, settings, clock.now())
    jobs.ask_bank(engine, settings, clock.now())


def rows(engine, table):
    with Session(engine) as db:
        return list(db.exec(select(table).order_by(table.id)))


def owe(write, till, kopecks=-500_000):
    """Turn Anna's balance into a debt."""
    with write() as db:
        ledger.add(
            db,
            till.contract(cast.ANNA),
            kopecks,
            "correction",
            "correction:test",
            day=date(2026, 11, 1),
            now=till.clock.now(),
            note="",
        )


def due_now(on, till, engine, settings, clock, write):
    """Move to the morning of the charge, before anything is charged."""
    anna = on()
    owe(write, till)
    at(clock, date(2026, 11, 29))
    work(engine, settings, clock)
    at(clock, date(2026, 11, 30))
    return anna


def at_the_bank(till) -> int:
    with till.sandbox.writing() as file:
        return file.execute("SELECT count(*) FROM thing WHERE kind='payments'").fetchone()[0]
