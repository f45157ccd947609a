"""Finding people and papers at the desk, and a contract's card."""

import re

import pytest
from sqlmodel import select

from db import engines, retention
from db.desk import search
from db.desk.search_queries import StaffQuery
from db.journal import Note
from db.people.contracts import Contract
from db.people.subscribers import Subscriber
from tests.kit import cast
from tests.kit.staff_requests import letter, send_request  # noqa: F401 - a fixture

FINDS = {
    "Соколова": cast.ANNA,
    "соколову": cast.ANNA,
    "соколов": cast.ANNA,
    "сокол": cast.ANNA,
    "78 000 001": cast.ANNA,
    "78-000-001": cast.ANNA,
    "921 123-45-67": cast.ANNA,
    "8 (921) 123 45 67": cast.ANNA,
    "Лиговский": cast.ANNA,
    "рубинштейна ким": cast.BORIS,
    "лето": cast.LETO,
    "верe новиковой": None,
    "Вере Новиковой": cast.VERA,
}


@pytest.fixture
def maria(enter):
    return enter("maria")


def find(browser, words: str):
    browser.get("/staff/subscribers")
    return browser.submit("/staff/subscribers/search", q=words)


@pytest.mark.parametrize(("words", "number"), FINDS.items())
def test_people_are_found_by_name_number_phone_and_address(maria, words, number) -> None:
    text = find(maria, words).text
    shown = f"{number:08}"[:2] + f" {str(number)[2:5]} {str(number)[5:]}" if number else ""
    assert (shown in text) if number else ("Ничего не найдено" in text)


def test_a_changed_name_is_found_by_the_new_and_not_by_the_old(maria, write) -> None:
    find(maria, "Соколова")
    with write() as db:
        row = db.exec(select(Subscriber).where(Subscriber.code == "P-1")).one()
        row.name = "Ёлкина Анна Игоревна"
        db.add(row)
    assert "78 000 001" in find(maria, "елкиной").text
    assert "Ничего не найдено" in find(maria, "Соколова").text


def test_letters_are_found_by_their_words_and_marked(maria, send_request) -> None:
    number = letter(send_request, text="Вчера сработала сигнализация, хотя окна были закрыты")
    page = find(maria, "сигнализации")
    assert f"№ {number}" in page.text and page.one("mark").text == "сигнализация"


def test_messages_are_found_and_html_stays_text(maria, send_request) -> None:
    number = letter(send_request)
    maria.get(f"/staff/requests/{number}")
    maria.submit(f"/staff/requests/{number}/answer", words="Заменим <b>извещатель</b> в среду", act="say")
    page = find(maria, "извещатели")
    assert "Заменим <b>" in page.text and page.one("mark").text == "извещатель"


@pytest.mark.parametrize(
    "words", ['"', "*", "а OR б", "NEAR(", "%", "' OR 1=1 --", "(", "words:x", "ы" * 3000]
)
def test_nothing_typed_breaks_the_search(maria, words) -> None:
    find(maria, words)


def test_a_search_and_a_card_are_journalled(maria, db) -> None:
    page = find(maria, "Соколова")
    maria.get(page.links()["78 000 001"])
    verbs = {note.verb: note for note in db.exec(select(Note))}
    assert "Соколова" in verbs["desk.search"].facts and verbs["subscribers.look"].contract_id


def test_what_was_searched_for_is_in_no_address(maria, enter, clock) -> None:
    """Addresses lie in the proxy's log and in the browser's history. Reloading and going back still work, for
    an hour.
    """
    page = find(maria, "Соколова 921 123-45-67")
    place = str(page.response.url)
    assert "Соколов" in page.text and page.one("#f-q").get("value") == "Соколова 921 123-45-67"
    sent = [str(one.url) for one in (*page.response.history, page.response)] + [
        one.headers.get("location", "") for one in page.response.history
    ]
    assert not any(words in url for url in sent for words in ("%D0", "Сок", "921", "123"))
    assert "Соколов" in maria.get(place.removeprefix("http://testserver.local")).text
    assert "Соколов" not in enter("alexey").get(place.removeprefix("http://testserver.local")).text
    clock.forward(hours=1)
    again = enter("maria").get(place.removeprefix("http://testserver.local"))
    assert "слова уже стёрты" in again.text and "Соколов" not in again.text


def test_searches_are_forgotten_after_an_hour(maria, engine, settings, clock, db) -> None:
    find(maria, "Соколова")
    clock.forward(hours=1)
    retention.remove_short_lived(engine, settings, clock.now())
    assert db.exec(select(StaffQuery)).all() == []


def test_a_card_shows_the_contract_and_leads_on(maria, db) -> None:
    id_ = db.exec(select(Contract.id).where(Contract.number == cast.LETO)).one()
    page = maria.get(f"/staff/subscribers/{id_}")
    assert page.heading == "ООО «Лето»" and "Магазин" in page.text and "Склад" in page.text
    assert "78 000 004" in page.links() and "Баланс и начисления" in page.links()


@pytest.mark.parametrize("id_", ["0", "999999", "9" * 30, "x"])
def test_a_contract_that_is_not_there_is_not_found(maria, id_) -> None:
    maria.get(f"/staff/subscribers/{id_}", status=404)


def test_one_letter_asks_for_more(maria) -> None:
    assert "хотя бы две" in find(maria, "а").text


def test_the_job_stems_what_was_noted(app, settings, clock, engine, db) -> None:
    search.refresh_job(engine, settings, clock.now())
    assert not search.has_stale(db) and search.find(db, "соколовой", "contract")


def test_triggers_are_all_there(engine) -> None:
    """A migration that rebuilds a table loses its triggers silently; then what changes is not found any
    more.
    """
    with engine.connect() as connection:
        there = engines.dialect_of(engine).trigger_names(connection)
    wanted = {
        re.search(r"TRIGGER (IF NOT EXISTS )?(\w+)", one)[2]
        for one in search.install_statements(engine)
        if " TRIGGER " in one
    }
    assert len(wanted) > 10 and wanted <= there
