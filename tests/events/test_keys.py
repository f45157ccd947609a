"""Adding a key by its number, and what a stranger can learn by trying: nothing."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from db.events import key_claims, keys, station
from db.journal import Note
from rules.events.events import EventKind, StationReport
from tests.kit import cast
from tests.kit.site_keys import BORIS_KEY, MINE, UNKNOWN, add, bare, begin, settle
from tests.kit.station import opened, says


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
        key = keys.find_by_number(db, MINE)
        key.contract_id, key.held_since = keys.find_by_number(db, BORIS_KEY).contract_id, clock.now()
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
