"""Warned when a site is not armed or not disarmed by its hour: once, in time, and only when it is true."""

from datetime import UTC, date, datetime

import pytest

from db.events import supervision
from db.events.station import record_contact
from db.people import notification_preferences
from db.people.contracts import find_by_number
from db.people.services import ServiceInterval, list_services, state_on
from rules.days import MOSCOW
from tests.kit import cast
from tests.kit.station import opened, says

MINE, SHOP = "00010", "00030"
ANNAS = "+79211234567"


def moscow(clock, hour, minute=0, day=23):
    clock.at = datetime(2026, 11, day, hour, minute, tzinfo=MOSCOW).astimezone(UTC)


@pytest.fixture
def evening(anna, write, clock):
    """Anna wants to know if her flat is not armed by 22:00 on weekdays; it is Monday, disarmed since 8:00."""
    opened(write, clock, MINE)
    moscow(clock, 8)
    says(write, clock, MINE, "disarm")
    moscow(clock, 12)
    wish(anna)


def wish(browser, status=200, **fields):
    browser.get("/supervision/new")
    place = (
        browser.page.one("#f-place option").get("value")
        if browser.page.tree.cssselect("#f-place option")
        else ""
    )
    return browser.submit("/supervision/new", status=status, **({"place": place} | fields))


def tick(engine, settings, clock, write):
    with write() as db:
        record_contact(db, "тестовый пульт", clock.now())
    supervision.send_warnings(engine, settings, clock.now())


def test_a_wish_is_said_in_words(anna, evening):
    page = anna.get("/supervision")
    assert "предупредить, если не под охраной к 22:00" in page.text and "пн–пт, SMS" in page.text


def test_not_armed_by_ten_is_said_once(evening, engine, settings, clock, write, texts):
    moscow(clock, 21, 59)
    tick(engine, settings, clock, write)
    assert texts(to=ANNAS) == []
    for minute in (0, 1, 30):
        moscow(clock, 22, minute)
        tick(engine, settings, clock, write)
    assert texts(to=ANNAS) == ["Квартира: нет постановки под охрану к 22:00"]
    moscow(clock, 22, 0, day=24)
    tick(engine, settings, clock, write)
    assert len(texts(to=ANNAS)) == 2


def test_armed_in_time_nothing_is_said(evening, engine, settings, clock, write, texts):
    moscow(clock, 21, 30)
    says(write, clock, MINE, "arm")
    moscow(clock, 22, 1)
    tick(engine, settings, clock, write)
    assert texts(to=ANNAS) == []


def test_armed_in_time_and_opened_again_nothing_is_said(evening, engine, settings, clock, write, texts):
    moscow(clock, 21, 30)
    says(write, clock, MINE, "arm")
    moscow(clock, 22, 10)
    says(write, clock, MINE, "disarm")
    moscow(clock, 22, 20)
    tick(engine, settings, clock, write)
    assert texts(to=ANNAS) == []


def test_a_silent_station_makes_no_warning(evening, engine, settings, clock, write, texts):
    moscow(clock, 22, 1)
    supervision.send_warnings(engine, settings, clock.now())
    assert texts(to=ANNAS) == []


def test_a_suspended_channel_makes_no_warning(evening, engine, settings, clock, write, texts):
    with write() as db:
        contract, _ = find_by_number(db, cast.ANNA)
        channel = next(one for one in list_services(db, contract.id) if one.kind == "channel")
        row = state_on(db, channel.id, date(2026, 11, 23))
        row.last = date(2026, 11, 20)
        db.add(row)
        db.add(ServiceInterval(service_id=channel.id, state="suspended", first=date(2026, 11, 21)))
    moscow(clock, 22, 1)
    tick(engine, settings, clock, write)
    assert texts(to=ANNAS) == []


def test_a_wish_made_after_its_hour_waits_for_the_next_day(anna, write, clock, engine, settings, texts):
    opened(write, clock, MINE)
    says(write, clock, MINE, "disarm", hours=-3)
    wish(anna, by="11:00")
    clock.forward(minutes=1)
    tick(engine, settings, clock, write)
    assert texts(to=ANNAS) == []


def test_a_morning_nobody_came(enter, write, clock, engine, settings, texts):
    opened(write, clock, SHOP)
    moscow(clock, 20)
    says(write, clock, SHOP, "arm")
    wish(enter(cast.LETO), kind="disarm", by="9:00")
    moscow(clock, 9, 1, day=24)
    tick(engine, settings, clock, write)
    assert texts(to="+79219990033") == ["Магазин: нет снятия с охраны к 9:00"]


def test_stopped_is_stopped(anna, evening, engine, settings, clock, write, texts):
    anna.get("/supervision")
    anna.get("/supervision/1/stop")
    page = anna.submit("/supervision/1/stop")
    assert "Предупреждений пока нет" in page.text
    moscow(clock, 22, 1)
    tick(engine, settings, clock, write)
    assert texts(to=ANNAS) == []


def test_a_warned_wish_can_be_stopped(anna, evening, engine, settings, clock, write, enter):
    moscow(clock, 22, 1)
    tick(engine, settings, clock, write)
    anna = enter(cast.ANNA)
    anna.get("/supervision")
    anna.get("/supervision/1/stop")
    assert "Предупреждений пока нет" in anna.submit("/supervision/1/stop").text


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"by": "25:00"}, "by"),
        ({"place": "999"}, "place"),
        ({"kind": "alarm"}, "kind"),
        ({"channel": "mail"}, "channel"),
        ({f"day-{day}": None for day in range(5)}, "weekdays"),
    ],
)
def test_a_bad_wish_is_refused_and_kept(anna, evening, fields, field):
    page = wish(anna, status=422, **({"by": "21:30"} | fields))
    assert set(page.errors) == {field} and "Такое" not in page.text


def test_the_same_wish_twice(anna, evening):
    assert "уже есть" in wish(anna, status=422).errors["form"]


def test_mail_is_offered_once_it_is_confirmed(anna, evening, write, clock, engine, settings):
    with write() as db:
        _, subscriber = find_by_number(db, cast.ANNA)
        subscriber.email_confirmed_at = clock.now()
        db.add(subscriber)
    wish(anna, channel="mail", by="21:00")
    assert "письмом" in anna.page.text


def test_a_strangers_wish_is_not_found(anna, boris, evening):
    boris.get("/keys/new")
    token = boris.page.form("/keys/new").fields["_csrf_token"]
    assert boris.client.post("/supervision/1/stop", data={"_csrf_token": token}).status_code == 404
    assert "к 22:00" in anna.get("/supervision").text and "к 22:00" not in boris.get("/supervision").text


def test_without_keys_the_page_leads_to_them(anna):
    assert anna.get("/supervision").links()["Добавить ключ"] == "/keys/new"
    assert anna.get("/supervision/new").links()["Добавить ключ"] == "/keys/new"


def test_who_wants_no_such_messages_gets_none(evening, engine, settings, clock, write, texts):
    with write() as db:
        _, subscriber = find_by_number(db, cast.ANNA)
        notification_preferences.save_choices(db, subscriber.id, {("supervision", "sms"): False})
    moscow(clock, 22, 1)
    tick(engine, settings, clock, write)
    assert texts(to=ANNAS) == []


def test_only_wishes_whose_hour_came_are_asked_about_and_once(evening, engine, settings, clock, write, db):
    def due(hour, minute=0, day=23):
        moscow(clock, hour, minute, day)
        db.rollback()
        return len(supervision.due_watches(db, clock.now()))

    assert [due(21, 59), due(22), due(23, 59), due(0, 30, 24), due(1, 1, 24)] == [0, 1, 1, 1, 0]
    moscow(clock, 22, 5)
    tick(engine, settings, clock, write)
    assert due(22, 6) == 0 and due(22, 0, 24) == 1 and due(22, 0, 28) == 0  # Saturday


def test_a_silent_station_is_asked_again_and_may_still_warn(evening, engine, settings, clock, write, texts):
    moscow(clock, 22, 5)
    supervision.send_warnings(engine, settings, clock.now())
    assert texts(to=ANNAS) == []
    moscow(clock, 22, 20)
    tick(engine, settings, clock, write)
    assert len(texts(to=ANNAS)) == 1
