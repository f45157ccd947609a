"""Every kind of request with both people at their pages: sent, decided at the desk, its day comes, seen done."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlmodel import Session, select

import jobs
from db import clock, contracts, services, sessions, staff, writing
from db.clock import MovableClock
from db.services import ServiceInterval
from e2e.test_manual import ask, h1, past_the_code, review_and_send
from rules import days
from tests import cast, hostile

NUMBER = 100001


@dataclass
class Both:
    """The subscriber's page, the desk's pages, and the clock both live by."""

    page: object
    house: object
    desk: object
    sign_in: object

    def today(self) -> date:
        return days.today(MovableClock(self.house.engine).now())

    def day(self, ahead: int) -> str:
        return (self.today() + timedelta(days=ahead)).isoformat()

    def at(self, day: date) -> None:
        """One minute past midnight in Moscow of that day: the jobs run, and the subscriber comes in again."""
        wanted = days.midnight(day) + timedelta(minutes=1)
        with Session(self.house.engine) as db, writing(db):
            clock.move(db, int((wanted - datetime.now(wanted.tzinfo)).total_seconds()))
        jobs.Loop(self.house.engine, self.house.settings, MovableClock(self.house.engine)).once()
        self.sign_in()

    def home(self, name: str):
        """A card of the first page by its heading."""
        self.page.goto("/")
        return self.page.get_by_role("region", name=name)

    def state(self, words: str) -> None:
        self.page.goto(f"/inbox/{NUMBER}")
        expect(self.page.get_by_role("main").get_by_text(words, exact=True).first).to_be_visible()

    def booked(self, words: str, amount: str) -> None:
        self.page.goto("/statement")
        expect(self.page.get_by_role("row").filter(has_text=words).first).to_contain_text(amount)


@pytest.fixture
def both(person, house, sign_in, browser, browser_context_args):
    opened = []

    def desk(login: str):
        """A page of the desk in a browser of its own, already past the password and the code."""
        with Session(house.engine, expire_on_commit=False) as db, writing(db):
            who = staff.by_login(db, login).id
            token = sessions.start(db, MovableClock(house.engine).now(), staff_id=who, device="тест")
        context = browser.new_context(**browser_context_args | {"viewport": {"width": 1280, "height": 800}})
        opened.append(context)
        context.add_cookies([{"name": "cabinet", "value": token, "url": house.url}])
        page = context.new_page()
        page.goto("/staff")
        expect(h1(page)).to_have_text("Очередь")
        return page

    sign_in()
    yield Both(person, house, desk, sign_in)
    for context in opened:
        context.close()


# What the subscriber fills in


def sms(both: Both) -> None:
    with Session(both.house.engine, expire_on_commit=False) as db, writing(db):
        contract = contracts.numbered(db, cast.ANNA)[0]
        cast.service(db, contract, "sms", "SMS", 15_000, contract.signed_on, mobile="+79211234567")


def suspended(both: Both) -> None:
    """As a suspension that began five days ago leaves the channel."""
    with Session(both.house.engine, expire_on_commit=False) as db, writing(db):
        channel = services.of(db, contracts.numbered(db, cast.ANNA)[0].id)[0].id
        row = db.exec(select(ServiceInterval).where(ServiceInterval.service_id == channel)).one()
        first, last = both.today() - timedelta(days=5), both.today() + timedelta(days=30)
        row.last = first - timedelta(days=1)
        db.add(ServiceInterval(service_id=channel, state="suspended", first=first, last=last))
        db.add(ServiceInterval(service_id=channel, state="active", first=last + timedelta(days=1)))


def sent(both: Both, title: str, fill: dict[str, str], paper: str = "") -> None:
    """Form, review and sent through the pages; a code is asked where money or the contract's end is."""
    ask(both.page, title)
    past_the_code(both.page, both.house, "Управление услугами")
    for label, words in fill.items():
        both.page.get_by_label(label).fill(words)
    if paper:
        file = {"name": paper, "mimeType": "image/jpeg", "buffer": hostile.picture()}
        both.page.locator("input[type=file]").set_input_files(file)
    review_and_send(both.page, both.house, title)


# What the desk does


def taken(both: Both, login: str):
    """The request found in the queue, opened and taken."""
    page = both.desk(login)
    page.get_by_role("link", name=f"№ {NUMBER}").click()
    page.get_by_role("button", name="Взять").click()
    expect(page.get_by_text("Занимается").first).to_be_visible()
    expect(page.get_by_role("button", name="Передать")).to_be_visible()
    return page


def approved(both: Both, login: str, state: str, **amount: str):
    both.state("Новая")
    page = taken(both, login)
    both.state("В работе")
    if amount:
        page.get_by_label("Сколько вернуть на баланс").fill(amount["amount"])
    page.get_by_label("Что сказать абоненту").fill("Проверили, всё верно.")
    page.get_by_role("button", name="Одобрить").click()
    expect(page.get_by_role("status").filter(has_text=f"№ {NUMBER}: {state}")).to_be_visible()
    both.state(state.capitalize())
    expect(both.page.get_by_text("Проверили, всё верно.").first).to_be_visible()
    return page


def waits_by_rule(both: Both, service: str) -> None:
    """Approved by the rule alone: on home with its day, at the desk among the approved."""
    both.state("Одобрена")
    expect(both.home("Запланировано")).to_contain_text(service)
    page = both.desk("maria")
    page.goto("/staff?state=approved")
    expect(page.get_by_role("link", name=f"№ {NUMBER}")).to_be_visible()


# The stories


def sms_on(both: Both) -> None:
    first = both.today() + timedelta(days=10)
    title = "Подключить SMS-информирование"
    sent(both, title, {"Мобильный номер для сообщений": "8 921 123 45 67", "С какого дня подключить": first.isoformat()})
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
    expect(both.home("Договор").get_by_role("listitem").filter(has_text="SMS")).to_contain_text("не подключена")


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
    expect(both.page.get_by_label("Номер, на который включена услуга")).to_have_value(re.compile(r"\+7\s921\s555-66-77"))


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


STORIES = [sms_on, sms_off, suspend, resume, refund, terminate, letter, sms_number, transfer, recalculation, surname]
PLAIN = [suspend, refund, letter]


@pytest.mark.parametrize(
    ("story", "javascript"),
    [pytest.param(one, True, id=f"{one.__name__}-js") for one in STORIES]
    + [pytest.param(one, False, id=f"{one.__name__}-no-js") for one in PLAIN],
    indirect=["javascript"],
)
def test_sent_decided_and_seen_done(both, story):
    story(both)
