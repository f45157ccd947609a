"""Changing the terms of autopay for the same card."""

from datetime import date

import pytest

import jobs
from db import journal
from db.access import acceptances
from db.payments import autopay, banking
from db.payments.autopay import Autopay, AutopayDue
from tests.kit import cast
from tests.kit.autopay_steps import at, at_the_bank, due_now, on, rows, sure, till, work  # noqa: F401 - fixtures
from tests.kit.paying import CONTACT

NEW = {"mode": "monthly", "day": "5", "cap": "2500", "contact": CONTACT, "agree": "yes"}


def edit(browser, status=200, **fields):
    browser.get("/autopay/edit")
    return browser.submit("/autopay/edit", status=status, **(NEW | fields))


def test_other_terms_for_the_same_card_and_the_old_ones_in_the_history(on, sure, till, engine, texts):
    on()
    anna = sure()
    assert anna.get("/autopay/edit").one("[name=cap]").get("value") == "3000"
    page = edit(anna)
    assert (
        "Условия автоплатежа сохранены" in page.text
        and "5 числа" in page.text
        and "вы изменили условия" in page.text
    )
    old, new = rows(engine, Autopay)
    assert (old.state, old.off_why, old.has_card) == ("off", "changed", False)
    assert (new.state, new.day, new.cap, new.card) == ("on", 5, 250_000, old.card) and new.has_card
    assert new.acceptance_id != old.acceptance_id and any(
        "Условия автоплатежа изменены" in text for text in texts()
    )
    assert any(note.verb == "autopay.change" for note in rows(engine, journal.Note))


def test_other_terms_need_a_code_and_the_rules(on, sure, engine, clock):
    anna = on()
    assert set(edit(sure(), status=422, agree=None, cap="0", day="40").errors) == {"agree", "cap", "day"}
    clock.forward(minutes=11)
    assert anna.get("/autopay/edit").path == "/confirm"
    assert len(rows(engine, Autopay)) == 1


def test_the_same_terms_again_change_nothing(on, sure, engine):
    on()
    anna = sure()
    edit(anna)
    edit(anna)
    assert len(rows(engine, Autopay)) == 2


def test_turned_off_in_another_tab_there_is_nothing_to_change(on, sure, engine, write, till, clock):
    on()
    anna = sure()
    anna.get("/autopay/edit")
    with write() as db:
        autopay.turn_off(
            db, autopay.active_autopay(db, till.contract(cast.ANNA)), "asked", "subscriber:1", clock.now()
        )
    assert "уже выключен" in anna.submit("/autopay/edit", **NEW).text
    anna.get("/autopay/edit", status=404)
    assert [one.state for one in rows(engine, Autopay)] == ["off"]


def test_a_lower_cap_holds_for_a_charge_announced_already(on, sure, till, engine, settings, clock, write):
    due_now(on, till, engine, settings, clock, write)
    changed(write, till, clock, cap=200_000)
    work(engine, settings, clock)
    assert [amount for amount, _ in till.entries()] == [10_000, 200_000]


def changed(write, till, clock, **terms):
    from rules.payments.autopay import AutopayTerms

    with write() as db:
        row = autopay.active_autopay(db, till.contract(cast.ANNA))
        agreed = acceptances.accept(
            db, 1, "autopay", clock.now(), "127.0.0.1", row.contract_id, till.settings
        )
        wanted = AutopayTerms(**({"mode": "monthly", "day": 30, "cap": 300_000} | terms))
        who = journal.Person(1, "subscriber", 1, "Анна", row.contract_id)
        autopay.change_terms(db, row, wanted, CONTACT, agreed.id, who, clock.now())


def test_another_day_calls_off_the_charge_announced_for_the_old_one(on, till, engine, settings, clock, write):
    due_now(on, till, engine, settings, clock, write)
    changed(write, till, clock, day=5)
    work(engine, settings, clock)
    assert len(till.all()) == 1 and [due.state for due in rows(engine, AutopayDue)] == ["stopped"]
    for day in (4, 5):
        at(clock, date(2026, 12, day))
        work(engine, settings, clock)
    assert [amount for amount, _ in till.entries()] == [10_000, 300_000]


def test_a_charge_at_the_bank_is_waited_for_whatever_terms_become(
    on, till, engine, settings, clock, write, monkeypatch
):
    due_now(on, till, engine, settings, clock, write)
    with monkeypatch.context() as killed:
        killed.setattr(banking, "apply_bank_status", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            jobs.charge_autopay(engine, settings, clock.now())
    changed(write, till, clock, day=5)
    for _ in range(3):
        clock.forward(minutes=2)
        work(engine, settings, clock)
    assert [amount for amount, _ in till.entries()] == [10_000, 300_000] and at_the_bank(till) == 2
    assert [due.state for due in rows(engine, AutopayDue)] == ["paid"]
