"""An application's codes: enrolled by a right code, good once, asked in place of an SMS; a lost one goes
after a day.
"""

import re

import pyotp
import pytest
from sqlmodel import Session, col, select, update

from db.access import second_factors
from db.access.security_notices import SecurityNotice
from db.access.sessions import SessionRow
from db.journal import Note
from db.outbox import Message
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
    """Anna's address is confirmed."""
    with write() as db:
        contracts.find_by_number(db, cast.ANNA)[1].email_confirmed_at = clock.now()


@pytest.fixture
def application(anna, write, clock):
    """Anna's application, enrolled in her own browser a while ago."""
    found = enrol(anna, write, clock)
    clock.forward(minutes=11)
    return found


def token(browser) -> dict[str, str]:
    """What a form sent without its page needs."""
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
    """Say that the application is lost, as far as an SMS and a password go."""
    browser.get("/settings/totp/lost")
    browser.submit("/settings/totp/lost/code")
    return browser.submit(
        "/settings/totp/lost", status=status, code=six(texts(to=PHONE)[-1]), password=password
    )


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


def remove(anna):
    anna.get("/settings/totp")
    token = anna.page.one("form[action='/logout'] [name=_csrf_token]").get("value")
    return anna.client.post("/settings/totp", data={"_csrf_token": token, "remove": "1"})


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
