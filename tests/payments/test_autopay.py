"""Autopay: bound by a payment, announced, charged once a due day whatever crashes, off in one tap."""

from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

import jobs
from db import journal
from db.access import acceptances, sessions
from db.money import ledger
from db.payments import autopay, autopay_charges, banking
from db.payments.autopay import Autopay, AutopayDue, AutopayTry
from db.payments.payments import Payment
from db.people import notification_preferences
from rules import accepted_texts, days
from tests.kit import cast
from tests.kit.paying import CONTACT, Till

TERMS = {"mode": "monthly", "day": "30", "cap": "3000", "amount": "100", "contact": CONTACT, "agree": "yes"}


@pytest.fixture(autouse=True)
def till(app, settings, clock, visitor, monkeypatch):
    monkeypatch.setattr("routes.payments.sandbox.deliver_soon", lambda bank: None)
    return Till(app, settings, clock, visitor)


@pytest.fixture
def sure(anna, engine, clock):
    """Anna, confirmed by a code a moment ago."""

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
    """Autopay that is on: monthly on the 30th, bound with the card given."""

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
    """Anna's balance made a debt."""
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


def test_a_code_is_asked_before_a_card_is_bound(anna):
    assert anna.get("/autopay/new").path == "/confirm"


def test_on_when_the_bank_has_bound_the_card(on, till, engine, texts):
    anna = on()
    row = rows(engine, Autopay)[0]
    assert (row.state, row.card, row.day, row.cap) == ("on", "Мир •• 4477", 30, 300_000) and row.has_card
    page = anna.get("/autopay")
    assert "Автоплатёж включён" in page.text and "30 числа" in page.text and "•• 4477" in page.text
    assert any("Автоплатёж включён" in text for text in texts(to="+79211234567")) and len(till.entries()) == 1


def test_the_rules_accepted_are_kept_with_their_version_and_hash(on, anna, engine, settings):
    anna.client.headers["x-forwarded-for"] = "203.0.113.7"
    on()
    kept = [one for one in rows(engine, acceptances.Acceptance) if one.name == "autopay"]
    assert [(one.version, one.sha256) for one in kept] == [
        (2, accepted_texts.current_text("autopay", settings).sha256)
    ]
    assert kept[0].address == "203.0.113.7"
    assert rows(engine, Autopay)[0].acceptance_id == kept[0].id


def test_without_agreeing_nothing_begins(sure, till):
    anna = sure()
    anna.get("/autopay/new")
    page = anna.submit("/autopay/new", status=422, **(TERMS | {"agree": None, "cap": "x", "day": "32"}))
    assert set(page.errors) == {"agree", "cap", "day"} and till.all() == []


def test_refused_at_the_bank_it_stays_off(sure, till, engine):
    anna = sure()
    begin(anna)
    till.pay(anna, choice="refuse")
    till.ring()
    assert rows(engine, Autopay)[0].state == "binding" and "Автоплатёж выключен" in anna.get("/autopay").text


def test_a_month_notice_the_day_before_then_one_charge(on, till, engine, settings, clock, texts, write):
    on()
    owe(write, till)
    at(clock, date(2026, 11, 28))
    work(engine, settings, clock)
    assert rows(engine, AutopayDue) == []
    at(clock, date(2026, 11, 29))
    work(engine, settings, clock)
    assert (
        any("30\u00a0ноября\u00a02026 спишем" in text for text in texts(to="+79211234567"))
        and len(till.entries()) == 1
    )
    for hour in (9, 10, 15):
        at(clock, date(2026, 11, 30), hour)
        work(engine, settings, clock)
    assert [amount for amount, _ in till.entries()] == [10_000, 300_000]
    assert [due.state for due in rows(engine, AutopayDue)] == ["paid"]


def test_nothing_is_charged_at_night(on, till, engine, settings, clock, write):
    on()
    owe(write, till)
    at(clock, date(2026, 11, 29))
    work(engine, settings, clock)
    at(clock, date(2026, 11, 30), 3)
    work(engine, settings, clock)
    assert len(till.all()) == 1


def test_when_low_it_tops_up(on, till, engine, settings, clock, write):
    on(mode="low", below="300", top_up="1000")
    work(engine, settings, clock)
    assert rows(engine, AutopayDue) == []
    owe(write, till)
    work(engine, settings, clock)
    clock.forward(days=1)
    work(engine, settings, clock)
    assert [amount for amount, _ in till.entries()] == [10_000, 100_000]


def test_paid_by_hand_meanwhile_nothing_is_charged(on, till, engine, settings, clock, write):
    on()
    owe(write, till)
    at(clock, date(2026, 11, 29))
    work(engine, settings, clock)
    with write() as db:
        ledger.add(
            db,
            till.contract(cast.ANNA),
            2_000_000,
            "correction",
            "correction:back",
            day=date(2026, 11, 29),
            now=clock.now(),
            note="",
        )
    at(clock, date(2026, 11, 30))
    work(engine, settings, clock)
    assert len(till.all()) == 1 and rows(engine, AutopayDue)[0].state == "skipped"


def test_three_failures_on_days_0_1_3_then_off_and_said(on, till, engine, settings, clock, texts, write):
    on(card="once")
    owe(write, till)
    for day in range(29, 31):
        at(clock, date(2026, 11, day))
        work(engine, settings, clock)
    seen = []
    for day in range(1, 6):
        seen.append(len(till.all()) - 1)
        at(clock, date(2026, 12, day))
        work(engine, settings, clock)
    assert seen == [1, 2, 2, 3, 3] and len(till.entries()) == 1
    row = rows(engine, Autopay)[0]
    assert (row.state, row.off_why, row.has_card) == ("off", "failed", False)
    said = texts(to="+79211234567")
    assert (
        sum("Попробуем ещё раз" in text for text in said) == 2 and "не удалось списать три раза" in said[-1]
    )


def test_off_in_one_tap_unlinks_the_card_and_nothing_is_charged(on, till, engine, settings, clock, write):
    anna = on()
    owe(write, till)
    at(clock, date(2026, 11, 29))
    work(engine, settings, clock)
    anna = type(anna)(anna.client)
    with write() as db:
        row = autopay.active_autopay(db, till.contract(cast.ANNA))
        autopay.turn_off(db, row, "asked", "subscriber:1", clock.now())
    at(clock, date(2026, 11, 30))
    work(engine, settings, clock)
    assert len(till.all()) == 1 and not rows(engine, Autopay)[0].has_card
    assert [due.state for due in rows(engine, AutopayDue)] == ["stopped"]


def test_the_button_turns_it_off(on, engine):
    anna = on()
    anna.get("/autopay")
    page = anna.submit("/autopay/off")
    assert "Автоплатёж выключен" in page.text and "вы выключили" in page.text
    assert not rows(engine, Autopay)[0].has_card
    assert any(note.verb == "autopay.off" for note in rows(engine, journal.Note))


def due_now(on, till, engine, settings, clock, write):
    """The morning of the charge, nothing charged yet."""
    anna = on()
    owe(write, till)
    at(clock, date(2026, 11, 29))
    work(engine, settings, clock)
    at(clock, date(2026, 11, 30))
    return anna


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


def at_the_bank(till) -> int:
    with till.sandbox.writing() as file:
        return file.execute("SELECT count(*) FROM thing WHERE kind='payments'").fetchone()[0]


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


def test_a_stranger_turns_nothing_off(on, boris, engine):
    on()
    boris.get("/payments/new")
    boris.client.post(
        "/autopay/off", data={"_csrf_token": boris.page.one(".who [name=_csrf_token]").get("value")}
    )
    assert rows(engine, Autopay)[0].state == "on"


def test_no_payment_row_is_without_a_key(on, engine):
    on()
    assert all(row.key and row.order for row in rows(engine, Payment))


def test_no_charge_comes_unannounced_though_every_way_of_money_is_off(
    on, till, engine, settings, clock, texts, write
):
    on()
    owe(write, till)
    with write() as db:
        notification_preferences.save_choices(db, 1, {("money", "sms"): False, ("money", "mail"): False})
    at(clock, date(2026, 11, 29))
    work(engine, settings, clock)
    assert "спишем" in texts(to=CONTACT)[-1] and not [
        text for text in texts(to="+79211234567") if "спишем" in text
    ]


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
