"""A form sent after the session ended: why, the sign-in, and the form again with what was typed."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from db.access import unsent_forms
from db.access.unsent_forms import UnsentForm
from rules.access.sessions import ended_words
from tests.kit import cast

LETTER = "/requests/new/letter"
TEXT = "Кнопка у двери не нажимается со вторника, пришлите мастера."


def sign_in(browser, number=cast.ANNA):
    return browser.submit("/login", number=str(number), password=cast.PASSWORD)


@pytest.fixture
def late(anna, clock):
    """Anna's letter is typed, and half an hour passes."""
    anna.get(LETTER)
    clock.forward(minutes=31)
    return anna


def test_the_letter_is_there_again_after_the_sign_in(late):
    page = late.submit(text=TEXT)
    assert page.path == "/login"
    assert "Сеанс закончился: полчаса без действий." in page.text and "сохранено" in page.text
    page = sign_in(late)
    assert page.path == LETTER
    assert page.one("[name=text]").text.strip() == TEXT
    assert "Проверьте" in late.submit().text


def test_it_is_sealed_and_has_no_secrets(late, db):
    late.submit(text=TEXT, password="не для хранения")
    row = db.exec(select(UnsentForm)).one()
    assert TEXT not in (row.fields_sealed or "")
    assert unsent_forms.read_fields(db, row).keys() == {"text"}


def test_another_person_sees_nothing_of_it(late):
    late.submit(text=TEXT)
    page = sign_in(late, cast.BORIS)
    assert page.path == LETTER and TEXT not in page.source


def test_a_link_says_why_too(late):
    page = late.get("/events")
    assert page.path == "/login" and "полчаса без действий" in page.text and "сохранено" not in page.text
    assert sign_in(late).path == "/events"


def test_a_stranger_keeps_nothing(browser, db):
    browser.client.post(LETTER, data={"text": TEXT})
    assert db.exec(select(UnsentForm)).first() is None


def test_a_day_later_it_is_gone(late, engine, settings, clock):
    late.submit(text=TEXT)
    unsent_forms.delete_expired(engine, settings, clock.now() + timedelta(hours=23))
    with Session(engine) as db:
        assert len(db.exec(select(UnsentForm)).all()) == 1
    unsent_forms.delete_expired(engine, settings, clock.now() + timedelta(hours=25))
    with Session(engine) as db:
        assert db.exec(select(UnsentForm)).first() is None


def test_a_person_has_five_at_most(write, clock):
    with write() as db:
        for n in range(7):
            unsent_forms.save(db, "s1", None, {"text": str(n)}, clock.now())
        kept = [
            unsent_forms.read_fields(db, row)["text"]
            for row in db.exec(select(UnsentForm).order_by(UnsentForm.id))
        ]
    assert kept == ["2", "3", "4", "5", "6"]


def test_the_desk_keeps_its_announcement(enter, clock, db):
    maria = enter("maria")
    maria.get("/staff/notices/new")
    clock.forward(minutes=31)
    page = maria.submit(title="Работы на линии", text="Ночью связи не будет два часа.")
    assert page.path == "/staff/login" and "сохранено" in page.text
    row = db.exec(select(UnsentForm)).one()
    assert row.person.startswith("t") and unsent_forms.read_fields(db, row)["title"] == "Работы на линии"


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(30, "полчаса без действий"), (21, "21 минута без действий"), (None, "Сеанс закончился.")],
)
def test_words(minutes, words):
    assert words in ended_words(minutes)
