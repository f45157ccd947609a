"""The day beside the bank's list, and what the bank said that nobody asked for."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

import jobs
from db.journal import Note
from db.payments import payments
from db.people import contracts
from rules.payments.banking import BankPayment, BankSilent
from rules.payments.payments import PaymentPlan
from tests.kit import cast


class Bank:
    """A bank that says what a test gives it."""

    def __init__(self, *listed):
        self.listed, self.silent = list(listed), False

    def between(self, since, until, payee="operator"):
        if self.silent:
            raise BankSilent
        return self.listed if payee == "operator" else []


@pytest.fixture
def bank(monkeypatch):
    bank = Bank()
    monkeypatch.setattr("gateways.banks.configured_bank", lambda settings, now: bank)
    return bank


@pytest.fixture
def paid(write, clock):
    """Anna paid 500 ₽ yesterday at noon; returns the payment's id."""
    at = clock.now() - timedelta(days=1)
    with write() as db:
        id = contracts.find_by_number(db, cast.ANNA)[0].id
        row = payments.add(db, id, PaymentPlan("operator", 50_000, "card", "anna@example.ru"), "Услуги", at)
        row.bank_id, row.sent_at, row.state, row.paid_at, row.ask_at = "b-1", at, "paid", at, None
        db.add(row)
        db.flush()
        return row.id


@pytest.fixture
def run(engine, settings, clock):
    return lambda: jobs.reconcile(engine, settings, clock.now())


def known(amount=50_000, state="paid", id="b-1", at=None):
    return BankPayment(id, state, amount, "RUB", at=at)


def test_yesterday_is_compared_by_itself_and_agrees(bank, paid, run, enter, clock):
    bank.listed = [known(at=clock.now() - timedelta(days=1))]
    run()
    page = enter("alexey").get("/staff/reconciliations")
    assert "22 ноября 2026, Росохрана Телеком сошлось" in page.text
    assert "Оплачено у банка: 1, вместе 500,00 ₽" in page.text


def test_what_differs_is_shown_with_both_sums(bank, paid, run, enter, clock):
    bank.listed = [
        known(49_900, at=clock.now() - timedelta(days=1)),
        known(id="b-9", at=clock.now() - timedelta(days=1)),
    ]
    run()
    page = enter("alexey").get("/staff/reconciliations")
    assert "не сошлось: 2" in page.text
    assert "суммы разные b-1 500,00 ₽ оплачен 499,00 ₽ оплачен" in page.text
    assert "у нас такого платежа нет b-9 нет" in page.text


def test_a_silent_bank_is_asked_again(bank, paid, run, enter, clock):
    bank.silent = True
    run()
    alexey = enter("alexey")
    assert "банк не ответил" in alexey.get("/staff/reconciliations").text
    bank.silent, bank.listed = False, [known(at=clock.now() - timedelta(days=1))]
    run()
    assert "банк не ответил" in alexey.get("/staff/reconciliations").text, "not before its time"
    clock.forward(minutes=11)
    run()
    assert "сошлось" in alexey.get("/staff/reconciliations").text


def test_a_day_asked_for_by_hand(bank, run, enter):
    alexey = enter("alexey")
    alexey.get("/staff/reconciliations")
    page = alexey.submit("/staff/reconciliations", day="2026-11-10")
    assert "Сверяем 10 ноября 2026" in page.text and "ждём банк" in page.text
    run()
    assert "10 ноября 2026, Росохрана Телеком сошлось" in alexey.get("/staff/reconciliations").text
    page = alexey.submit("/staff/reconciliations", day=date(2027, 1, 1).isoformat(), status=422)
    assert "day" in page.errors


def test_every_look_is_in_the_journal(enter, db):
    enter("alexey").get("/staff/reconciliations")
    assert db.exec(select(Note.actor).where(Note.verb == "reconciliations.look")).one()
