"""Every kind of request with both people at their pages: sent, decided at the desk, its day comes, seen
done.
"""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from e2e.both import (
    NUMBER,
    Both,
    fill_and_send,
    take_request,
)
from e2e.kind_stories import (
    letter,
    recalculation,
    refund,
    resume,
    sms_number,
    sms_off,
    sms_on,
    surname,
    suspend,
    terminate,
    transfer,
)
from e2e.steps import ask, past_the_code, review_and_send
from tests.kit import hostile

# The stories


def question_and_reply(both: Both) -> None:
    """What the desk lacks is asked, the answer comes with a file, and only then it is decided."""
    fill_and_send(
        both,
        "Изменение фамилии",
        {"Новые фамилия, имя и отчество": "Орлова Анна Игоревна"},
        "свидетельство.jpg",
    )
    page = take_request(both, "maria")
    page.get_by_label("Сообщение").fill("Пришлите разворот паспорта с новой фамилией.")
    page.get_by_role("button", name="Запросить сведения").click()
    expect(page.get_by_text("Пришлите разворот паспорта").first).to_be_visible()
    both.page.goto("/")
    expect(both.page.locator("#envelope .count")).to_have_text("1")
    both.state("Ждём вашего ответа")
    both.page.get_by_label("Ваше сообщение").fill("Вот он, на второй странице.")
    file = {"name": "паспорт.jpg", "mimeType": "image/jpeg", "buffer": hostile.picture()}
    both.page.locator("input[type=file]").set_input_files(file)
    both.page.get_by_role("button", name="Отправить").click()
    expect(both.page.get_by_role("link", name="паспорт.jpg")).to_be_visible()
    both.state("В работе")
    page.goto(f"/staff/requests/{NUMBER}")
    expect(page.get_by_text("Вот он, на второй странице.").first).to_be_visible()
    expect(page.get_by_role("link", name="паспорт.jpg").first).to_be_visible()
    page.get_by_role("button", name="Одобрить").click()
    expect(page.get_by_role("status").filter(has_text=f"№ {NUMBER}: выполнена")).to_be_visible()
    expect(both.home("Договор")).to_contain_text("Орлова Анна Игоревна")


def refuse_and_reopen(both: Both) -> None:
    """No, with the reason word for word; what it held is free again."""
    bank = {"Сколько вернуть": "100", "БИК банка": "044030827", "Номер счёта": "40702810900000002851"}
    fill_and_send(both, "Возврат денежных средств", bank, "паспорт.jpg")
    page = take_request(both, "alexey")
    page.get_by_label("Причина отказа").fill("Счёт открыт не на ваше имя. Укажите свой.")
    page.get_by_role("button", name="Отказать").click()
    expect(page.get_by_role("status").filter(has_text=f"№ {NUMBER}: отказ отправлен")).to_be_visible()
    both.page.goto("/")
    expect(both.page.locator("#envelope .count")).to_have_text("1")
    both.state("Отказано")
    expect(both.page.get_by_text("Счёт открыт не на ваше имя. Укажите свой.").first).to_be_visible()
    page.goto("/staff/refunds")
    expect(page.get_by_role("heading", name="Выплачивать нечего")).to_be_visible()


def terminate_by_representative(both: Both) -> None:
    first = both.today() + timedelta(days=10)
    who = {
        "Фамилия, имя и отчество представителя": "Соколов Пётр Ильич",
        "С какого дня расторгнуть": first.isoformat(),
    }
    ask(both.page, "Расторжение договора")
    past_the_code(both.page, both.house, "Управление услугами")
    both.page.get_by_label("Я — представитель абонента").check()
    both.page.get_by_label("Основание").select_option(index=1)
    for label, words in who.items():
        both.page.get_by_label(label).fill(words)
    paper = {"name": "доверенность.jpg", "mimeType": "image/jpeg", "buffer": hostile.picture()}
    both.page.locator("input[type=file]").set_input_files(paper)
    review_and_send(both.page, both.house, "Расторжение договора")
    page = take_request(both, "maria")
    expect(page.get_by_text("Соколов Пётр Ильич").first).to_be_visible()
    expect(page.get_by_role("link", name="доверенность.jpg").first).to_be_visible()
    page.get_by_role("button", name="Одобрить").click()
    expect(page.get_by_role("status").filter(has_text=f"№ {NUMBER}: одобрена")).to_be_visible()
    both.at(first)
    both.state("Выполнена")
    expect(both.home("Канал связи")).to_contain_text("Не работает: договор расторгнут")
    expect(both.home("Договор")).not_to_contain_text("в месяц")


STORIES = [
    sms_on,
    sms_off,
    suspend,
    resume,
    refund,
    terminate,
    letter,
    sms_number,
    transfer,
    recalculation,
    surname,
    question_and_reply,
    refuse_and_reopen,
    terminate_by_representative,
]
PLAIN = [suspend, refund, letter, question_and_reply, refuse_and_reopen, terminate_by_representative]


@pytest.mark.parametrize(
    ("story", "javascript"),
    [pytest.param(one, True, id=f"{one.__name__}-js") for one in STORIES]
    + [pytest.param(one, False, id=f"{one.__name__}-no-js") for one in PLAIN],
    indirect=["javascript"],
)
def test_sent_decided_and_seen_done(both, story):
    story(both)
