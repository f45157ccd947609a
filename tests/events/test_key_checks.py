"""The check at the panel that proves a key number, and what a stranger can learn by it: nothing."""

from datetime import timedelta

import pytest
from sqlmodel import Session, delete, select

from db import writing
from db.events import key_claims, keys
from tests.kit.site_keys import BORIS_KEY, MINE, UNKNOWN, add, again, bare, begin, begin_again, do, settle
from tests.kit.station import says


def test_the_check_of_a_foreign_number_tells_nothing(
    anna, boris, write, clock, engine, settings, monkeypatch
):
    """Every page of the check is the same for a number that lives and for one that does not: begun, heard and
    expired.
    """
    monkeypatch.setattr("secrets.choice", lambda some: some[0])
    seen = []
    for person, number in ((anna, BORIS_KEY), (boris, "00820")):
        add(person, number)
        begin(person)
        seen.append([bare(person.page.source)])
    says(write, clock, BORIS_KEY, "arm", minutes=1)
    says(write, clock, BORIS_KEY, "disarm", minutes=2)
    says(write, clock, BORIS_KEY, "arm", minutes=3)
    for minutes in (4, 2):
        clock.forward(minutes=minutes)
        settle(engine, settings, clock)
        for person, pages in zip((anna, boris), seen, strict=True):
            pages.append(bare(person.get(person.page.path).source))
    assert seen[0] == seen[1] and "Пять минут прошли" in anna.page.text


def test_the_true_owners_disarm_does_not_open_a_foreign_number(anna, write, clock, engine, settings):
    add(anna, BORIS_KEY)
    begin(anna)
    clock.forward(minutes=3)
    says(write, clock, BORIS_KEY, "disarm")
    settle(engine, settings, clock)
    assert "Ждёт проверки" in anna.get("/keys").text
    assert "Ключ ждёт проверки" in anna.get("/events").text


def test_the_true_owners_life_does_not_open_an_unknown_number_to_a_stranger(
    anna, write, clock, engine, settings
):
    """The stranger begins a check whenever the owner is about to come or go, all five of the day, for three
    days.
    """
    add(anna, UNKNOWN)
    place = anna.page.path
    for _ in range(3):
        for kind in ("arm", "disarm", "arm", "disarm", "arm"):
            stranger = begin_again(anna, place, clock, write)
            assert len(stranger) == 3
            clock.forward(minutes=2)
            says(write, clock, UNKNOWN, kind)
            settle(engine, settings, clock)
            clock.forward(minutes=2, hours=1)
            settle(engine, settings, clock)
        clock.forward(hours=19)
    assert "Ждёт проверки" in again(anna, clock, write).get("/keys").text
    with Session(engine) as db:
        assert len(key_claims.waiting_tries(db)) == 1 and not db.exec(select(keys.AddedKey)).all()


def test_without_a_check_nothing_done_at_the_panel_opens(anna, write, clock, engine, settings):
    add(anna, UNKNOWN)
    do(write, clock, ("arm", "disarm", "arm", "disarm"))
    settle(engine, settings, clock)
    assert "Ждёт проверки" in anna.get("/keys").text


def test_a_number_of_the_registry_that_its_owner_has_not_opened_is_foreign_too(boris, write, engine):
    add(boris, MINE)
    with Session(engine) as db:
        assert [one.outcome for one in key_claims.waiting_tries(db)] == ["foreign"]


def test_what_we_told_done_within_five_minutes_proves_an_unknown_number(
    anna, write, clock, engine, settings, texts
):
    page = add(anna, UNKNOWN, name="дача")
    assert "дача" in page.text and "Ключ •••77" in page.text
    order = begin(anna)
    assert "до 12:05, именно в этом порядке" in anna.page.text and len(order) == 3
    place = anna.page.path
    do(write, clock, order[:2])
    settle(engine, settings, clock)
    assert "до 12:05" in anna.get(place).text, "two of three open nothing"
    do(write, clock, order[2:])
    settle(engine, settings, clock)
    assert "Ключ подтверждён" in anna.get(place).text
    page = anna.get("/events")
    assert "Снятие" in page.text and "Постановка" in page.text
    assert "•••77" in texts(to="+79211234567")[0]


def test_both_orders_are_asked_for(anna, clock, engine):
    add(anna, UNKNOWN)
    place, seen = anna.page.path, set()
    for _ in range(40):
        with Session(engine) as db, writing(db):
            tried = key_claims.waiting_tries(db)[0]
            seen.add(key_claims.begin_challenge(db, tried, clock.now()).sequence)
            db.exec(delete(key_claims.KeyChallenge))
    assert seen == {"arm disarm arm", "disarm arm disarm"} and place


def test_the_other_order_proves_nothing(anna, write, clock, engine, settings):
    add(anna, UNKNOWN)
    order = begin(anna)
    do(write, clock, [{"arm": "disarm", "disarm": "arm"}[one] for one in order])
    settle(engine, settings, clock)
    assert "Ждёт проверки" in anna.get("/keys").text


def test_what_the_key_said_before_it_was_proved_stays_hidden(anna, write, clock, engine, settings):
    says(write, clock, UNKNOWN, "alarm", hours=-2)
    add(anna, UNKNOWN)
    do(write, clock, begin(anna))
    settle(engine, settings, clock)
    page = anna.get("/events")
    assert "Постановка" in page.text and "Тревога" not in page.text.replace("тревоги", "")


@pytest.mark.parametrize("pause", [101, 299])
def test_too_slow_proves_nothing_and_the_page_says_what_to_do(anna, write, clock, engine, settings, pause):
    add(anna, UNKNOWN)
    place = anna.page.path
    do(write, clock, begin(anna), pause=pause)
    settle(engine, settings, clock)
    page = anna.get(place)
    assert "Пять минут прошли" in page.text and "Сегодня можно начать ещё: 4" in page.text
    do(write, clock, begin(anna))
    settle(engine, settings, clock)
    assert "Ключ подтверждён" in anna.get(place).text


def test_what_was_done_in_time_and_reached_us_late_still_proves_but_not_an_hour_later(
    anna, write, clock, engine, settings
):
    add(anna, UNKNOWN)
    place, start = anna.page.path, clock.now()
    order = begin(anna)
    clock.forward(minutes=8)
    for number, kind in enumerate(order, 1):
        says(write, clock, UNKNOWN, kind, at=start + timedelta(minutes=number))
    clock.forward(hours=1)
    settle(engine, settings, clock)
    assert "Пять минут прошли" in again(anna, clock, write).get(place).text
    clock.at = start + timedelta(minutes=9)
    settle(engine, settings, clock)
    assert "Ключ подтверждён" in anna.get(place).text


def test_five_checks_a_day_and_a_second_press_is_the_same_check(anna, clock):
    add(anna, UNKNOWN)
    place = anna.page.path
    first = begin(anna)
    for _ in range(3):
        token = anna.page.one("form[action='/logout'] [name=_csrf_token]").get("value")
        anna.client.post(place, data={"_csrf_token": token})
    assert len(first) == 3
    for left in (4, 3, 2, 1):
        clock.forward(minutes=6)
        assert f"ещё: {left}" in anna.get(place).text
        begin(anna)
    clock.forward(minutes=6)
    page = anna.get(place)
    assert "пять проверок" in page.text and not [form for form in page.forms() if form.get("action") == place]
    token = page.one("form[action='/logout'] [name=_csrf_token]").get("value")
    answer = anna.client.post(place, data={"_csrf_token": token})
    assert answer.status_code == 422 and "завтра" in answer.text


def test_without_a_script_the_page_of_a_running_check_looks_again_by_itself(anna, clock):
    add(anna, UNKNOWN)
    assert not anna.page.tree.cssselect("noscript meta[http-equiv=refresh]")
    begin(anna)
    assert anna.page.one("noscript meta[http-equiv=refresh]").get("content") == "10"
    clock.forward(minutes=6)
    assert not anna.get(anna.page.path).tree.cssselect("noscript meta[http-equiv=refresh]")


def test_two_contracts_waiting_for_one_number_are_left_to_the_desk(
    anna, boris, write, clock, engine, settings
):
    add(anna, UNKNOWN)
    order = begin(anna)
    add(boris, UNKNOWN)
    do(write, clock, order)
    settle(engine, settings, clock)
    assert "Ждёт проверки" in anna.get("/keys").text and "Ждёт проверки" in boris.get("/keys").text
