"""Every kind of request with both people at their pages: sent, decided at the desk, its day comes, seen
done.
"""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from e2e.both import NUMBER, Both, approved, sent, sms, suspended, taken, waits_by_rule
from e2e.steps import ask, past_the_code, review_and_send
from rules import days
from tests.kit import cast, hostile

# The stories


def sms_on(both: Both) -> None:
    first = both.today() + timedelta(days=10)
    title = "Подключить SMS-информирование"
    sent(
        both,
        title,
        {"Мобильный номер для сообщений": "8 921 123 45 67", "С какого дня подключить": first.isoformat()},
    )
    waits_by_rule(both, title)
    expect(both.home("Договор")).not_to_contain_text("SMS-информирование")
    both.at(first)
    both.state("Выполнена")
    line = both.home("Договор").get_by_role("listitem").filter(has_text="SMS-информирование")
    expect(line).to_contain_text("подключена")
    expect(line).not_to_contain_text("не подключена")


def sms_off(both: Both) -> None:
    sms(both)
    first = both.today() + timedelta(days=10)
    sent(both, "Отключить SMS-информирование", {"С какого дня отключить": first.isoformat()})
    waits_by_rule(both, "Отключить SMS-информирование")
    both.at(first)
    both.state("Выполнена")
    expect(both.home("Договор").get_by_role("listitem").filter(has_text="SMS")).to_contain_text(
        "не подключена"
    )


def suspend(both: Both) -> None:
    first, last = both.today() + timedelta(days=10), both.today() + timedelta(days=40)
    days_ = {"Первый день приостановки": first.isoformat(), "Последний день приостановки": last.isoformat()}
    sent(both, "Приостановить канал связи", days_)
    waits_by_rule(both, "Приостановить канал связи")
    both.at(first - timedelta(days=1))
    expect(both.home("Канал связи")).to_contain_text("Работает")
    both.at(first)
    both.state("Выполнена")
    expect(both.home("Канал связи")).to_contain_text(f"Приостановлен по {days.day_words(last)}")
    both.at(last + timedelta(days=1))
    expect(both.home("Канал связи")).to_contain_text("Работает")


def resume(both: Both) -> None:
    suspended(both)
    expect(both.home("Канал связи")).to_contain_text("Приостановлен по")
    first = both.today() + timedelta(days=1)
    sent(both, "Возобновить канал связи", {"С какого дня возобновить": first.isoformat()})
    waits_by_rule(both, "Возобновить канал связи")
    both.at(first)
    both.state("Выполнена")
    expect(both.home("Канал связи")).to_contain_text("Работает")


def refund(both: Both) -> None:
    bank = {"Сколько вернуть": "100", "БИК банка": "044030827", "Номер счёта": "40702810900000002851"}
    sent(both, "Возврат денежных средств", bank, "паспорт.jpg")
    approved(both, "alexey", "одобрена")
    expect(both.page.get_by_text("Деньги переведём в течение 10 дней")).to_be_visible()
    both.at(both.today() + timedelta(days=1))
    page = both.desk("alexey")
    page.goto("/staff/refunds")
    page.get_by_label("Номер и день платёжного поручения").fill("118")
    page.get_by_role("button", name="Записать выплату").click()
    expect(page.get_by_role("status").filter(has_text="Выплата записана")).to_be_visible()
    both.state("Выполнена")
    both.booked("платёжное поручение 118", "100,00")


def terminate(both: Both) -> None:
    first = both.today() + timedelta(days=10)
    sent(both, "Расторжение договора", {"С какого дня расторгнуть": first.isoformat()})
    approved(both, "maria", "одобрена")
    both.at(first)
    both.state("Выполнена")
    expect(both.home("Канал связи")).to_contain_text("Не работает")


def letter(both: Both) -> None:
    sent(both, "Обращение", {"Ваше обращение": "Когда починят мой датчик?"})
    both.state("Новая")
    page = taken(both, "maria")
    page.get_by_label("Сообщение").fill("Мастер придёт завтра с 10 до 12.")
    page.get_by_role("button", name="Ответить и закрыть").click()
    expect(page.get_by_role("status").filter(has_text="обращение закрыто")).to_be_visible()
    both.page.goto("/")
    expect(both.page.locator("#envelope .count")).to_have_text("1")
    both.state("Выполнена")
    expect(both.page.get_by_text("Мастер придёт завтра с 10 до 12.")).to_be_visible()


def sms_number(both: Both) -> None:
    sms(both)
    sent(both, "Изменить номер SMS-информирования", {"Новый номер": "8 921 555 66 77"})
    approved(both, "maria", "выполнена")
    both.page.goto("/requests/new/sms_off")
    expect(both.page.get_by_label("Номер, на который включена услуга")).to_have_value(
        re.compile(r"\+7\s921\s555-66-77")
    )


def transfer(both: Both) -> None:
    money = {"Сколько перенести": "150", "На какой договор": "78 000 002"}
    sent(both, "Перенос денег на другой договор", money)
    approved(both, "alexey", "выполнена")
    both.booked("Перенос на договор", "150,00")
    both.page.context.clear_cookies()
    both.sign_in(cast.BORIS)
    both.booked("Перенос с договора", "150,00")


def recalculation(both: Both) -> None:
    period = {"С какого дня": both.day(-5), "По какой день": both.day(-3)}
    sent(both, "Перерасчёт", period | {"Почему нужен перерасчёт": "Три дня канал связи не работал."})
    approved(both, "alexey", "выполнена", amount="90,50")
    both.booked(f"Перерасчёт, заявка № {NUMBER}", "90,50")


def surname(both: Both) -> None:
    name = "Орлова Анна Игоревна"
    sent(both, "Изменение фамилии", {"Новые фамилия, имя и отчество": name}, "свидетельство.jpg")
    approved(both, "maria", "выполнена")
    expect(both.home("Договор")).to_contain_text(name)


def asked_and_replied(both: Both) -> None:
    """What the desk lacks is asked, the answer comes with a file, and only then it is decided."""
    sent(
        both,
        "Изменение фамилии",
        {"Новые фамилия, имя и отчество": "Орлова Анна Игоревна"},
        "свидетельство.jpg",
    )
    page = taken(both, "maria")
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


def refused(both: Both) -> None:
    """No, with the reason word for word; what it held is free again."""
    bank = {"Сколько вернуть": "100", "БИК банка": "044030827", "Номер счёта": "40702810900000002851"}
    sent(both, "Возврат денежных средств", bank, "паспорт.jpg")
    page = taken(both, "alexey")
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
    page = taken(both, "maria")
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
    asked_and_replied,
    refused,
    terminate_by_representative,
]
PLAIN = [suspend, refund, letter, asked_and_replied, refused, terminate_by_representative]


@pytest.mark.parametrize(
    ("story", "javascript"),
    [pytest.param(one, True, id=f"{one.__name__}-js") for one in STORIES]
    + [pytest.param(one, False, id=f"{one.__name__}-no-js") for one in PLAIN],
    indirect=["javascript"],
)
def test_sent_decided_and_seen_done(both, story):
    story(both)
