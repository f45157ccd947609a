"""A new number for alarms is confirmed by a code of its own, besides the owner's."""

from datetime import timedelta

import pytest
from sqlmodel import select

from db.people.services import Service
from db.requests import requests
from db.requests.requests import Request
from rules import phones
from rules.requests import kinds
from rules.requests.kinds import KINDS
from tests.kit import cast
from tests.kit.owners import (
    ANNAS,
    NEW,
    TYPED,
    alerted,
    sms,  # noqa: F401 - fixtures
    ticked,
)
from tests.kit.representative_steps import enter_as_olga, give
from tests.kit.requests import LATER, SOON, fill, newest_code, number_of, past_the_code, send, the


def test_a_new_number_for_alarms_answers_with_a_code_of_its_own(anna, clock, db, engine, sms, texts):
    page = fill(anna, "sms_number", **TYPED["sms_number"])
    assert "Отправить код" in page.text and texts(to=NEW) == []
    page = anna.submit(page.path, status=422, rules="1")
    assert set(page.errors) == {"number_code"} and page.one("[name=rules]").get("checked") is not None
    anna.submit(page.path + "/code")
    code = newest_code(anna, NEW)
    own = newest_code(anna, ANNAS)
    assert "сообщения о тревогах" in texts(to=NEW)[-1]
    page = anna.submit(page.path, status=422, rules="1", number_code=own if own != code else "000000")
    assert set(page.errors) == {"number_code"}
    row = the(db, number_of(anna.submit(page.path, rules="1", number_code=code)))
    assert row.payload["new_mobile"] == NEW and "66-77" in alerted(engine)[-1].text


def test_the_two_codes_only_open_together(anna, clock, db, sms):
    page = fill(anna, "sms_number", **TYPED["sms_number"])
    clock.forward(minutes=9)
    anna.submit(page.path + "/code")
    clock.forward(seconds=30)
    form = ticked(anna, "sms_number") | {"number_code": newest_code(anna, NEW)}
    clock.forward(seconds=45)  # the owner's own code is ten minutes old, the new number's is not
    answer = anna.client.post(page.path, data=form, follow_redirects=False)
    assert answer.headers["location"].startswith("/confirm") and db.exec(select(Request)).all() == []


def test_five_wrong_tries_spend_the_code_of_a_new_number(anna, db, sms):
    page = fill(anna, "sms_number", **TYPED["sms_number"])
    anna.submit(page.path + "/code")
    code = newest_code(anna, NEW)
    for _ in range(5):
        anna.submit(page.path, status=422, rules="1", number_code=f"{(int(code) + 1) % 1_000_000:06}")
    anna.submit(page.path, status=422, rules="1", number_code=code)
    assert db.exec(select(Request)).all() == []


def test_a_code_for_one_number_confirms_no_other(anna, db, sms):
    page = fill(anna, "sms_number", **TYPED["sms_number"])
    anna.submit(page.path + "/code")
    code = newest_code(anna, NEW)
    anna.get(f"/requests/new/sms_number?draft={page.path.rsplit('/', 1)[1]}")
    page = anna.submit("/requests/new/sms_number", mobile=ANNAS, new_mobile="8 921 000-11-22")
    anna.submit(page.path, status=422, rules="1", number_code=code)
    assert db.exec(select(Request)).all() == []


def test_alarms_to_the_sign_in_phone_need_no_second_code_and_to_another_need_both(anna, db, engine):
    page = fill(anna, "sms_on", code=False, mobile=ANNAS, day=SOON)
    assert page.heading == "Проверьте и отправьте" and "Код с нового номера" not in page.text
    page = fill(anna, "sms_on", code=False, mobile=NEW, day=SOON)
    assert page.path == "/confirm"
    page = past_the_code(anna)
    anna.submit(page.path + "/code")
    row = the(db, number_of(anna.submit(page.path, rules="1", number_code=newest_code(anna, NEW))))
    assert row.state == "approved" and "66-77" in alerted(engine)[-1].text


def test_who_acts_for_the_owner_turns_sms_on_to_the_owners_phone_only(anna, visitor, write, clock, texts, db):
    give(anna, write, clock)
    olga = enter_as_olga(visitor, texts)
    page = olga.get("/requests/new/sms_on")
    assert page.one("#f-mobile").get("value") in (None, ""), "the owner's phone is not told"
    page = olga.submit(status=422, mobile=NEW, day=SOON)
    assert "только на телефон абонента" in page.errors["mobile"] and "45-67" in page.errors["mobile"]
    page = olga.submit(mobile=ANNAS, day=SOON)
    assert the(db, number_of(olga.submit(rules="1"))).state == "approved"


@pytest.mark.parametrize(
    "number", ["8 800 555-35-35", "8 809 505-12-34", "+7 701 123-45-67", "8 812 326-17-20"]
)
def test_alarms_go_only_to_a_russian_mobile(anna, sms, number):
    page = fill(anna, "sms_number", status=422, mobile=ANNAS, new_mobile=number)
    assert "SMS" in page.errors["new_mobile"] or "нет" in page.errors["new_mobile"]
    assert page.one("#f-new_mobile").get("value") == number
    with pytest.raises(kinds.Refused):
        phones.parse(number)


def test_every_kind_that_names_a_number_for_alarms_says_where():
    assert {"sms_on", "sms_number"} == {name for name, kind in KINDS.items() if kind.alarm_number}
    assert kinds.number_to_confirm("sms_on", {"mobile": NEW}, ANNAS) == NEW
    assert kinds.number_to_confirm("sms_on", {"mobile": ANNAS}, ANNAS) is None
    assert kinds.number_to_confirm("sms_off", {"mobile": NEW}, ANNAS) is None
    assert kinds.owner_only("sms_on", {"mobile": NEW}, None)


def test_a_service_keeps_its_number_until_the_request_is_approved(anna, db, sms, engine):
    page = fill(anna, "sms_number", **TYPED["sms_number"])
    anna.submit(page.path + "/code")
    number = number_of(anna.submit(page.path, rules="1", number_code=newest_code(anna, NEW)))
    assert db.get(Service, sms).mobile == ANNAS and requests.sender(db, the(db, number)) == "subscriber:1"


def test_a_companys_owner_is_whoever_holds_its_phone(enter, visitor, write, clock, texts, engine):
    leto = enter(cast.LETO)
    page = fill(leto, "suspend", code=False, first=SOON, last=LATER)
    assert page.path == "/confirm"
    past_the_code(leto)
    leto.submit(rules="1", safety="1")
    assert len(alerted(engine, "+79219990033")) == 1


def test_the_hour_of_asking_is_the_hour_of_the_message(anna, clock, engine):
    send(anna, "suspend", first=SOON, last=LATER)
    clock.forward(days=3)
    [told] = alerted(engine)
    assert told.put_at == clock.now() - timedelta(days=3)
