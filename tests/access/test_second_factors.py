"""Codes of an application: enrolled by a right code, each valid once, asked in place of an SMS."""

import re

import pytest
from sqlmodel import update

from db.access.sessions import SessionRow
from db.people import contracts
from tests.kit import cast
from tests.kit.second_factor_steps import (
    PHONE,
    application,  # noqa: F401 - fixtures
    enrol,
    remove,
    row,
    secret_on,
    sign_in,
    six,
)
from tests.people.test_settings import confirm


def test_enrolling_needs_a_code_by_sms_first(anna):
    assert anna.get("/settings/totp").path == "/confirm"


def test_a_right_code_enrols_and_confirms_from_then_on(anna, application, clock):
    assert "из приложения" in anna.get("/settings/export").text
    anna.submit("/confirm", code=application.at(clock.now()))
    assert anna.page.heading == "Копия данных"


def test_a_code_opens_once(anna, application, enter, clock):
    anna.get("/settings/export")
    anna.submit("/confirm", code=application.at(clock.now()))
    other = enter(cast.ANNA)
    other.get("/settings/export")
    other.submit("/confirm", status=422, code=application.at(clock.now()))


def test_a_wrong_code_enrols_nothing_and_keeps_the_same_picture(anna, write, clock, db):
    confirm(write, clock)
    secret = secret_on(anna.get("/settings/totp"))
    page = anna.submit(status=422, code="000000")
    assert secret_on(page) == secret and "code" in page.errors
    assert not row(db).has_totp


def test_the_picture_says_what_the_key_says(anna, write, clock):
    confirm(write, clock)
    page = anna.get("/settings/totp")
    drawn = {name.lower() for name in page.one(".qr svg").attrib}
    assert "viewbox" in drawn and not drawn & {"width", "style"} and "style" not in page.one(".qr").attrib


def test_may_be_removed(anna, write, clock, db):
    enrol(anna, write, clock)
    remove(anna)
    assert not row(db).has_totp


def test_an_sms_does_not_confirm_where_an_application_is_enrolled(anna, write, clock, texts, db):
    """A thief of the SIM card in a session left open: the code asked for before opens nothing, and none is
    sent any more.
    """
    anna.get("/settings/export")
    anna.submit("/confirm/send")
    sent = six(texts(to=PHONE)[-1])
    enrol(anna, write, clock)
    clock.forward(minutes=9, seconds=50)  # the code is still good, what confirmed the enrolment is taken back
    with write() as kept:
        kept.connection().execute(update(SessionRow).values(confirmed_at=None))
    before = len(texts(to=PHONE))
    assert anna.get("/settings/export").path == "/confirm"
    assert "code" in anna.submit("/confirm", status=422, code=sent).errors
    token = dict(anna.page.form("/logout").form_values())
    assert anna.client.post("/confirm/send", data=token).status_code == 422
    assert len(texts(to=PHONE)) == before
    assert anna.get("/settings/totp").path == "/confirm"
    anna.client.post("/settings/totp", data=token | {"remove": "1"})
    assert row(db).has_totp


def test_neither_a_password_nor_an_sms_signs_in_without_the_application(application, visitor, texts, clock):
    browser = visitor()
    assert sign_in(browser).heading == "Код из приложения"
    for path in ("/", "/settings", "/events", "/settings/export", "/payments", "/devices"):
        assert browser.get(path).heading == "Код из приложения"
    assert "Соколова" not in browser.get("/contacts").source and "78 000 001" not in browser.page.text
    browser.get("/login/app?next=/events")
    assert "code" in browser.submit("/login/app", status=422, code="000000").errors
    assert browser.submit("/login/app", code=application.at(clock.now())).path == "/events"


def test_a_code_by_sms_is_only_the_first_step_too(application, write, visitor, texts, clock):
    with write() as db:
        contracts.find_by_number(db, cast.ANNA)[1].entry = "sms"
    browser = visitor()
    browser.get("/login/code")
    browser.submit("/login/code", number=str(cast.ANNA))
    assert browser.submit(code=six(texts(to=PHONE)[-1])).heading == "Код из приложения"
    assert browser.submit("/login/app", code=application.at(clock.now())).path == "/"


def test_a_password_by_sms_leads_to_the_application_before_a_new_one_is_chosen(
    application, visitor, texts, clock, db
):
    browser, before = visitor(), row(db).password_hash
    browser.get("/recover")
    browser.submit("/recover", number=str(cast.ANNA))
    password = re.search(r"кабинет (\S+) —", texts(PHONE)[-1])[1]
    assert sign_in(browser, password).heading == "Код из приложения"
    assert browser.get("/choose").heading == "Код из приложения"
    token = dict(browser.page.form("/logout").form_values())
    browser.client.post(
        "/choose", data=token | {"entry": "password", "password": "пароль вора у моста ночью"}
    )
    assert row(db).password_hash == before
    browser.get("/login/app")
    assert browser.submit("/login/app", code=application.at(clock.now())).path == "/choose"


def test_ten_wrong_codes_close_the_second_step_and_a_right_password_does_not_open_it(
    application, visitor, clock
):
    browser = visitor()
    for n in range(10):
        if n % 4 == 0:
            sign_in(browser)
        browser.submit("/login/app", status=422, code="000000")
    sign_in(browser)
    browser.submit("/login/app", status=429, code=application.at(clock.now()))
    clock.forward(minutes=16)
    browser.get("/login/app")
    assert browser.submit("/login/app", code=application.at(clock.now())).path == "/"


def test_the_second_step_changes_the_cookie(application, visitor, clock):
    browser = visitor()
    sign_in(browser)
    half = browser.client.cookies["cabinet"]
    browser.submit("/login/app", code=application.at(clock.now()))
    planted = visitor()
    planted.client.cookies.set("cabinet", half)
    assert planted.get("/").heading == "Вход"


@pytest.mark.parametrize(
    "path", ["/settings/phone", "/settings/password", "/settings/entry", "/settings/email"]
)
def test_what_moves_the_entry_asks_the_application_first(anna, application, path):
    page = anna.get(path)
    assert page.path == "/confirm" and "из приложения" in page.text


def test_two_sms_do_not_move_the_phone_past_the_application(anna, write, clock, texts, db):
    """Codes asked for before it was enrolled, and the forms sent without their pages."""
    anna.get("/settings/phone")
    anna.submit(phone="+79995550011")
    old, new = six(texts(to=PHONE)[-1]), six(texts(to="+79995550011")[-1])
    enrol(anna, write, clock)
    anna.client.get("/settings")
    token = dict(anna.get("/settings").form("/logout").form_values())
    anna.client.post("/settings/phone/codes", data=token | {"old": old, "new": new})
    clock.forward(minutes=11)
    sent = len(texts(to="+79995550011"))
    anna.client.post("/settings/phone", data=token | {"phone": "+79995550011"})
    assert row(db).mobile == PHONE and len(texts(to="+79995550011")) == sent
