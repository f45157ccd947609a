"""A bank that is silent, slow, repeats itself or reports another sum, and processes killed in between."""

from datetime import timedelta

import pytest
from sqlmodel import select

import jobs
from db import outbox
from db.payments import discrepancies
from db.payments.discrepancies import Discrepancy
from db.people import contracts, notification_preferences
from rules.payments.banking import BankSilent
from tests.kit import cast
from tests.kit.paying import CONTACT
from tests.kit.payment_steps import (
    filled,
    till,  # noqa: F401 - fixtures
)


def test_the_live_piece_stops_asking_when_it_is_known(anna, till):
    till.begin(anna)
    till.pay(anna, manner="never")
    row = till.last()
    assert "every 3s" in anna.client.get(f"/payments/{row.id}/state").text
    till.call(row.bank_id)
    assert "every 3s" not in anna.client.get(f"/payments/{row.id}/state").text


def test_a_bank_that_never_calls_is_asked_by_the_job(anna, till, engine, settings, clock):
    till.begin(anna)
    till.pay(anna, manner="never")
    assert till.ring() == []
    jobs.ask_bank(engine, settings, clock.now())
    assert till.entries() == []
    clock.forward(seconds=11)
    jobs.ask_bank(engine, settings, clock.now())
    jobs.ask_bank(engine, settings, clock.now())
    assert len(till.entries()) == 1


def test_a_bank_that_calls_twice_is_posted_once(anna, till):
    till.begin(anna)
    till.pay(anna, manner="twice")
    assert till.ring() == ["applied", "repeated"] and len(till.entries()) == 1


def test_a_slow_bank_is_believed_when_it_speaks(anna, till, clock):
    till.begin(anna)
    till.pay(anna, manner="late")
    assert till.ring() == []
    clock.forward(seconds=21)
    assert till.ring() == ["applied"] and len(till.entries()) == 1


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"amount": {"value": "1.00", "currency": "RUB"}}, "amount"),
        ({"amount": {"value": "1500.50", "currency": "USD"}}, "currency"),
        ({"metadata": {"order": "somebody else's"}}, "order"),
    ],
)
def test_what_was_not_asked_for_is_not_posted_but_raised(anna, till, db, change, kind):
    till.begin(anna)
    till.pay(anna, manner="never")
    row = till.last()
    till.settled(row, **change)
    till.call(row.bank_id)
    till.call(row.bank_id)
    assert till.entries() == [] and till.last().state == "pending"
    raised = db.exec(select(Discrepancy)).one()
    assert (raised.kind, raised.payment_id, raised.expected) == (kind, row.id, 150050)
    assert "Разбираемся" in anna.get(f"/payments/{row.id}").text
    assert [one.id for one in discrepancies.open_discrepancies(db)] == [raised.id]


def hush(*_args, **_kwargs):
    raise BankSilent("gone")


def test_a_silent_bank_is_said_and_gone_on_with_by_the_same_key(anna, till, monkeypatch):
    with monkeypatch.context() as gone:
        gone.setattr("gateways.yookassa.YooKassa._ask", hush)
        page = till.begin(anna)
        assert page.path == "/payments/1" and "ещё не подтвердил" in page.text
    row = till.last()
    assert row.state == "created" and row.bank_id is None
    assert anna.submit("/payments/1/check").path == "/payments/1"
    assert till.last().key == row.key and till.last().state == "pending"


def test_three_days_of_silence_end_and_money_that_comes_later_is_still_posted(
    anna, till, engine, settings, clock, monkeypatch, enter
):
    till.begin(anna)
    till.pay(anna, manner="never")
    with monkeypatch.context() as gone:
        gone.setattr("gateways.yookassa.YooKassa._ask", hush)
        asked = 0
        while till.last().ask_at:
            clock.at = till.last().ask_at + timedelta(seconds=1)
            jobs.ask_bank(engine, settings, clock.now())
            asked += 1
    assert till.last().state == "expired" and 20 < asked < 60
    assert "Банк не ответил" in enter(cast.ANNA).get(f"/payments/{till.last().id}").text
    till.call(till.last().bank_id)
    assert till.last().state == "paid" and len(till.entries()) == 1


def test_a_clock_set_back_does_not_put_off_asking_the_bank(anna, till, engine, settings, clock):
    till.begin(anna)
    till.pay(anna, manner="never")
    clock.forward(hours=-6)
    jobs.ask_bank(engine, settings, clock.now())
    assert till.last().state == "paid"


def test_killed_before_the_bank_heard_the_job_goes_on(anna, till, engine, settings, clock, monkeypatch):
    with monkeypatch.context() as killed:
        killed.setattr("gateways.yookassa.YooKassa.create", lambda *_: 1 / 0)
        anna.get("/payments/operator")
        anna.client.post("/payments/operator", data=filled(anna.page))
    assert till.last().bank_id is None and till.last().sent_at
    clock.forward(seconds=11)
    jobs.ask_bank(engine, settings, clock.now())
    assert till.last().state == "pending" and till.last().page


def test_killed_after_the_bank_heard_it_stays_one_payment(anna, till, engine, settings, clock, monkeypatch):
    with monkeypatch.context() as killed:
        killed.setattr("db.payments.banking.apply_bank_status", lambda *_: 1 / 0)
        anna.get("/payments/operator")
        anna.client.post("/payments/operator", data=filled(anna.page))
    assert till.last().bank_id is None
    clock.forward(seconds=11)
    jobs.ask_bank(engine, settings, clock.now())
    with till.sandbox.writing() as file:
        assert file.execute("SELECT count(*) FROM thing").fetchone() == (1,)
    assert till.last().state == "pending"


def test_killed_between_the_ledger_and_the_rest_nothing_is_half_done(anna, till, monkeypatch):
    till.begin(anna)
    till.pay(anna, manner="never")
    with monkeypatch.context() as killed:
        killed.setattr(outbox, "put", lambda *_, **__: 1 / 0)
        assert till.call(till.last().bank_id).status_code == 500
    assert till.last().state == "pending" and till.entries() == []
    assert till.call(till.last().bank_id).text == "applied" and len(till.entries()) == 1


def test_word_of_a_payment_goes_where_its_owner_chose_and_nowhere_else(anna, till, texts, write, clock):
    with write() as db:
        who = contracts.find_by_number(db, cast.ANNA)[1]
        who.email_confirmed_at = clock.now()
        notification_preferences.save_choices(db, who.id, {("money", "sms"): False, ("money", "mail"): True})
        db.add(who)
    till.begin(anna)
    till.pay(anna)
    till.ring()
    told = [text for text in texts(to="p-1@example.ru") if "Получили" in text]
    assert len(told) == 1 and not [text for text in texts(to="+79211234567") if "Получили" in text]
    assert not [text for text in texts(to=CONTACT) if "Получили" in text], (
        "the receipt's address is for the receipt"
    )
