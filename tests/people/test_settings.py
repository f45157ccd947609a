"""Settings as a person changes them: contact phones, what to be told, the password."""

import pytest
from sqlmodel import Session, select

from db import outbox
from db.access import sessions
from db.journal import Note
from db.people import notification_preferences, subscribers
from db.people.contracts import Contract
from tests.kit import cast


def anna_row(db) -> subscribers.Subscriber:
    from db.people import contracts

    return contracts.find_by_number(db, cast.ANNA)[1]


def test_shows_what_the_contract_says_of_the_subscriber(anna):
    page = anna.get("/settings")
    for words in ("Соколова Анна Игоревна", "78 000 001", "+7 921 123-45-67", "p-1@example.ru"):
        assert words in page.text


def test_keeps_contact_phones_in_any_usual_spelling(anna, db):
    anna.get("/settings/contacts")
    page = anna.submit(contact_mobile="8 (921) 765-43-21", landline="8 812 326 17 20")
    assert page.path == "/settings" and "+7 921 765-43-21" in page.text and "+7 812 326-17-20" in page.text
    row = anna_row(db)
    assert (row.contact_mobile, row.landline, row.mobile) == ("+79217654321", "+78123261720", "+79211234567")


def test_refuses_a_phone_that_cannot_be_and_keeps_what_was_typed(anna, db):
    anna.get("/settings/contacts")
    page = anna.submit(status=422, contact_mobile="12345", landline="+7 812 326-17-20")
    assert "contact_mobile" in page.errors and page.one("#f-contact_mobile").get("value") == "12345"
    assert anna_row(db).contact_mobile == "+79211234567"


def test_a_contact_phone_may_be_left_empty(anna, db):
    anna.get("/settings/contacts")
    anna.submit(contact_mobile="", landline="")
    assert anna_row(db).contact_mobile is None


def test_a_choice_of_channels_is_what_writers_are_told(anna, db, clock, write):
    with write() as kept:
        row = anna_row(kept)
        row.email_confirmed_at = clock.now()
        kept.add(row)
    who = anna_row(db).id
    assert notification_preferences.wanted_channels(db, who, "answer") == ["sms"]
    anna.get("/settings/choices")
    anna.submit(**{"answer-sms": None, "answer-mail": "1"})
    db.rollback()
    assert notification_preferences.wanted_channels(db, who, "answer") == ["mail"]
    page = anna.get("/settings/choices")
    assert page.one("[name=answer-mail]").get("checked") is not None
    assert page.one("[name=answer-sms]").get("checked") is None


def test_nothing_chosen_means_nothing_sent(anna, db, clock):
    anna.get("/settings/choices")
    anna.submit(**{"answer-sms": None, "answer-mail": None})
    assert notification_preferences.wanted_channels(db, anna_row(db).id, "answer") == []


def test_alarms_cannot_be_refused_while_the_sms_service_is_paid_for(anna, db, clock, write):
    with write() as kept:
        contract = kept.get(Contract, 1)
        cast.service(kept, contract, "sms", "SMS", 15_000, contract.signed_on, mobile="+79211234567")
    page = anna.get("/settings/choices")
    assert page.one("[name=alarm-sms]").get("disabled") is not None
    anna.submit(**{"alarm-sms": None, "arming-sms": None})
    assert notification_preferences.wanted_channels(db, anna_row(db).id, "alarm", clock.now()) == ["sms"]
    assert notification_preferences.wanted_channels(db, anna_row(db).id, "arming", clock.now()) == []


def test_alarms_by_sms_may_be_refused_without_the_service(anna, db, clock):
    anna.get("/settings/choices")
    anna.submit(**{"alarm-sms": None})
    assert notification_preferences.wanted_channels(db, anna_row(db).id, "alarm", clock.now()) == []


def test_mail_is_not_sent_to_an_address_nobody_confirmed(db):
    assert notification_preferences.wanted_channels(db, anna_row(db).id, "money") == ["sms"]


NO_HOURS = [("25:00", "7:00", "since"), ("23:00", "23:00", "until"), ("23", "", "until")]


@pytest.mark.parametrize(("since", "until", "field"), NO_HOURS)
def test_refuses_quiet_hours_that_are_none(anna, since, until, field):
    anna.get("/settings/choices")
    assert field in anna.submit(status=422, since=since, until=until).errors


def test_quiet_hours_are_shown_again(anna):
    anna.get("/settings/choices")
    anna.submit(since="23", until="7:30")
    page = anna.get("/settings/choices")
    assert (page.one("#f-since").get("value"), page.one("#f-until").get("value")) == ("23:00", "07:30")


def test_a_new_password_needs_the_present_one_and_ends_other_sessions(anna, enter, texts, db):
    other = enter(cast.ANNA)
    anna.get("/settings/password")
    assert (
        "current" in anna.submit(status=422, current="не тот пароль", password="семь лодок у причала").errors
    )
    assert "password" in anna.submit(status=422, current=cast.PASSWORD, password="короткий").errors
    assert anna.submit(current=cast.PASSWORD, password="семь лодок у причала").path == "/settings"
    assert other.get("/").heading == "Вход" and anna.get("/").heading == "Главная"
    assert "Пароль от кабинета сменён" in texts(to="+79211234567")[-1]


def test_wrong_present_passwords_are_counted(anna, settings):
    anna.get("/settings/password")
    for _ in range(settings.wrong_passwords):
        anna.submit(status=422, current="не тот", password="семь лодок у причала")
    anna.submit(status=429, current=cast.PASSWORD, password="семь лодок у причала")


def test_those_who_enter_by_codes_confirm_by_a_code_instead(anna, write, clock):
    with write() as db:
        row = anna_row(db)
        row.entry, row.password_hash = "sms", None
        db.add(row)
    assert anna.get("/settings/password").path == "/confirm"
    confirm(write, clock)
    anna.get("/settings/password")
    assert anna.submit(password="семь лодок у причала").path == "/settings"


def test_one_may_go_over_to_codes(anna, write, clock, db):
    assert anna.get("/settings/entry").path == "/confirm"
    confirm(write, clock)
    anna.get("/settings/entry")
    anna.submit()
    assert (anna_row(db).entry, anna_row(db).password_hash) == ("sms", None)


def test_each_change_is_in_the_journal(anna, engine):
    anna.get("/settings/contacts")
    anna.submit(landline="")
    with Session(engine) as db:
        assert db.exec(select(Note.actor).where(Note.verb == "settings.contacts")).all() == ["subscriber:1"]


def test_the_first_steps_stand_on_home_once(enter, write, db):
    with write() as kept:
        row = anna_row(kept)
        row.welcome = 1
        kept.add(row)
    anna = enter(cast.ANNA)
    assert "С чего начать" in anna.get("/").text
    anna.submit("/welcome")
    assert "С чего начать" not in anna.get("/").text


def confirm(write, clock, number=cast.ANNA):
    """This subscriber's sessions count as confirmed by a code just now."""
    from sqlmodel import col, update

    from db.people import contracts

    with write() as db:
        who = contracts.find_by_number(db, number)[1]
        mine = col(sessions.SessionRow.subscriber_id) == who.id
        db.connection().execute(update(sessions.SessionRow).where(mine).values(confirmed_at=clock.now()))


def test_a_message_goes_over_every_channel_wanted(anna, write, clock, engine):
    with write() as db:
        row = anna_row(db)
        row.email_confirmed_at = clock.now()
        db.add(row)
    with write() as db:
        notification_preferences.notify(
            db, anna_row(db).id, "money", "Оплата не прошла.", clock.now(), subject="Автоплатёж"
        )
    with Session(engine) as db:
        assert {(one.channel, one.subject) for one in outbox.latest_messages(db, 2)} == {
            ("sms", None),
            ("mail", "Автоплатёж"),
        }
