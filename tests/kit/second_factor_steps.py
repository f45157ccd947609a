"""Steps with an authenticator application and with a changed way of signing in."""

import re

import pyotp
import pytest

from db.people import contracts
from tests.kit import cast
from tests.people.test_settings import confirm

PHONE, MAIL = "+79211234567", "p-1@example.ru"


def secret_on(page) -> str:
    return page.one("b.code").text.replace(" ", "")


def enrol(anna, write, clock) -> pyotp.TOTP:
    confirm(write, clock)
    totp = pyotp.TOTP(secret_on(anna.get("/settings/totp")))
    assert anna.submit(code=totp.at(clock.now())).path == "/settings"
    return totp


def row(db):
    db.rollback()
    return contracts.find_by_number(db, cast.ANNA)[1]


def six(words: str) -> str:
    return re.search(r"\d{6}", words)[0]


@pytest.fixture
def mailed(write, clock):
    """Confirm Anna's e-mail address."""
    with write() as db:
        contracts.find_by_number(db, cast.ANNA)[1].email_confirmed_at = clock.now()


@pytest.fixture
def application(anna, write, clock):
    """Enrol Anna's authenticator application in her own browser some time ago."""
    found = enrol(anna, write, clock)
    clock.forward(minutes=11)
    return found


def token(browser) -> dict[str, str]:
    """Return the CSRF field for a form sent without opening its page."""
    return {
        "_csrf_token": next(
            value for name, value in browser.client.cookies.items() if name.startswith("csrf-")
        )
    }


def sign_in(browser, password=cast.PASSWORD):
    browser.get("/login")
    return browser.submit("/login", number=str(cast.ANNA), password=password)


def plain(words: str) -> str:
    return words.replace("\u00a0", " ")


def declare(browser, texts, password=cast.PASSWORD, status=200):
    """Declare the application lost, with an SMS and a password."""
    browser.get("/settings/totp/lost")
    browser.submit("/settings/totp/lost/code")
    return browser.submit(
        "/settings/totp/lost", status=status, code=six(texts(to=PHONE)[-1]), password=password
    )


def remove(anna):
    anna.get("/settings/totp")
    token = anna.page.one("form[action='/logout'] [name=_csrf_token]").get("value")
    return anna.client.post("/settings/totp", data={"_csrf_token": token, "remove": "1"})
