"""Autopay: bound by a payment, announced, charged once a due day, turned off by one button."""

from datetime import date

from db import journal
from db.access import acceptances
from db.money import ledger
from db.payments import autopay
from db.payments.autopay import Autopay, AutopayDue
from db.payments.payments import Payment
from db.people import notification_preferences
from rules import accepted_texts
from tests.kit import cast
from tests.kit.autopay_steps import TERMS, at, begin, on, owe, rows, sure, till, work  # noqa: F401 - fixtures
from tests.kit.paying import CONTACT


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
