"""An application's codes: enrolled by a right code, good once, in place of an SMS."""

import pyotp

from db import contracts
from tests import cast
from tests.test_settings import confirm


def secret_on(page) -> str:
    return page.one("b.code").text.replace(" ", "")


def enrol(anna, write, clock) -> pyotp.TOTP:
    confirm(write, clock)
    totp = pyotp.TOTP(secret_on(anna.get("/settings/totp")))
    assert anna.submit(code=totp.at(clock.now())).path == "/settings"
    return totp


def test_enrolling_needs_a_code_by_sms_first(anna):
    assert anna.get("/settings/totp").path == "/confirm"


def test_a_right_code_enrols_and_confirms_from_then_on(anna, write, clock, texts):
    totp = enrol(anna, write, clock)
    clock.forward(minutes=11)
    assert "из приложения" in anna.get("/settings/export").text
    anna.submit("/confirm", code=totp.at(clock.now()))
    assert anna.page.heading == "Копия данных"


def test_a_code_opens_once(anna, enter, write, clock):
    totp = enrol(anna, write, clock)
    anna = enter(cast.ANNA)
    clock.forward(minutes=11)
    anna.get("/settings/export")
    anna.submit("/confirm", code=totp.at(clock.now()))
    other = enter(cast.ANNA)
    other.get("/settings/export")
    other.submit("/confirm", status=422, code=totp.at(clock.now()))


def test_a_wrong_code_enrols_nothing_and_keeps_the_same_picture(anna, write, clock, db):
    confirm(write, clock)
    secret = secret_on(anna.get("/settings/totp"))
    page = anna.submit(status=422, code="000000")
    assert secret_on(page) == secret and "code" in page.errors
    assert not contracts.numbered(db, cast.ANNA)[1].has_totp


def test_the_picture_says_what_the_key_says(anna, write, clock):
    confirm(write, clock)
    page = anna.get("/settings/totp")
    drawn = {name.lower() for name in page.one(".qr svg").attrib}
    assert "viewbox" in drawn and not drawn & {"width", "style"} and "style" not in page.one(".qr").attrib


def test_may_be_removed(anna, write, clock, db):
    enrol(anna, write, clock)
    anna.get("/settings/totp")
    token = anna.page.one("form[action='/logout'] [name=_csrf_token]").get("value")
    anna.client.post("/settings/totp", data={"_csrf_token": token, "remove": "1"})
    assert not contracts.numbered(db, cast.ANNA)[1].has_totp
