"""The subscriber writes while an answer is typed at the desk: the text stays, the message stands above it."""

import pytest
from playwright.sync_api import expect
from sqlmodel import Session

from db import writing
from db.clock import Clock
from db.journal import Person
from db.people import contracts
from db.requests import decisions, dialogues, requests
from e2e.steps import shoot, wrong
from rules.requests.plans import RequestPlan
from tests.kit import cast

TEXT = "Мастер приедет завтра с десяти до двенадцати."


@pytest.fixture
def letter(house):
    """A letter of Анна's; `letter()` gives its number, `letter("…")` writes in it."""
    numbers = []

    def write(words: str = "") -> int:
        with Session(house.engine, expire_on_commit=False) as db, writing(db):
            contract, subscriber = contracts.find_by_number(db, cast.ANNA)
            who = Person(0, "subscriber", subscriber.id, subscriber.name, contract.id, contract.number)
            if not numbers:
                plan = RequestPlan("letter", {"text": "Когда починят мой датчик?"}, None, False)
                numbers.append(decisions.send(db, who, plan, Clock().now(), auto=()).number)
            if words:
                row = requests.find_by_number(db, numbers[0])
                dialogues.reply(db, row, who, Clock().now(), words)
        return numbers[0]

    return write


@pytest.fixture
def maria(person, house):
    token = cast.signed_in(house.engine, Clock().now(), "maria")
    person.context.add_cookies([{"name": "cabinet", "value": token, "url": house.url}])
    person.set_viewport_size({"width": 1280, "height": 800})
    return person


def test_an_answer_is_not_sent_over_a_message_that_came_meanwhile(maria, letter):
    maria.goto(f"/staff/requests/{letter()}")
    maria.get_by_label("Сообщение").fill(TEXT)
    letter("Уже не нужно, всё заработало.")
    maria.get_by_role("button", name="Ответить и закрыть").click()
    expect(wrong(maria)).to_contain_text("Абонент написал в")
    expect(maria.locator("#news").get_by_text("Уже не нужно, всё заработало.")).to_be_visible()
    expect(maria.get_by_label("Сообщение")).to_have_value(TEXT)
    shoot(maria, "desk-overtaken")
    maria.goto(maria.url)
    expect(maria.get_by_role("heading", name="Переписка")).to_be_visible()
    maria.go_back()
    maria.get_by_label("Сообщение").fill("Хорошо, закрываем.")
    maria.get_by_role("button", name="Ответить и закрыть").click()
    expect(maria.get_by_role("status").filter(has_text="обращение закрыто")).to_be_visible()


@pytest.mark.parametrize("javascript", [True], ids=["js"], indirect=True)
def test_the_open_page_says_that_the_subscriber_has_written(maria, letter):
    maria.goto(f"/staff/requests/{letter()}")
    maria.get_by_label("Сообщение").fill(TEXT)
    letter("Ещё один вопрос.")
    expect(maria.locator("#news").get_by_text("Абонент написал в")).to_be_visible(timeout=25_000)
    expect(maria.locator("#news").get_by_text("Ещё один вопрос.")).to_be_visible()
    expect(maria.get_by_label("Сообщение")).to_have_value(TEXT)
