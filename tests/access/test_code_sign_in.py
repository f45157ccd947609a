"""Sign-in by a code from an SMS: valid once, for the page that asked, within the limits."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.kit import cast


def code_in(texts, to):
    return next(text for text in reversed(texts(to)) if "код для входа" in text).split(": ")[1][:6]


def choose_codes(write):
    from db.people import contracts

    with write() as db:
        contracts.find_by_number(db, cast.ANNA)[1].entry = "sms"


def test_a_code_opens_home_once(browser, write, texts, visitor):
    choose_codes(write)
    browser.get("/login/code")
    page = browser.submit("/login/code", number="78000001")
    path, code = page.path, code_in(texts, "+79211234567")
    assert browser.submit(path, code=code).path == "/"
    other = visitor()
    other.get("/login/code")
    other.submit("/login/code", number="78000001")
    other.get(path, status=404)


def test_a_code_is_good_only_for_the_page_that_asked(browser, write, texts, visitor):
    choose_codes(write)
    browser.get("/login/code")
    first = browser.submit("/login/code", number="78000001").path
    code = code_in(texts, "+79211234567")
    browser.get("/login/code")
    second = browser.submit("/login/code", number="78000001").path
    newer = code_in(texts, "+79211234567")
    if newer != code:
        browser.get(second)
        browser.submit(second, code=code, status=422)
    thief = visitor()
    form = dict(browser.get(first).form(first).form_values())
    thief.get("/login")
    form["_csrf_token"] = thief.page.form("/login").form_values()[0][1]
    assert thief.client.post(first, data=form | {"code": code}).status_code == 404, (
        "the right code in another browser"
    )
    browser.get(first)
    assert browser.submit(first, code=code).path == "/"


def test_a_code_lives_ten_minutes(browser, write, texts, clock):
    choose_codes(write)
    browser.get("/login/code")
    page = browser.submit("/login/code", number="78000001")
    clock.forward(minutes=10, seconds=1)
    browser.submit(page.path, code=code_in(texts, "+79211234567"), status=422)


def test_no_code_is_sent_to_those_who_chose_a_password_and_the_page_does_not_tell(browser, texts, visitor):
    browser.get("/login/code")
    known = browser.submit("/login/code", number="78000001").text
    unknown_browser = visitor()
    unknown_browser.get("/login/code")
    unknown = unknown_browser.submit("/login/code", number="78999999").text
    assert known == unknown
    assert texts() == []


def test_sms_are_limited_per_contract(browser):
    for _ in range(3):
        browser.get("/login/code")
        browser.submit("/login/code", number="78000001")
    browser.get("/login/code")
    assert browser.submit("/login/code", number="78000001", status=429).response.headers["retry-after"]


def test_a_code_that_was_not_sent_opens_nothing(browser, write, monkeypatch, texts, settings):
    """For who enters by a password, and for who has had enough codes today: one is made all the same, and
    opens nothing.
    """
    from db.access import codes

    monkeypatch.setattr(codes.secrets, "randbelow", lambda _: 123456)
    browser.get("/login/code")
    browser.submit("/login/code", number="78000001")
    assert "не подошёл" in browser.submit(status=422, code="123456").errors["code"]
    choose_codes(write)
    settings.trusted_proxy, asked = True, settings.sms_per_hour
    for n in range(asked + 1):
        browser.client.headers["x-forwarded-for"] = f"203.0.113.{n}"
        browser.get("/login/code")
        browser.submit("/login/code", number="78000001")
    assert len(texts("+79211234567")) == asked
    assert "не подошёл" in browser.submit(status=422, code="123456").errors["code"]


def test_codes_asked_for_at_once_keep_the_limit(app, settings, texts, write):
    """Eight tabs at the same instant: what is counted is checked in the same transaction."""
    from concurrent.futures import ThreadPoolExecutor

    from sqlmodel import Session

    from db import writing
    from db.access import sign_in as access
    from db.access.entry_limits import Visitor
    from db.access.rate_limits import RateLimitExceeded

    asker = Visitor("10.0.0.1", "10.0.0.1", b"")

    def ask(_):
        with Session(app.state.engine) as db:
            try:
                with writing(db):
                    access.count_request(
                        db, settings, "login", str(cast.ANNA), asker, None, app.state.clock.now()
                    )
                return True
            except RateLimitExceeded:
                return False

    with ThreadPoolExecutor(8) as tabs:
        assert sum(tabs.map(ask, range(8))) == settings.sms_per_hour


@pytest.mark.parametrize("who", ["subscriber", "staff"])
def test_of_forty_wrong_tries_made_at_once_no_more_than_ten_are_answered(visitor, who):
    """The look at the password takes long, so all of them pass a check made before it."""
    path, names = (
        ("/login", ("number", "password")) if who == "subscriber" else ("/staff/login", ("login", "password"))
    )
    browsers = [visitor() for _ in range(8)]
    forms = [dict(one.get(path) and one.page.form(path).form_values()) for one in browsers]
    wrong = dict(zip(names, ("78000001" if who == "subscriber" else "ada", "нет такого пароля"), strict=True))
    start = threading.Barrier(len(browsers))

    def guess(n: int) -> list[int]:
        start.wait()
        return [browsers[n].client.post(path, data=forms[n] | wrong).status_code for _ in range(5)]

    with ThreadPoolExecutor(len(browsers)) as pool:
        answers = [status for found in pool.map(guess, range(len(browsers))) for status in found]
    assert (answers.count(422), answers.count(429)) == (10, 30)
