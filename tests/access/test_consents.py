"""The consent is asked of whoever has entered, whatever way led in, and nothing opens before it; alarms go
on.
"""

import re

import pytest
from sqlmodel import select, update

from db.access import acceptances
from db.access.acceptances import Acceptance
from db.journal import Note
from db.people import contracts
from rules import accepted_texts as rule
from rules.accepted_texts import Text
from tests.access.test_code_sign_in import choose_codes, code_in
from tests.access.test_passwords import new_password, recover
from tests.access.test_registrations import password_in, register
from tests.access.test_sign_in import sign_in
from tests.kit import cast
from tests.kit.representative_steps import OLGA, give
from tests.kit.station import opened, says

TITLE = "Согласие на обработку персональных данных"


@pytest.fixture
def without(write):
    """Nobody has given any consent, as after an upgrade of a file whose consents stood before the entry."""
    with write() as db:
        db.connection().execute(update(Acceptance).values(signed_in=0))


def given(db) -> list[Acceptance]:
    db.rollback()
    return list(
        db.exec(
            select(Acceptance)
            .where(Acceptance.signed_in == 1, Acceptance.name.startswith("consent"))
            .order_by(Acceptance.id)
        )
    )


def by_password(browser, texts, write):
    sign_in(browser)


def by_code(browser, texts, write):
    choose_codes(write)
    browser.get("/login/code")
    page = browser.submit("/login/code", number="78000001")
    browser.submit(page.path, code=code_in(texts, "+79211234567"))


def by_recovery(browser, texts, write):
    recover(browser)
    sign_in(browser, password=new_password(texts))


def by_registration(browser, texts, write):
    register(browser)
    sign_in(browser, number="78000005", password=password_in(texts))


@pytest.mark.parametrize("way", [by_password, by_code, by_recovery, by_registration])
def test_whatever_way_led_in_the_consent_is_asked_and_nothing_else_opens(
    browser, texts, write, without, way, db
):
    way(browser, texts, write)
    assert browser.page.heading == TITLE and given(db) == []
    for path in ("/", "/settings", "/choose", "/statement.pdf", "/confirm", "/payments/operator", "/devices"):
        assert browser.get(path).path == "/consent", path
    assert browser.get("/contacts").heading == "Контакты" and browser.get("/help").status == 200
    browser.get("/consent")
    assert browser.submit("/consent", consent="yes").path in ("/", "/choose")
    kept = given(db)
    assert [(one.name, one.version) for one in kept] == [("consent", rule.current_version("consent"))]
    assert db.exec(select(Note.verb).where(Note.verb == "consents.accept")).all() == ["consents.accept"]


def test_it_is_not_ticked_beforehand_and_without_it_nothing_is_kept(browser, without, db):
    page = sign_in(browser)
    assert page.one("[name=consent]").get("checked") is None
    assert "согласия" in browser.submit("/consent", status=422).errors["consent"]
    assert given(db) == [] and browser.get("/").path == "/consent"


def test_the_way_one_was_going_is_gone_on_with(browser, without):
    browser.get("/devices")
    browser.submit("/login", number="78000001", password=cast.PASSWORD)
    assert browser.submit("/consent", consent="yes").path == "/devices"


def test_a_foreign_address_after_it_is_ignored(browser, without):
    sign_in(browser)
    assert browser.submit("/consent", consent="yes", next="//evil.example/").path == "/"


def test_declining_signs_out(browser, without):
    sign_in(browser)
    assert browser.submit("/logout").path == "/login"
    assert browser.get("/").path == "/login"


def test_given_once_it_is_not_asked_again(browser, visitor, without):
    sign_in(browser)
    browser.submit("/consent", consent="yes")
    assert sign_in(visitor()).path == "/"
    assert browser.get("/consent").path == "/"


def test_pressed_twice_it_is_given_once(browser, without, db):
    sign_in(browser)
    form = dict(browser.page.form("/consent").form_values()) | {"consent": "yes"}
    for _ in range(2):
        assert browser.client.post("/consent", data=form).status_code == 200
    assert len(given(db)) == 1


def test_a_new_version_is_asked_at_the_next_entry(browser, visitor, monkeypatch, db):
    sign_in(browser)
    newer = {**rule.all_texts(), ("consent", 9): Text("consent", 9, "# Новое согласие\n\nСлова.")}
    monkeypatch.setattr(rule, "all_texts", lambda: newer)
    assert browser.get("/").path == "/", "who is inside goes on"
    again = visitor()
    assert sign_in(again).heading == "Новое согласие"
    again.submit("/consent", consent="yes")
    assert [one.version for one in given(db) if one.subscriber_id == 1] == [2, 9]


def test_what_a_stranger_ticked_before_the_entry_proves_nothing(browser, write, db, clock):
    """As earlier releases kept it: the row stays, and is not taken for the person's own."""
    with write() as kept:
        vera = contracts.find_by_number(kept, cast.VERA)[1]
        kept.add(
            Acceptance(
                subscriber_id=vera.id,
                name="consent",
                version=1,
                sha256="x",
                at=clock.now(),
                address="203.0.113.1",
            )
        )
    assert not acceptances.has_consent(db, vera.id)


def test_alarms_go_on_meanwhile(browser, write, clock, texts, without):
    with write() as db:
        contract = contracts.find_by_number(db, cast.ANNA)[0]
        cast.service(db, contract, "sms", "SMS", 15_000, contract.signed_on, mobile="+79211234567")
    opened(write, clock, "00010")
    sign_in(browser)
    says(write, clock, "00010", "alarm")
    assert "Тревога" in texts("+79211234567")[-1]
    assert browser.get("/").path == "/consent"


def test_a_representative_consents_for_themselves(anna, visitor, write, clock, texts, db):
    give(anna, write, clock)
    before = len(given(db))
    olga = visitor()
    olga.get("/login/representative")
    olga.submit(number="78 000 001", phone="8 999 555-00-11")
    page = olga.submit(code=re.search(r"\d{6}", texts(to=OLGA)[-1])[0])
    assert (
        page.heading == "Согласие представителя на обработку персональных данных"
        and "Ольга Соколова" in page.text
    )
    assert olga.get("/events").path == "/consent"
    olga.get("/consent")
    assert olga.submit("/consent", consent="yes").heading == "Главная"
    own = given(db)[before:]
    assert [(one.name, one.subscriber_id, one.representative_id) for one in own] == [
        ("consent_representative", 1, 1)
    ]


def test_staff_are_not_asked(enter):
    assert enter("maria").get("/consent").path in ("/staff/login", "/login")


def test_the_journal_says_it_in_words(browser, without, db, enter):
    sign_in(browser)
    browser.submit("/consent", consent="yes")
    assert "дано согласие на обработку данных" in enter("ada").get("/staff/journal").text
