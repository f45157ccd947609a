"""A lost application is removed a day after it was reported and everyone concerned was notified."""

from sqlmodel import select

from db.access import second_factors
from db.journal import Note
from db.people import contracts
from tests.kit import cast
from tests.kit.second_factor_steps import (  # noqa: F401 - fixtures
    MAIL,
    PHONE,
    application,
    declare,
    mailed,
    plain,
    row,
    sign_in,
    six,
    token,
)


def test_a_lost_application_goes_a_day_after_everybody_concerned_was_told(
    anna, mailed, application, visitor, texts, engine, settings, clock, db
):
    thief = visitor()
    sign_in(thief)
    page = declare(thief, texts)
    assert "24 ноября 2026, 12:11" in page.text and row(db).has_totp
    for to in (PHONE, MAIL):
        assert texts(to=to)[-1].startswith(settings.brand) and "24 ноября" in plain(texts(to=to)[-1])
    assert "отключим приложение с кодами" in anna.get("/events").text  # on whatever page the owner is
    clock.forward(hours=23, minutes=59)
    second_factors.remove_lost(engine, settings, clock.now())
    assert row(db).has_totp and sign_in(thief).heading == "Код из приложения"
    clock.forward(minutes=2)
    second_factors.remove_lost(engine, settings, clock.now())
    assert not row(db).has_totp and row(db).app_off_at is None
    assert "отключено" in texts(to=PHONE)[-1] and "отключено" in texts(to=MAIL)[-1]
    assert anna.get("/").heading == "Вход"
    assert sign_in(visitor()).path == "/"


def test_an_sms_without_the_password_declares_nothing(application, visitor, texts, db):
    thief = visitor()
    sign_in(thief)
    assert "password" in declare(thief, texts, password="не тот пароль", status=422).errors
    assert row(db).app_off_at is None
    thief.submit("/settings/totp/lost", status=422, code="000000", password=cast.PASSWORD)
    assert row(db).app_off_at is None


def test_declared_twice_it_is_the_same_moment_and_one_message(anna, application, texts, clock, db):
    declare(anna, texts)
    until, sent = row(db).app_off_at, len(texts(to=PHONE))
    clock.forward(minutes=20)
    token = dict(anna.page.form("/logout").form_values())
    answer = anna.client.post("/settings/totp/lost/code", data=token)
    assert answer.status_code == 200, answer.text
    code = six(texts(to=PHONE)[-1])
    anna.client.post("/settings/totp/lost", data=token | {"code": code, "password": cast.PASSWORD})
    assert (row(db).app_off_at, len(texts(to=PHONE))) == (until, sent + 1)


def test_a_live_session_cancels_it(anna, mailed, application, visitor, texts, engine, settings, clock, db):
    thief = visitor()
    sign_in(thief)
    declare(thief, texts)
    anna.get("/")
    anna.submit("/settings/totp/lost/cancel")
    assert row(db).app_off_at is None and "остаётся" in texts(to=MAIL)[-1]
    clock.forward(hours=25)
    second_factors.remove_lost(engine, settings, clock.now())
    assert row(db).has_totp


def test_half_an_entry_cancels_nothing(application, visitor, texts, db):
    thief = visitor()
    sign_in(thief)
    declare(thief, texts)
    until = row(db).app_off_at
    thief.client.post("/settings/totp/lost/cancel", data=token(thief))
    assert row(db).app_off_at == until


def test_its_own_code_cancels_it(application, visitor, texts, clock, db):
    browser = visitor()
    sign_in(browser)
    declare(browser, texts)
    browser.get("/login/app")
    browser.submit("/login/app", code=application.at(clock.now()))
    assert row(db).app_off_at is None and row(db).has_totp


def test_who_enters_by_codes_has_no_password_to_give(application, write, anna, texts, db):
    with write() as kept:
        contracts.find_by_number(kept, cast.ANNA)[1].entry = "sms"
    anna.get("/settings/totp/lost")
    assert not anna.page.tree.cssselect("[name=password]")
    declare(anna, texts, password=None)
    assert row(db).app_off_at


def test_without_an_application_there_is_nothing_to_lose(anna):
    assert anna.get("/settings/totp/lost").path == "/settings"


def test_who_lost_the_password_too_goes_to_the_desk_and_waits_the_same_day(
    application, enter, visitor, texts, db, mailed
):
    maria = enter("maria")
    maria.get("/staff/subscribers/1")
    maria.get(maria.page.links()["Приложение с кодами"])
    for typed in ("да", "паспорт 4012 345678, показан в офисе"):
        assert "identity" in maria.submit(status=422, identity=typed).errors
        assert maria.page.one("#f-identity").get("value") == typed
    page = maria.submit(identity="паспорт показан в офисе")
    assert "будет отключено" in page.text and row(db).app_off_at and row(db).has_totp
    assert "отключим" in texts(to=PHONE)[-1] and "отключим" in texts(to=MAIL)[-1]
    noted = next(note for note in db.exec(select(Note)) if note.verb == "second_factors.lost")
    assert (
        noted.actor.startswith("staff:")
        and noted.subscriber_id == row(db).id
        and "паспорт показан" in noted.facts
    )
    enter("alexey").get("/staff/subscribers/1/application", status=403)


def test_the_desk_has_nothing_to_remove_where_nothing_is_enrolled(enter, db):
    maria = enter("maria")
    assert "не подключено" in maria.get("/staff/subscribers/2/application").text
    typed = token(maria) | {"identity": "паспорт показан в офисе"}
    assert maria.client.post("/staff/subscribers/2/application", data=typed).status_code == 422
    maria.get("/staff/subscribers/999/application", status=404)
