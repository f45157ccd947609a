"""The story of each kind of request: sent by the subscriber, decided, and seen done on its day."""

import re
from datetime import timedelta

from playwright.sync_api import expect

from e2e.both import (
    NUMBER,
    Both,
    approve_request,
    expect_scheduled,
    fill_and_send,
    start_sms,
    start_suspension,
    take_request,
)
from rules import days
from tests.kit import cast


def sms_on(both: Both) -> None:
    first = both.today() + timedelta(days=10)
    title = "Подключить SMS-информирование"
    fill_and_send(
        both,
        title,
        {"Мобильный номер для сообщений": "8 921 123 45 67", "С какого дня подключить": first.isoformat()},
    )
    expect_scheduled(both, title)
    expect(both.home("Договор")).not_to_contain_text("SMS-информирование")
    both.at(first)
    both.state("Выполнена")
    line = both.home("Договор").get_by_role("listitem").filter(has_text="SMS-информирование")
    expect(line).to_contain_text("подключена")
    expect(line).not_to_contain_text("не подключена")


def sms_off(both: Both) -> None:
    start_sms(both)
    first = both.today() + timedelta(days=10)
    fill_and_send(both, "Отключить SMS-информирование", {"С какого дня отключить": first.isoformat()})
    expect_scheduled(both, "Отключить SMS-информирование")
    both.at(first)
    both.state("Выполнена")
    expect(both.home("Договор").get_by_role("listitem").filter(has_text="SMS")).to_contain_text(
        "не подключена"
    )


def suspend(both: Both) -> None:
    first, last = both.today() + timedelta(days=10), both.today() + timedelta(days=40)
    days_ = {"Первый день приостановки": first.isoformat(), "Последний день приостановки": last.isoformat()}
    fill_and_send(both, "Приостановить канал связи", days_)
    expect_scheduled(both, "Приостановить канал связи")
    both.at(first - timedelta(days=1))
    expect(both.home("Канал связи")).to_contain_text("Работает")
    both.at(first)
    both.state("Выполнена")
    expect(both.home("Канал связи")).to_contain_text(f"Приостановлен по {days.day_words(last)}")
    both.at(last + timedelta(days=1))
    expect(both.home("Канал связи")).to_contain_text("Работает")


def resume(both: Both) -> None:
    start_suspension(both)
    expect(both.home("Канал связи")).to_contain_text("Приостановлен по")
    first = both.today() + timedelta(days=1)
    fill_and_send(both, "Возобновить канал связи", {"С какого дня возобновить": first.isoformat()})
    expect_scheduled(both, "Возобновить канал связи")
    both.at(first)
    both.state("Выполнена")
    expect(both.home("Канал связи")).to_contain_text("Работает")


def refund(both: Both) -> None:
    bank = {"Сколько вернуть": "100", "БИК банка": "044030827", "Номер счёта": "40702810900000002851"}
    fill_and_send(both, "Возврат денежных средств", bank, "паспорт.jpg")
    approve_request(both, "alexey", "одобрена")
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
    fill_and_send(both, "Расторжение договора", {"С какого дня расторгнуть": first.isoformat()})
    approve_request(both, "maria", "одобрена")
    both.at(first)
    both.state("Выполнена")
    expect(both.home("Канал связи")).to_contain_text("Не работает")


def letter(both: Both) -> None:
    fill_and_send(both, "Обращение", {"Ваше обращение": "Когда починят мой датчик?"})
    both.state("Новая")
    page = take_request(both, "maria")
    page.get_by_label("Сообщение").fill("Мастер придёт завтра с 10 до 12.")
    page.get_by_role("button", name="Ответить и закрыть").click()
    expect(page.get_by_role("status").filter(has_text="обращение закрыто")).to_be_visible()
    both.page.goto("/")
    expect(both.page.locator("#envelope .count")).to_have_text("1")
    both.state("Выполнена")
    expect(both.page.get_by_text("Мастер придёт завтра с 10 до 12.")).to_be_visible()


def sms_number(both: Both) -> None:
    start_sms(both)
    fill_and_send(both, "Изменить номер SMS-информирования", {"Новый номер": "8 921 555 66 77"})
    approve_request(both, "maria", "выполнена")
    both.page.goto("/requests/new/sms_off")
    expect(both.page.get_by_label("Номер, на который включена услуга")).to_have_value(
        re.compile(r"\+7\s921\s555-66-77")
    )


def transfer(both: Both) -> None:
    money = {"Сколько перенести": "150", "На какой договор": "78 000 002"}
    fill_and_send(both, "Перенос денег на другой договор", money)
    approve_request(both, "alexey", "выполнена")
    both.booked("Перенос на договор", "150,00")
    both.page.context.clear_cookies()
    both.sign_in(cast.BORIS)
    both.booked("Перенос с договора", "150,00")


def recalculation(both: Both) -> None:
    period = {"С какого дня": both.day(-5), "По какой день": both.day(-3)}
    fill_and_send(both, "Перерасчёт", period | {"Почему нужен перерасчёт": "Три дня канал связи не работал."})
    approve_request(both, "alexey", "выполнена", amount="90,50")
    both.booked(f"Перерасчёт, заявка № {NUMBER}", "90,50")


def surname(both: Both) -> None:
    name = "Орлова Анна Игоревна"
    fill_and_send(both, "Изменение фамилии", {"Новые фамилия, имя и отчество": name}, "свидетельство.jpg")
    approve_request(both, "maria", "выполнена")
    expect(both.home("Договор")).to_contain_text(name)
