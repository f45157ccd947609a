"""Entering and leaving: what fits is let in, what does not is told why, and nobody learns whose contract
exists.
"""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from sqlmodel import SQLModel

from tests.kit import cast, engines


def sign_in(browser, number="78 000 001", password=cast.PASSWORD, status=200):
    browser.get("/login")
    return browser.submit("/login", number=number, password=password, status=status)


def test_an_own_password_opens_home(browser):
    page = sign_in(browser, "78-000 001")
    assert page.path == "/"
    assert "Соколова Анна Игоревна" in page.text


def test_a_stranger_is_sent_to_the_entry_and_back(browser):
    page = browser.get("/devices")
    assert page.path == "/login"
    assert browser.submit("/login", number="78000001", password=cast.PASSWORD).path == "/devices"


def test_a_foreign_address_to_go_back_to_is_ignored(browser):
    browser.get("/login?next=//evil.example/")
    assert browser.submit("/login", number="78000001", password=cast.PASSWORD).path == "/"


def test_wrong_password_and_unknown_contract_are_answered_alike(browser):
    known = sign_in(browser, "78000001", "не тот пароль вовсе", status=422)
    known_text = known.text
    unknown = sign_in(browser, "78999999", "не тот пароль вовсе", status=422)
    assert known_text == unknown.text.replace("78999999", "78000001")
    assert known.errors == unknown.errors and "password" in known.errors


def test_what_was_typed_stays_but_never_the_password(browser):
    page = sign_in(browser, "78 00", "тайное слово", status=422)
    assert page.one("#f-number").get("value") == "78 00"
    assert "тайное слово" not in page.source
    assert "восемь цифр" in page.errors["number"]


def test_the_eleventh_try_is_stopped_even_after_a_restart(browser, settings, visitor):
    for _ in range(10):
        sign_in(browser, password="нет такого пароля", status=422)
    page = sign_in(visitor(), status=429)
    assert int(page.response.headers["retry-after"]) > 0
    assert "Неверный пароль ввели десять раз за четверть часа. Следующая попытка — в 12:15." in page.text


def test_another_person_is_not_hindered(browser, visitor):
    for _ in range(11):
        browser.get("/login")
        hidden = dict(browser.page.form("/login").form_values())
        browser.client.post("/login", data=hidden | {"number": "78000001", "password": "x"})
    assert sign_in(visitor(), "78000002").path == "/"


def test_the_limit_wears_off(browser, clock):
    for _ in range(10):
        sign_in(browser, password="нет такого пароля", status=422)
    clock.forward(minutes=16)
    assert sign_in(browser).path == "/"


def test_a_planted_cookie_gains_nothing(browser, visitor):
    browser.client.cookies.set("cabinet", "attackerfixed")
    sign_in(browser)
    thief = visitor()
    thief.client.cookies.set("cabinet", "attackerfixed")
    assert thief.get("/").path == "/login"


def test_the_cookie_is_kept_only_as_a_hash(browser, db):
    from sqlmodel import select

    from db.access.sessions import SessionRow

    sign_in(browser)
    token = browser.client.cookies["cabinet"]
    assert all(token.encode() not in row.token_hash for row in db.exec(select(SessionRow)))


def test_leaving_ends_the_session_for_good(anna):
    anna.get("/")
    token = anna.client.cookies["cabinet"]
    assert anna.submit("/logout").path == "/login"
    anna.client.cookies.set("cabinet", token)
    assert anna.get("/").path == "/login"


def test_leaving_twice_is_no_error(anna, visitor):
    anna.get("/")
    form = dict(anna.page.form("/logout").form_values())
    assert anna.client.post("/logout", data=form, follow_redirects=True).status_code == 200
    assert anna.client.post("/logout", data=form, follow_redirects=True).status_code == 200


def test_a_session_left_alone_ends(anna, clock):
    clock.forward(minutes=31)
    assert anna.get("/").path == "/login"


def test_a_session_in_use_ends_after_twelve_hours(anna, clock):
    for _ in range(12 * 3 - 1):
        clock.forward(minutes=20)
        assert anna.get("/").path == "/"
    clock.forward(minutes=20)
    assert anna.get("/").path == "/login"


@pytest.fixture
def version(engine):
    """What tells whether anybody has written since: the file's own number, or the newest writer of every
    table.
    """
    if engines.SERVER:
        tables = [f'"{table.name}"' for table in SQLModel.metadata.sorted_tables]

        def read():
            with engine.connect() as db:
                return [
                    db.exec_driver_sql(f"SELECT count(*), max(xmin::text::bigint) FROM {one}").one()
                    for one in tables
                ]

        yield read
        return
    with closing(sqlite3.connect(engine.url.database)) as beside:

        def read():
            beside.execute("SELECT count(*) FROM session").fetchone()  # the number is renewed by reading
            return beside.execute("PRAGMA data_version").fetchone()

        yield read


def test_an_unchanged_request_writes_nothing(anna, version):
    anna.get("/")
    before = version()
    anna.get("/")
    assert version() == before
    anna.get("/requests/new/letter")
    anna.submit(text="Здравствуйте")
    assert version() != before
    anna.get("/")
    assert "set-cookie" not in anna.page.response.headers


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


def test_a_link_to_the_desk_does_not_sign_a_subscriber_out(anna):
    anna.get("/")
    anna.client.get("/staff", follow_redirects=False)
    assert anna.client.get("/", follow_redirects=False).status_code == 200
