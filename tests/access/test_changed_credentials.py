"""A changed way of signing in is notified everywhere and leaves one session."""

import re

import pytest
from sqlmodel import Session, col, select

from db.access.security_notices import SecurityNotice
from db.journal import Note
from db.outbox import Message
from tests.kit import cast
from tests.kit.second_factor_steps import (  # noqa: F401 - fixtures
    MAIL,
    PHONE,
    application,
    declare,
    enrol,
    mailed,
    plain,
    remove,
    row,
    sign_in,
    six,
)
from tests.people.test_settings import confirm


def changed(anna, what, write, clock, texts):
    """Each way to change how one enters, by the person's own hands."""
    if what == "app-on":
        enrol(anna, write, clock)
    elif what == "app-off":
        enrol(anna, write, clock)
        remove(anna)
    elif what == "password":
        anna.get("/settings/password")
        anna.submit(current=cast.PASSWORD, password="другие слова про реку Неву")
    elif what == "codes":
        confirm(write, clock)
        anna.get("/settings/entry")
        anna.submit()
    elif what == "phone":
        anna.get("/settings/phone")
        anna.submit(phone="+79995550011")
        anna.submit(old=six(texts(to=PHONE)[-1]), new=six(texts(to="+79995550011")[-1]))


@pytest.mark.parametrize("what", ["app-on", "app-off", "password", "codes", "phone"])
def test_a_changed_way_of_entry_is_told_everywhere_and_leaves_one_session(
    anna, enter, mailed, write, clock, texts, settings, db, what
):
    other, cookie = enter(cast.ANNA), anna.client.cookies["cabinet"]
    changed(anna, what, write, clock, texts)
    sent = select(Message).where(Message.kind == "security").order_by(col(Message.id))
    told = [plain(one.text) for one in db.exec(sent)]
    last = db.exec(select(SecurityNotice).order_by(col(SecurityNotice.id).desc())).first()
    assert last.change == what
    assert told[-2:] == [f"{settings.brand}: {last.text} Если это не вы, позвоните: +7 812 326-17-20."] * 2
    channels = db.exec(select(Message.channel, Message.to).where(Message.kind == "security")).all()
    assert set(channels) == {("sms", PHONE), ("mail", MAIL)}
    assert other.get("/").heading == "Вход"
    assert anna.client.cookies["cabinet"] != cookie
    page = anna.get("/")
    assert page.path == "/" and last.text in page.text
    anna.submit("/notices/security/read")
    assert last.text not in anna.get("/").text and last.text in anna.get("/notices").text


def test_a_stolen_cookie_is_no_use_after_the_password_was_changed(anna, visitor):
    stolen = visitor()
    stolen.client.cookies.set("cabinet", anna.client.cookies["cabinet"])
    anna.get("/settings/password")
    anna.submit(current=cast.PASSWORD, password="другие слова про реку Неву")
    assert stolen.get("/").heading == "Вход" and anna.get("/").path == "/"


def test_a_recovered_password_is_told_and_a_first_one_is_not(visitor, texts, write, db):
    for number, phone in ((cast.ANNA, PHONE), (cast.VERA, "+79215550055")):
        browser = visitor()
        browser.get("/recover")
        browser.submit("/recover", number=str(number))
        password = re.search(r"кабинет (\S+) —", texts(phone)[-1])[1]
        browser.get("/login")
        browser.submit("/login", number=str(number), password=password)
        if browser.page.path == "/consent":
            browser.submit("/consent", consent="yes")
        browser.submit("/choose", entry="password", password="другие слова про реку Неву")
    assert "сменён по SMS" in texts(PHONE)[-1] and "сменён" not in texts("+79215550055")[-1]


def test_word_of_another_address_comes_to_the_phone(anna, mailed, write, clock, texts):
    confirm(write, clock)
    anna.get("/settings/email")
    anna.submit(email="new@example.ru")
    anna.get(re.search(r"/email/\S+", texts(to="new@example.ru")[-1])[0])
    anna.submit()
    assert "другой адрес почты" in texts(to=PHONE)[-1] and "другой адрес" in texts(to=MAIL)[-1]


def test_a_strangers_notice_is_not_marked_and_a_representative_sees_none(
    anna, boris, write, clock, engine, db
):
    enrol(anna, write, clock)
    boris.get("/")
    last = db.exec(select(SecurityNotice.id)).first()
    boris.client.post(
        "/notices/security/read", data=dict(boris.page.form("/logout").form_values()) | {"last": str(last)}
    )
    with Session(engine) as fresh:
        assert fresh.get(SecurityNotice, last).read_at is None and row(fresh).security_unread == 1


def test_the_journal_names_each_step(anna, application, visitor, texts, clock, db):
    browser = visitor()
    sign_in(browser)
    browser.submit("/login/app", status=422, code="000000")
    declare(browser, texts)
    anna.get("/")
    anna.submit("/settings/totp/lost/cancel")
    verbs = {note.verb for note in db.exec(select(Note))}
    assert {
        "access.first_step",
        "access.wrong_app_code",
        "second_factors.lost",
        "second_factors.keep",
    } <= verbs
