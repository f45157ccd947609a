"""A button for an SMS pressed twice sends one; pressed again later, another."""

import pytest

from db.people import contracts
from tests.kit import cast
from tests.kit.requests import SOON, fill

HER_PHONE = "+79211234567"


@pytest.fixture
def codes_only(write):
    """Anna enters by codes."""
    with write() as db:
        owner = contracts.find_by_number(db, cast.ANNA)[1]
        owner.entry, owner.password_hash = "sms", None
        db.add(owner)


def press_twice(browser, path=None, **fields):
    """Both answers of one page's form; the second is what the browser shows."""
    page = browser.page
    first = browser.submit(path, **fields)
    browser.page = page
    return first, browser.submit(path, **fields)


def test_a_code_to_enter_comes_once_and_opens_the_page_shown(visitor, codes_only, texts, clock):
    browser = visitor()
    browser.get("/login/code")
    first, second = press_twice(browser, number="78000001")
    assert first.path == second.path and len(texts(HER_PHONE)) == 1
    page = browser.submit(code=texts(HER_PHONE)[-1].split(": ")[1][:6])
    assert page.path == "/"


def test_asked_for_again_later_it_comes_again(visitor, codes_only, texts, clock):
    browser = visitor()
    browser.get("/login/code")
    page = browser.page
    browser.submit(number="78000001")
    clock.forward(seconds=21)
    browser.page = page
    browser.submit(number="78000001")
    assert len(texts(HER_PHONE)) == 2
    assert browser.submit(code=texts(HER_PHONE)[-1].split(": ")[1][:6]).path == "/"


def test_another_number_on_the_same_page_is_another_wish(visitor, codes_only, texts):
    browser = visitor()
    browser.get("/login/code")
    page = browser.page
    browser.submit(number="78000002")
    browser.page = page
    browser.submit(number="78000001")
    assert len(texts(HER_PHONE)) == 1


def test_a_confirmation_is_sent_once(anna, texts):
    anna.get("/confirm?next=/autopay/new")
    press_twice(anna, "/confirm/send")
    assert len(texts(HER_PHONE)) == 1
    assert "автоплатежа" in texts(HER_PHONE)[-1]
    assert anna.submit("/confirm", code=texts(HER_PHONE)[-1].split(": ")[1][:6]).path == "/autopay/new"


def test_a_code_to_a_new_number_for_alarms_is_sent_once(anna, texts):
    page = fill(anna, "sms_on", mobile="+7 921 555-66-77", day=SOON)
    press_twice(anna, page.path + "/code")
    assert len(texts("+79215556677")) == 1


def test_a_password_to_recover_is_sent_once(visitor, texts):
    browser = visitor()
    browser.get("/recover")
    press_twice(browser, number="78000001")
    assert len(texts(HER_PHONE)) == 1
