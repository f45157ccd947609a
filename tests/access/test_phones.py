"""The authorisation phone moves only when both numbers answer; a lost one goes to the desk."""

import re

from db.people import contracts
from db.requests import requests
from tests.kit import cast

OLD, NEW = "+79211234567", "+79995550011"


def code(texts, to: str) -> str:
    return re.search(r"\d{6}", texts(to=to)[-1])[0]


def mobile(db) -> str:
    db.rollback()
    return contracts.find_by_number(db, cast.ANNA)[1].mobile


def ask(anna):
    anna.get("/settings/phone")
    return anna.submit(phone="8 999 555-00-11")


def test_moves_by_a_code_to_each_number_and_ends_other_sessions(anna, enter, texts, db):
    other = enter(cast.ANNA)
    assert ask(anna).heading == "Коды с двух телефонов"
    anna.submit(old=code(texts, OLD), new=code(texts, NEW))
    assert mobile(db) == NEW and other.get("/").heading == "Вход"
    assert "перенесён на другой номер" in texts(to=OLD)[-1]


def test_one_right_code_is_not_enough_and_is_not_spent(anna, texts, db):
    ask(anna)
    page = anna.submit(status=422, old=code(texts, OLD), new="000000")
    assert list(page.errors) == ["new"] and mobile(db) == OLD
    anna.submit(old=code(texts, OLD), new=code(texts, NEW))
    assert mobile(db) == NEW


def test_five_wrong_tries_close_a_code(anna, texts, db):
    ask(anna)
    for _ in range(5):
        anna.submit(status=422, old="000000", new=code(texts, NEW))
    anna.submit(status=422, old=code(texts, OLD), new=code(texts, NEW))
    assert mobile(db) == OLD


def test_codes_die_in_ten_minutes(anna, texts, clock, db):
    ask(anna)
    clock.forward(minutes=11)
    anna.submit(status=422, old=code(texts, OLD), new=code(texts, NEW))
    assert mobile(db) == OLD


def test_another_session_cannot_use_these_codes(anna, enter, texts, db):
    ask(anna)
    assert enter(cast.ANNA).get("/settings/phone/codes").path == "/settings/phone"


def test_refuses_the_present_number_and_a_landline(anna):
    anna.get("/settings/phone")
    assert "нынешний" in anna.submit(status=422, phone="+7 921 123-45-67").errors["phone"]
    assert "городской" in anna.submit(status=422, phone="+7 812 326-17-20").errors["phone"]


def test_codes_cannot_be_asked_for_without_end(anna, settings):
    for _ in range(settings.sms_per_hour):
        ask(anna)
    anna.get("/settings/phone")
    anna.submit(status=429, phone="8 999 555-00-11")


def test_a_lost_number_becomes_a_request_and_changes_nothing(anna, db):
    anna.get("/settings/phone/lost")
    page = anna.submit(phone="8 999 555-00-11")
    assert page.path.startswith("/inbox/") and "555-00-11" in page.text and mobile(db) == OLD
    asked = requests.list_requests(db, 1)[0]
    assert asked.kind == "letter" and "555-00-11" in asked.payload["text"]
