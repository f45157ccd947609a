"""A letter, an answer that appears by itself, a message with a file, and the file back again."""

import pytest
from playwright.sync_api import expect

from db.requests import decisions
from e2e.steps import answer, shoot, wrong
from tests.kit import hostile


def test_a_letter_its_answer_and_a_file(anna, house, javascript):
    anna.goto("/inbox")
    expect(anna.get_by_text("Обращений пока нет")).to_be_visible()
    shoot(anna, "inbox-empty")
    anna.get_by_role("link", name="Написать нам").first.click()
    anna.get_by_label("Ваше обращение").fill("Где найти номер счёта?")
    anna.get_by_role("button", name="Проверить и отправить").click()
    anna.get_by_role("button", name="Отправить").click()
    expect(anna.get_by_role("heading", level=1)).to_have_text("Обращение № 100001 отправлено")
    answer(house, 100001, "Пришлите снимок договора, посмотрим.", decisions.ask_more)
    if not javascript:
        anna.goto("/")
    expect(anna.locator("#envelope .count")).to_have_text("1", timeout=35_000)
    anna.locator("#envelope").click()
    shoot(anna, "inbox-full")
    anna.get_by_role("link", name="№ 100001").click()
    expect(anna.get_by_text("Пришлите снимок договора, посмотрим.")).to_be_visible()
    expect(anna.locator("#envelope .count")).to_have_count(0)
    anna.get_by_label("Ваше сообщение").fill("Вот он.")
    files = anna.get_by_label("Файлы")
    files.set_input_files({"name": "a.zip", "mimeType": "application/zip", "buffer": hostile.archive()})
    anna.get_by_role("button", name="Отправить").click()
    expect(wrong(anna)).to_contain_text("это архив")
    expect(anna.get_by_label("Ваше сообщение")).to_have_value("Вот он.")
    shoot(anna, "inbox-error")
    files = anna.get_by_label("Файлы")
    files.set_input_files({"name": "договор.jpg", "mimeType": "image/jpeg", "buffer": hostile.picture()})
    anna.get_by_role("button", name="Отправить").click()
    expect(anna.get_by_text("Сообщение отправлено")).to_be_visible()
    shoot(anna, "inbox-show")
    with anna.expect_download() as loaded:
        anna.get_by_role("link", name="договор.jpg").click()
    assert loaded.value.suggested_filename == "договор.jpg"
    anna.get_by_role("link", name="Отозвать обращение").click()
    anna.get_by_role("button", name="Отозвать обращение").click()
    expect(anna.get_by_text("Отозвана").first).to_be_visible()


@pytest.mark.parametrize("javascript", [True], ids=["js"], indirect=True)
def test_what_is_being_typed_stays_while_answers_come_by_themselves(anna, house):
    anna.goto("/requests/new/letter")
    anna.get_by_label("Ваше обращение").fill("Где найти номер счёта?")
    anna.get_by_role("button", name="Проверить и отправить").click()
    anna.get_by_role("button", name="Отправить").click()
    anna.get_by_role("link", name="Открыть обращение").click()
    field = anna.get_by_label("Ваше сообщение")
    field.click()
    anna.keyboard.type("И ещё один воп")
    answer(house, 100001, "Он в правом верхнем углу счёта.")
    expect(anna.get_by_text("Он в правом верхнем углу счёта.")).to_be_visible(timeout=20_000)
    anna.keyboard.type("рос")
    expect(field).to_have_value("И ещё один вопрос")
    expect(field).to_be_focused()
