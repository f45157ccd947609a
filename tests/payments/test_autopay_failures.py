"""One due day is charged once whatever crashes, is silent or runs twice."""

from datetime import date

import pytest
from sqlmodel import Session

import jobs
from db.payments import autopay, autopay_charges, banking
from db.payments.autopay import Autopay, AutopayDue, AutopayTry
from tests.kit import cast
from tests.kit.autopay_steps import at_the_bank, due_now, on, owe, rows, sure, till, work  # noqa: F401 - fixtures


def test_turned_off_after_the_try_was_written_it_is_not_sent(on, till, engine, settings, clock, write):
    due_now(on, till, engine, settings, clock, write)
    with write() as db:
        assert autopay_charges.run_autopay(db, rows(engine, Autopay)[0].id, clock.now())
    with write() as db:
        autopay.turn_off(
            db, autopay.active_autopay(db, till.contract(cast.ANNA)), "asked", "subscriber:1", clock.now()
        )
    clock.forward(minutes=5)
    work(engine, settings, clock)
    assert len(till.entries()) == 1 and (till.last().state, till.last().reason) == ("failed", "withdrawn")
    assert at_the_bank(till) == 1


@pytest.mark.parametrize(
    "step",
    [
        "db.payments.banking._prepare_sending",
        "gateways.yookassa.YooKassa.charge_saved",
        "db.payments.banking.apply_bank_status",
    ],
)
def test_killed_at_any_step_one_due_day_is_charged_once(
    on, till, engine, settings, clock, write, monkeypatch, step
):
    due_now(on, till, engine, settings, clock, write)
    with monkeypatch.context() as killed:
        killed.setattr(step, lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            jobs.charge_autopay(engine, settings, clock.now())
    for _ in range(4):
        clock.forward(minutes=2)
        work(engine, settings, clock)
    assert [amount for amount, _ in till.entries()] == [10_000, 300_000] and at_the_bank(till) == 2
    assert len(rows(engine, AutopayTry)) == 1


def test_killed_after_the_charge_and_turned_off_the_money_is_found_not_charged_again(
    on, till, engine, settings, clock, write, monkeypatch
):
    due_now(on, till, engine, settings, clock, write)
    with monkeypatch.context() as killed:
        killed.setattr(banking, "apply_bank_status", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            jobs.charge_autopay(engine, settings, clock.now())
    with write() as db:
        autopay.turn_off(
            db, autopay.active_autopay(db, till.contract(cast.ANNA)), "asked", "subscriber:1", clock.now()
        )
    clock.forward(minutes=2)
    work(engine, settings, clock)
    assert len(till.entries()) == 2 and at_the_bank(till) == 2


def test_two_workers_charge_once(on, till, engine, settings, clock, write):
    from threading import Thread

    due_now(on, till, engine, settings, clock, write)
    both = [Thread(target=work, args=(engine, settings, clock)) for _ in range(4)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert len(till.entries()) == 2 and at_the_bank(till) == 2 and len(rows(engine, AutopayTry)) == 1


def test_three_silent_days_end_without_a_second_try(on, till, engine, settings, clock, write, monkeypatch):
    due_now(on, till, engine, settings, clock, write)
    from rules.payments.banking import BankSilent

    def hush(*_args, **_kwargs):
        raise BankSilent("gone")

    monkeypatch.setattr("gateways.yookassa.YooKassa._ask", hush)
    for _ in range(100):
        work(engine, settings, clock)
        clock.forward(hours=1)
    assert till.last().state == "expired" and len(rows(engine, AutopayTry)) == 1
    assert [due.state for due in rows(engine, AutopayDue)] == ["failed"]


def test_the_next_charge_is_foreseen(on, till, engine, clock, write):
    on()
    owe(write, till)
    with Session(engine) as db:
        coming = autopay_charges.next_charge(db, till.contract(cast.ANNA), clock.now())
    assert (coming.day, coming.amount) == (date(2026, 11, 30), 300_000)
