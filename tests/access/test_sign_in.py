"""Sign-in and sign-out by password: limits, sessions, and no way to learn which contracts exist."""

import sqlite3
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


def test_a_link_to_the_desk_does_not_sign_a_subscriber_out(anna):
    anna.get("/")
    anna.client.get("/staff", follow_redirects=False)
    assert anna.client.get("/", follow_redirects=False).status_code == 200
