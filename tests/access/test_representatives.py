"""A representative acts by their own phone, within the rights granted, until the last day and not a minute
after.
"""

import re

import pytest
from itsdangerous import URLSafeTimedSerializer
from sqlmodel import select

from db.access import representatives
from db.journal import Note
from db.people import contracts
from tests.events.test_alarms import alarm
from tests.kit import cast
from tests.kit.representative_steps import OLGA, enter_as_olga, give
from tests.people.test_settings import confirm


def test_giving_rights_needs_a_code(anna):
    assert anna.get("/settings/representatives/new").path == "/confirm"


def test_a_representative_enters_by_their_own_phone_and_sees_the_contract(anna, visitor, write, clock, texts):
    assert "Ольга Соколова" in give(anna, write, clock).text
    assert "/login/representative" in texts(to=OLGA)[-1]
    assert "вы дали доступ" in texts(to="+79211234567")[-1]
    olga = enter_as_olga(visitor, texts)
    assert olga.page.heading == "Главная"
    assert "Ольга Соколова" in olga.page.text and "представляет: Соколова Анна Игоревна" in olga.page.text


OWNERS = ["/settings", "/settings/representatives", "/devices", "/autopay", "/confirm", "/settings/export"]


@pytest.mark.parametrize("path", OWNERS)
def test_what_is_the_owners_is_closed_to_a_representative(anna, visitor, write, clock, texts, path):
    give(anna, write, clock)
    olga = enter_as_olga(visitor, texts)
    assert olga.get(path, status=403).heading == "Сюда нельзя"


def test_only_the_rights_given_open_pages_and_the_rest_is_not_shown(anna, visitor, write, clock, texts):
    give(anna, write, clock, rights=["events"])
    olga = enter_as_olga(visitor, texts)
    links = set(olga.get("/").links().values())
    assert "/events" in links and not links & {
        "/payments/new",
        "/statement",
        "/inbox",
        "/requests/new",
        "/settings",
    }
    assert "Баланс" not in olga.page.text
    olga.get("/events")
    for path in (
        "/payments/new",
        "/statement",
        "/statement.csv",
        "/inbox",
        "/requests/new",
        "/requests/new/letter",
    ):
        olga.get(path, status=403)


def test_refund_and_termination_stay_the_owners(anna, visitor, write, clock, texts):
    give(anna, write, clock, rights=["requests"])
    olga = enter_as_olga(visitor, texts)
    olga.get("/requests/new/letter")
    for kind in ("refund", "terminate"):
        olga.get(f"/requests/new/{kind}", status=403)


def test_a_doubled_slash_is_the_same_address(anna, visitor, write, clock, texts):
    """The door sees the path as the router has read it, so spelling it otherwise opens nothing."""
    give(anna, write, clock, rights=["requests"])
    olga = enter_as_olga(visitor, texts)
    for path in ("//requests/new/refund", "/requests//new/terminate", "///requests/new//refund/"):
        assert olga.client.get("http://testserver.local" + path).status_code == 403, path


def test_who_only_looks_at_events_turns_off_no_warning_and_gets_no_filled_paper(
    anna, visitor, write, clock, texts
):
    give(anna, write, clock, rights=["events"])
    olga = enter_as_olga(visitor, texts)
    assert "/supervision/new" not in olga.get("/supervision").links().values()
    token = olga.page.one("form[action='/logout'] [name=_csrf_token]").get("value")
    for path in ("/supervision/new", "/supervision/1/stop"):
        assert olga.client.post(path, data={"_csrf_token": token}).status_code == 403
    assert olga.client.get("/blanks/refund.pdf").status_code == 403
    assert not [href for href in olga.get("/blanks").links().values() if href.startswith("/blanks/refund")]


def test_one_phone_gets_few_messages_whoever_asks(anna, boris, visitor, write, clock, texts):
    """Invitations to it count together, whoever gives the rights: 3 an hour. Its own entry is another
    purpose.
    """
    confirm(write, clock, cast.BORIS)
    for n in range(2):
        give(anna, write, clock, until=f"2026-12-1{n}")
    for n, status in ((3, 200), (4, 429)):
        boris.get("/settings/representatives/new")
        page = boris.submit(
            name="Ольга", phone=OLGA, until=f"2026-12-1{n}", status=status, **{"right-pay": "1"}
        )
    assert "За час отправили три SMS. Следующая — в 13:00." in page.text and len(texts(to=OLGA)) == 3
    enter_as_olga(visitor, texts)
    assert len(texts(to=OLGA)) == 4


def test_what_is_said_once_names_nobody(anna, settings, write, clock):
    """The flash lies in a cookie for two minutes, signed but not sealed."""
    confirm(write, clock)
    anna.get("/settings/representatives/new")
    typed = {"name": "Ольга Соколова", "phone": OLGA, "until": "2026-12-31", "right-pay": "1"}
    form = dict(anna.page.form().form_values()) | typed
    answer = anna.client.post("/settings/representatives/new", data=form, follow_redirects=False)
    said = URLSafeTimedSerializer(settings.secrets, salt="flash").loads(answer.cookies["flash"])
    assert answer.status_code == 303 and "входит" in said and "Ольга" not in said


def test_rights_taken_back_close_the_open_page_at_once(anna, visitor, write, clock, texts):
    give(anna, write, clock)
    olga = enter_as_olga(visitor, texts)
    page = anna.get("/settings/representatives")
    action = next(form.get("action") for form in page.forms() if "/take" in (form.get("action") or ""))
    assert "Права отозваны" in anna.submit(action).text
    assert olga.get("/").heading == "Вход"


def test_rights_end_with_their_day(anna, visitor, write, clock, texts):
    give(anna, write, clock, until="2026-11-23")
    olga = enter_as_olga(visitor, texts)
    clock.at = clock.at.replace(hour=20, minute=40)
    assert enter_as_olga(visitor, texts).page.heading == "Главная"
    clock.forward(minutes=25)  # past midnight in Moscow
    assert olga.get("/").heading == "Вход"


def test_the_door_says_the_same_to_whom_nothing_was_given(visitor, texts):
    stranger = visitor()
    stranger.get("/login/representative")
    page = stranger.submit(number="78 000 001", phone="8 999 555-00-11")
    assert page.heading == "Код представителя" and texts(to=OLGA) == []
    assert "не подошёл" in stranger.submit(status=422, code="123456").errors["code"]


def test_a_code_sent_before_rights_were_taken_opens_nothing(anna, visitor, write, clock, texts, db):
    give(anna, write, clock)
    olga = visitor()
    olga.get("/login/representative")
    olga.submit(number="78000001", phone=OLGA)
    found = re.search(r"(\d{6}) —", texts(to=OLGA)[-1])
    with write() as kept:
        representatives.revoke(kept, representatives.list_representatives(kept, 1)[0], clock.now())
    assert "прав больше нет" in olga.submit(status=422, code=found[1]).errors["code"]


def test_the_journal_and_the_owner_see_who_did_what(anna, visitor, write, clock, texts, db):
    give(anna, write, clock)
    enter_as_olga(visitor, texts)
    actors = db.exec(select(Note.actor).where(Note.verb == "access.sign_in")).all()
    assert actors == ["subscriber:1/1"]
    assert "Ольга Соколова: абонент вошёл" in anna.get("/settings/representatives").text


def test_an_owner_does_not_end_or_see_a_representatives_devices_as_their_own(
    anna, visitor, write, clock, texts
):
    give(anna, write, clock)
    enter_as_olga(visitor, texts)
    page = anna.get("/devices")
    assert len([form for form in page.forms() if (form.get("action") or "").endswith("/end")]) == 1


def test_a_company_with_several_contracts_lets_its_person_switch(enter, visitor, write, clock, texts):
    leto = enter(cast.LETO)
    confirm(write, clock, cast.LETO)
    leto.get("/settings/representatives/new")
    leto.submit(name="Пётр", phone="8 999 555-00-11", until="2026-12-31", **{"right-pay": "1"})
    petr = enter_as_olga(visitor, texts, "78 000 003")
    page = petr.submit("/contracts/current", contract=str(contract_id(write, cast.LETO_TOO)))
    assert "78 000 004" in page.text
    petr.client.post("/contracts/current", data={"contract": str(contract_id(write, cast.ANNA))})
    assert "78 000 001" not in petr.get("/").text


def contract_id(write, number):
    with write() as db:
        return contracts.find_by_number(db, number)[0].id


def test_a_stranger_cannot_take_anothers_representative_away(anna, boris, write, clock, db):
    give(anna, write, clock)
    row = representatives.list_representatives(db, 1)[0]
    boris.get("/settings/representatives")
    token = boris.page.one("form[action='/logout'] [name=_csrf_token]").get("value")
    answer = boris.client.post(f"/settings/representatives/{row.id}/take", data={"_csrf_token": token})
    assert answer.status_code == 404


def test_a_double_click_gives_once_and_tells_once(anna, write, clock, texts, db):
    give(anna, write, clock)
    told = len(texts(to=OLGA)), len(texts(to="+79211234567"))
    give(anna, write, clock)
    assert (len(texts(to=OLGA)), len(texts(to="+79211234567"))) == told
    assert len(representatives.list_representatives(db, 1)) == 1
    give(anna, write, clock, rights=["pay"])
    db.rollback()
    assert [one.rights for one in representatives.list_representatives(db, 1) if not one.taken_at] == ["pay"]


def test_a_role_is_given_by_its_name_and_shown_by_it(anna, visitor, write, clock, texts):
    confirm(write, clock)
    page = anna.get("/settings/representatives/new")
    assert "приостановить канал связи" in page.text, "what stays the owner's is said"
    page = anna.submit(
        name="Ольга Соколова", phone="8 999 555-00-11", until="2026-12-31", role="accountant", status=200
    )
    assert "Бухгалтер: платить" in page.text
    olga = enter_as_olga(visitor, texts)
    for path in ("/payments/new", "/statement", "/receipts", "/payments"):
        olga.get(path)
    for path in ("/events", "/inbox", "/requests/new"):
        olga.get(path, status=403)


def test_who_guards_sees_events_and_answers_an_alarm(anna, visitor, write, clock, texts):
    place = alarm(anna, write, clock)
    confirm(write, clock)
    anna.get("/settings/representatives/new")
    anna.submit(name="Ольга Соколова", phone="8 999 555-00-11", until="2026-12-31", role="guard")
    olga = enter_as_olga(visitor, texts)
    olga.get(place)
    assert "Сработал кот" in olga.submit(place, text="Сработал кот, всё в порядке.").text
    for path in ("/payments/new", "/statement", "/inbox"):
        olga.get(path, status=403)


def test_a_wrong_choice_keeps_what_was_typed(anna, write, clock):
    confirm(write, clock)
    anna.get("/settings/representatives/new")
    page = anna.submit(
        status=422, name="Ольга", phone=OLGA, until="2026-12-31", role="guard", **{"right-pay": "1"}
    )
    assert set(page.errors) == {"rights"} and page.one("[value=guard]").get("checked") is not None
    assert (
        page.one("[name=right-pay]").get("checked") is not None
        and page.one("#f-name").get("value") == "Ольга"
    )
