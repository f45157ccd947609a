"""What approved requests change, on their day, once."""

from datetime import date

from db.money import ledger
from db.people import services
from db.requests import decisions, effects, requests, scheduled_requests
from tests.kit import cast
from tests.kit.requests import (
    LATER,
    PASSPORT,
    SOON,
    channel_of,
    confirm_by_hand,
    fill,
    midnight,
    number_of,
    send,
    the,
    with_staff,
)


def test_sms_on_then_off_for_real(anna, enter, db, clock, engine, settings):
    page = fill(anna, "sms_on", mobile="8 921 123-45-67", day=SOON)
    assert "заплатите на" in page.text
    number = number_of(anna.submit(rules="1"))
    assert "Подключить SMS-информирование" in anna.get("/").text, "the first page says what is scheduled"
    midnight(clock, SOON)
    scheduled_requests.carry_out_due(engine, settings, clock.now())
    assert the(db, number).state == "done"
    sms = next(one for one in services.list_services(db, the(db, number).contract_id) if one.kind == "sms")
    assert sms.mobile == "+79211234567"
    assert [(one.state, one.first) for one in services.list_intervals(db, sms.id)] == [
        ("active", date(2026, 12, 3))
    ]
    anna = enter(cast.ANNA)
    page = fill(anna, "sms_on", mobile="8 921 123-45-67", day="2026-12-30", status=422)
    assert "уже включено" in page.errors["form"]
    page = fill(anna, "sms_off", mobile="8 921 999-00-11", day="2026-12-30", status=422)
    assert "на этот номер" in page.errors["mobile"].lower()
    off = number_of(send(anna, "sms_off", mobile="8 921 123-45-67", day="2026-12-15"))
    midnight(clock, "2026-12-15")
    scheduled_requests.carry_out_due(engine, settings, clock.now())
    assert the(db, off).state == "done"
    db.rollback()
    assert services.list_intervals(db, sms.id)[0].last == date(2026, 12, 14)


def test_resuming_today_takes_effect_at_once_and_the_day_costs_full(anna, enter, db, clock, engine, settings):
    send(anna, "suspend", first=SOON, last=LATER)
    assert "Канал ещё работает" in fill(anna, "resume", day="2026-11-25", status=422).errors["day"]
    midnight(clock, "2026-12-10")
    scheduled_requests.carry_out_due(engine, settings, clock.now())
    anna = enter(cast.ANNA)
    row = the(db, number_of(send(anna, "resume", day="2026-12-10")))
    assert row.state == "done"
    assert channel_of(db)[1:] == [
        ("suspended", date(2026, 12, 3), date(2026, 12, 9)),
        ("active", date(2026, 12, 10), None),
    ]


def test_three_days_without_the_job_then_in_order_and_dated_right(anna, enter, db, clock, engine, settings):
    send(anna, "suspend", first=SOON, last=LATER)
    clock.forward(days=2)
    anna = enter(cast.ANNA)
    confirm_by_hand(db, anna, clock)
    number = number_of(send(anna, "terminate", by="self", day="2026-12-05"))
    with_staff(db, decisions.approve, number, clock)
    midnight(clock, "2026-12-08")
    scheduled_requests.carry_out_due(engine, settings, clock.now())
    assert [(state, first, last) for state, first, last in channel_of(db)][1:] == [
        ("suspended", date(2026, 12, 3), date(2026, 12, 4))
    ]
    from db.people import contracts

    assert contracts.find_by_number(db, cast.ANNA)[0].ends_on == date(2026, 12, 4)


def test_the_paper_topics_take_effect_when_approved(anna, boris, db, clock):
    moved = number_of(send(anna, "transfer", amount="100", to_number="78 000 002"))
    with_staff(db, decisions.approve, moved, clock)
    row = the(db, moved)
    assert row.state == "done"
    from db.people import contracts

    here, there = (contracts.find_by_number(db, one)[0].id for one in (cast.ANNA, cast.BORIS))
    assert (ledger.total(db, here), ledger.total(db, there)) == (140_000, 10_000)
    back = number_of(
        send(anna, "recalculation", first="2026-11-01", last="2026-11-10", text="Не было связи.")
    )
    with_staff(db, decisions.approve, back, clock, amount=5_000)
    assert ledger.total(db, here) == 145_000
    named = number_of(send(anna, "surname", PASSPORT, name="Соколова-Ким Анна"))
    with_staff(db, decisions.approve, named, clock)
    db.rollback()
    assert contracts.find_by_number(db, cast.ANNA)[1].name == "Соколова-Ким Анна"


def test_a_job_that_dies_in_the_middle_leaves_nothing_half_done(
    anna, db, clock, engine, settings, monkeypatch
):
    number = number_of(send(anna, "suspend", first=SOON, last=LATER))
    other = number_of(send(anna, "sms_on", mobile="8 921 123-45-67", day=SOON))
    midnight(clock, SOON)
    before, real = channel_of(db), effects.carry_out

    def dies(db, request, now):
        real(db, request, now)
        raise OSError("power cut")

    monkeypatch.setattr(effects, "carry_out", dies)
    scheduled_requests.carry_out_due(engine, settings, clock.now())
    assert (the(db, number).state, channel_of(db)) == ("approved", before)
    monkeypatch.setattr(effects, "carry_out", real)
    scheduled_requests.carry_out_due(engine, settings, clock.now())
    assert [the(db, one).state for one in (number, other)] == ["done", "done"]
    assert len(channel_of(db)) == 3


def test_two_jobs_at_once_do_it_once(anna, db, clock, engine, settings):
    from concurrent.futures import ThreadPoolExecutor

    number = number_of(send(anna, "suspend", first=SOON, last=LATER))
    midnight(clock, SOON)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: scheduled_requests.carry_out_due(engine, settings, clock.now()), range(4)))
    assert [step.verb for step in requests.steps(db, the(db, number))].count("carry_out") == 1
    assert len(channel_of(db)) == 3
