"""Adding a key by its number, and what a stranger can learn by trying: nothing."""

import re
from datetime import timedelta

import pytest
from sqlmodel import Session, delete, select

from db import writing
from db.events import key_claims, keys, station
from db.journal import Note
from rules.events.events import EventKind, StationReport
from tests.kit import cast
from tests.kit.browser import words
from tests.kit.station import opened, says

MINE, BORIS_KEY, UNKNOWN = "00010", "00020", "7777"


def add(browser, number, status=200, **fields):
    browser.get("/keys/new")
    return browser.submit("/keys/new", status=status, number=number, **fields)


def settle(engine, settings, clock):
    key_claims.decide_waiting_tries(engine, settings, clock.now())


def begin(browser) -> list[str]:
    """From the page of the number just added: the check begins; what the page tells to do at the panel, as
    kinds of events.
    """
    page = browser.submit(browser.page.path)
    kinds = {"Поставьте под охрану": "arm", "Снимите с охраны": "disarm"}
    return [kinds[words("".join(line.itertext()))] for line in page.tree.cssselect("#proof ol li")]


def do(write, clock, kinds, number="7777", pause=60):
    """Somebody at the panel does this, a minute between."""
    for kind in kinds:
        clock.forward(seconds=pause)
        says(write, clock, number, kind)


def test_a_key_of_the_registry_opens_at_once(anna, write, clock, texts):
    says(write, clock, MINE, "disarm", minutes=-5)
    page = add(anna, " 000-10 ", name="дом")
    assert page.path == "/events" and "Ключ добавлен" in page.text
    assert "Снятие" in page.text and "Квартира" in page.text
    assert texts(to="+79211234567") == [
        "К договору 78\u00a0000\u00a0001 добавлен ключ •••10. Не вы? Уберите в кабинете."
    ]
    assert all(len(text) <= 70 for text in texts())


def test_adding_is_journalled_without_the_number(anna, engine):
    add(anna, MINE)
    with Session(engine) as db:
        notes = db.exec(select(Note).where(Note.verb == "keys.add")).all()
    assert len(notes) == 1 and MINE not in notes[0].facts and "•••10" in notes[0].facts


def test_a_foreign_number_gets_the_very_answer_of_an_unknown_one(anna, boris, texts):
    foreign = add(anna, BORIS_KEY)
    list_foreign = anna.get("/keys").source
    unknown = add(boris, "00820")
    list_unknown = boris.get("/keys").source
    assert foreign.path.startswith("/keys/waiting/") and unknown.path.startswith("/keys/waiting/")
    assert bare(foreign.source) == bare(unknown.source)
    assert bare(list_foreign) == bare(list_unknown)
    assert texts() == []


def bare(source: str) -> str:
    """A page's main part without its one-time values and the number of the try."""
    main = source[source.index("<main") : source.index("</main>")]
    return re.sub(r'value="[^"]*"|/keys/waiting/\d+', "", main)


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


def again(browser, clock, write):
    """The same person, signed in anew: hours have passed."""
    browser.client.cookies.set(
        "cabinet",
        cast.signed_in(browser.client.app.state.engine, clock.now(), cast.ANNA),
        domain="testserver.local",
    )
    return browser


def begin_again(browser, place, clock, write) -> list[str]:
    again(browser, clock, write).get(place)
    return begin(browser)


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


def test_a_number_the_registry_learns_later_opens_by_itself(anna, write, clock, engine, settings):
    add(anna, UNKNOWN)
    with write() as db:
        contract = key_claims.waiting_tries(db)[0].contract_id
        db.add(keys.SiteKey(number=UNKNOWN, contract_id=contract))
    settle(engine, settings, clock)
    settle(engine, settings, clock)
    assert "•••77" in anna.get("/keys").text and "Ждёт проверки" not in anna.page.text


def test_the_sixth_try_of_a_day_is_refused_and_tomorrow_is_not(anna, enter, clock):
    for number in ("7001", "7002", "7003", "7004", "7005"):
        add(anna, number)
    page = add(anna, "7006", status=422)
    assert "завтра" in page.errors["number"] and page.one("#f-number").get("value") == "7006"
    assert "Ключ •••06" not in anna.get("/keys").text
    clock.forward(hours=12)
    assert add(enter(cast.ANNA), "7006").path == "/keys/waiting/6"


def test_the_same_number_twice(anna):
    add(anna, MINE)
    assert "уже добавлен" in add(anna, MINE, status=422).errors["number"]
    add(anna, UNKNOWN)
    assert "уже ждёт" in add(anna, UNKNOWN, status=422).errors["number"]


def test_a_double_click_is_one_try(anna, engine):
    page = anna.get("/keys/new")
    first = anna.submit("/keys/new", number=UNKNOWN)
    anna.page = page
    again = anna.submit("/keys/new", number=UNKNOWN)
    assert first.path == again.path == "/keys/waiting/1"
    with Session(engine) as db:
        assert len(key_claims.waiting_tries(db)) == 1


@pytest.mark.parametrize("number", ["", "12", "дача", "1" * 17, "1042'--", "<b>1042</b>"])
def test_what_is_no_number_is_said_at_the_field(anna, number):
    page = add(anna, number, status=422, name="дом")
    assert set(page.errors) == {"number"} and page.one("#f-name").get("value") == "дом"


def test_numbers_are_masked_everywhere_afterwards(anna, write, clock):
    add(anna, MINE)
    add(anna, UNKNOWN)
    for path in ("/keys", "/events", "/keys/1", "/keys/1/remove"):
        source = anna.get(path).source
        assert MINE not in source and UNKNOWN not in source


def test_strangers_keys_are_not_found(anna, boris, write, clock):
    opened(write, clock, BORIS_KEY)
    anna.get("/keys")
    for path in ("/keys/1", "/keys/1/remove", "/keys/999", "/keys/x", f"/keys/{2**63}"):
        anna.get(path, status=404)
    anna.get("/keys/new")
    token = anna.page.form("/keys/new").fields["_csrf_token"]
    for path in ("/keys/1", "/keys/1/remove"):
        assert anna.client.post(path, data={"_csrf_token": token, "name": "моё"}).status_code == 404
    assert "•••20" in boris.get("/keys").text


def test_users_and_zones_are_named_and_the_feed_says_so(anna, write, clock):
    opened(write, clock, MINE)
    says(write, clock, MINE, "disarm", minutes=-9, who="003")
    says(
        write, clock, MINE, "alarm", minutes=0, who="012"
    )  # this very second: people add a key with the panel before them
    page = anna.get("/keys/1")
    assert "Пользователь 3" in page.text and "Зона 12" in page.text
    anna.submit(
        "/keys/1", **{"user-3": "Анна", "zone-12": "кухня", "user": "7", "user_name": "сосед", "name": "дом"}
    )
    page = anna.get("/events")
    assert "Анна" in page.text and "кухня" in page.text and "пользователь 3" not in page.text
    page = anna.get("/keys/1")
    assert page.one("#f-user-7").get("value") == "сосед"
    anna.submit("/keys/1", **{"user-3": ""})
    assert "пользователь 3" in anna.get("/events").text


def test_a_long_name_is_refused_and_kept(anna, write, clock):
    opened(write, clock, MINE)
    anna.get("/keys/1")
    page = anna.submit("/keys/1", status=422, name="я" * 41, user="0", user_name="кто-то")
    assert "40" in page.errors["name"]
    page = anna.submit("/keys/1", status=422, name="дом", user="0", user_name="кто-то")
    assert "999" in page.errors["user"] and page.one("#f-user_name").get("value") == "кто-то"


def test_a_removed_key_shows_nothing_and_comes_back_by_its_number(anna, write, clock, texts):
    opened(write, clock, MINE)
    says(write, clock, MINE, "arm", minutes=-5)
    anna.get("/keys/1/remove")
    anna.submit("/keys/1/remove")
    assert "Ключей пока нет" in anna.page.text and "Постановка" not in anna.get("/events").text
    assert add(anna, MINE).path == "/events"


def test_a_key_the_registry_moved_shows_to_its_new_contract_only_and_from_then_on(anna, boris, write, clock):
    opened(write, clock, MINE)
    says(write, clock, MINE, "arm", hours=-3)
    with write() as db:
        key = keys.by_number(db, MINE)
        key.contract_id, key.held_since = keys.by_number(db, BORIS_KEY).contract_id, clock.now()
        db.add(key)
    clock.forward(minutes=5)
    says(write, clock, MINE, "disarm")
    assert "Ключей пока нет" in anna.get("/events").text
    add(boris, MINE)
    page = boris.get("/events")
    assert "Снятие" in page.text and "Постановка" not in page.text


def test_the_desk_opens_or_refuses(anna, boris, write, clock, texts):
    add(anna, UNKNOWN)
    add(boris, "8888")
    with write() as db:
        first, second = key_claims.waiting_tries(db)
        assert key_claims.grant(db, first, "desk", "staff:1", clock.now())
        assert not key_claims.grant(db, first, "desk", "staff:2", clock.now())
        assert key_claims.refuse(db, second, "staff:1", "Такого ключа у вас нет.", clock.now())
    assert "•••77" in anna.get("/keys").text and "Ждёт" not in anna.page.text
    assert "не подтвердился" in boris.get("/keys").text and "Такого ключа у вас нет." in boris.page.text
    assert len(texts()) == 1


def test_the_desk_cannot_give_a_key_away_from_its_contract(anna, write, clock):
    add(anna, BORIS_KEY)
    with write() as db:
        assert not key_claims.grant(db, key_claims.waiting_tries(db)[0], "desk", "staff:1", clock.now())
    assert "Ждёт проверки" in anna.get("/keys").text


def test_a_report_without_a_time_can_still_prove(anna, write, clock, engine, settings):
    add(anna, UNKNOWN)
    for kind in begin(anna):
        clock.forward(minutes=1)
        with write() as db:
            station.ingest(
                db,
                "пульт",
                [StationReport(UNKNOWN, None, {"arm": "R401", "disarm": "E401"}[kind], EventKind[kind])],
                clock.now(),
            )
    settle(engine, settings, clock)
    assert "Ждёт проверки" not in anna.get("/keys").text


def test_old_checks_are_forgotten(anna, write, clock):
    add(anna, UNKNOWN)
    begin(anna)
    with write() as db:
        key_claims.delete_old_challenges(db, clock.now() + timedelta(days=1))
        assert len(db.exec(select(key_claims.KeyChallenge)).all()) == 1
        key_claims.delete_old_challenges(db, clock.now() + timedelta(days=3))
        assert not db.exec(select(key_claims.KeyChallenge)).all()
