"""A request at the desk: its page, answers, questions, notes and its assignee."""

import pytest
from sqlmodel import select

from db.journal import Note
from db.people.contracts import Contract
from db.requests import requests
from tests.kit import cast
from tests.kit.staff_requests import at, letter, maria, reply, row, send_request  # noqa: F401 - fixtures


def test_a_request_stands_beside_its_contracts_card(send_request, maria) -> None:
    number = letter(send_request)
    text = maria.get(at(number)).text
    for words in (
        "Когда починят мой датчик?",
        "78 000 001",
        "Канал связи",
        "Баланс",
        "+7 921 123-45-67",
        "Последние события",
    ):
        assert words in text


def test_a_look_is_journalled(send_request, maria, db) -> None:
    number = letter(send_request)
    maria.get(at(number))
    note = db.exec(select(Note).where(Note.verb == "desk.look")).one()
    assert note.actor.startswith("staff:") and str(number) in note.facts and note.contract_id


def test_an_answer_reaches_the_subscriber_and_lights_the_envelope(
    send_request, maria, engine, db, texts
) -> None:
    number = letter(send_request)
    maria.get(at(number))
    page = maria.submit(at(number) + "/answer", words="Мастер придёт завтра.", act="say")
    assert "Ответ отправлен" in page.text and "Мастер придёт завтра." in page.text
    assert db.exec(select(Contract.unread).where(Contract.number == cast.ANNA)).one() == 1
    assert any(f"№ {number}" in text and "Мастер" not in text for text in texts())


def test_a_question_waits_for_the_subscriber(send_request, maria, engine) -> None:
    number = send_request("surname", name="Орлова Анна")
    maria.get(at(number))
    maria.submit(at(number) + "/answer", words="Пришлите свидетельство.", act="ask")
    assert row(engine, number).state == "needs_info"
    assert "Ждём абонента 1" in maria.get("/staff").text


def test_a_note_is_for_staff_only(send_request, maria, engine, db, texts) -> None:
    number = letter(send_request)
    maria.get(at(number))
    before = texts()
    page = maria.submit(at(number) + "/answer", words="Похоже на мошенника.", act="note")
    assert "абонент не видит" in page.text and texts() == before
    assert db.exec(select(Contract.unread).where(Contract.number == cast.ANNA)).one() == 0
    assert not requests.messages(db, row(engine, number))


@pytest.mark.parametrize("act", ["say", "ask", "note", "close"])
def test_an_empty_message_is_refused_and_writes_nothing(send_request, maria, db, act) -> None:
    number = letter(send_request)
    maria.get(at(number))
    assert "words" in maria.submit(at(number) + "/answer", words="  ", act=act, status=422).errors
    assert not db.exec(select(requests.RequestMessage)).all()


def test_a_letter_is_closed_with_its_answer(send_request, maria, engine) -> None:
    number = letter(send_request)
    maria.get(at(number))
    maria.submit(at(number) + "/answer", words="Датчик починили сегодня.", act="close")
    assert row(engine, number).state == "done"


def test_html_in_a_message_stays_text(send_request, maria) -> None:
    number = letter(send_request, text="<script>alert(1)</script> и <b>жирно</b>")
    assert "<script>alert" not in maria.get(at(number)).source and "<b>жирно</b>" in maria.page.text


def test_a_ready_answer_is_put_under_what_is_typed_and_sends_nothing(send_request, maria, write, db) -> None:
    from db.requests import canned_answers

    with write() as session:
        session.add(
            canned_answers.CannedAnswer(title="Баланс", text="{имя}, на балансе {баланс}, договор {договор}.")
        )
    number = letter(send_request)
    page = maria.get(at(number))
    chosen = page.one("#f-canned option:last-child").get("value")
    page = maria.submit(at(number) + "/answer", words="Здравствуйте!", act="insert", canned=chosen)
    typed = page.one("#f-words").text.replace("\u00a0", " ")
    assert "Здравствуйте!" in typed and "Анна Игоревна, на балансе" in typed and "78 000 001" in typed
    assert not db.exec(select(requests.RequestMessage)).all()


def test_a_variable_left_in_a_message_is_not_sent(send_request, maria) -> None:
    number = letter(send_request)
    maria.get(at(number))
    page = maria.submit(at(number) + "/answer", words="Всё готово {день}.", act="say", status=422)
    assert "{день}" in page.errors["words"] and "Всё готово {день}." in page.one("#f-words").text


def test_assigning_is_told_to_staff_and_kept(send_request, maria, engine, enter) -> None:
    number = letter(send_request)
    page = maria.get(at(number))
    other = next(one for one in page.tree.cssselect("#f-assignee option") if one.text == "Alexey").get(
        "value"
    )
    maria.submit(at(number) + "/assign", assignee=other)
    assert row(engine, number).assignee_id == int(other)
    assert "Занимается: Alexey" in maria.get(at(number)).text
    assert "assignee" in maria.submit(at(number) + "/assign", assignee="999", status=422).errors


@pytest.mark.parametrize("number", ["0", "999999", "9" * 30, "abc", "-1", "1e3"])
def test_a_number_that_is_nobodys_is_not_found(maria, number) -> None:
    maria.get(f"/staff/requests/{number}", status=404)
