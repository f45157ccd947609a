"""The services of the manual, walked by what it says: SMS, suspension, resuming, money back, ending."""

import re
from datetime import timedelta

from playwright.sync_api import expect
from sqlmodel import Session

from db import writing
from db.clock import Clock
from db.people import contracts, services
from e2e.screens import browser_context_args, screen  # noqa: F401 - fixtures
from e2e.steps import (
    ask,
    confirm,
    day,
    past_the_code,
    review_and_send,
    section,
    send,
    write,
    wrong,
)
from rules import days
from tests.kit import cast, hostile
from tests.kit.station import opened, says


def test_services_name_every_kind_of_the_manual(anna):
    section(anna, "Управление услугами")
    for kind in (
        "Подключить SMS-информирование",
        "Отключить SMS-информирование",
        "Приостановить канал связи",
        "Возобновить канал связи",
        "Возврат денежных средств",
        "Расторжение договора",
    ):
        expect(anna.get_by_role("main").get_by_text(kind).first).to_be_visible()


def test_turns_sms_on(anna):
    ask(anna, "Подключить SMS-информирование")
    anna.get_by_label("Мобильный номер для сообщений").fill("8 921 123 45 67")
    anna.get_by_label("С какого дня подключить").fill(day(10))
    send(anna)


def test_messages_come_of_arming_disarming_and_alarms_while_sms_is_on(person, house):
    with Session(house.engine, expire_on_commit=False) as db, writing(db):
        contract = contracts.find_by_number(db, cast.ANNA)[0]
        cast.service(db, contract, "sms", "SMS", 15_000, contract.signed_on, mobile="+79211234567")
    opened(write(house), Clock(), "00010")
    for kind, ago in (("arm", 3), ("disarm", 2), ("alarm", 1)):
        says(write(house), Clock(), "00010", kind, at=Clock().now() - timedelta(minutes=ago))
    person.goto("/demo/phone")
    for words in ("Под охраной", "Снято с охраны", "Тревога"):
        expect(person.get_by_role("main").get_by_text(re.compile(f"{words}.*Квартира")).first).to_be_visible()


def test_turns_sms_off(anna, house):
    with Session(house.engine, expire_on_commit=False) as db, writing(db):
        contract = contracts.find_by_number(db, cast.ANNA)[0]
        cast.service(db, contract, "sms", "SMS", 15_000, contract.signed_on, mobile="+79211234567")
    ask(anna, "Отключить SMS-информирование")
    anna.get_by_label("С какого дня отключить").fill(day(10))
    send(anna, house)


def test_suspends_ten_days_ahead_for_half_the_price_and_not_beyond_six_months(anna, house):
    ask(anna, "Приостановить канал связи")
    anna.get_by_label("Первый день приостановки").fill(day(9))
    anna.get_by_label("Последний день приостановки").fill(day(400))
    anna.get_by_role("button", name="Проверить и отправить").click()
    expect(wrong(anna)).to_contain_text("за 10 календарных дней")
    anna.get_by_label("Первый день приостановки").fill(day(10))
    anna.get_by_role("button", name="Проверить и отправить").click()
    expect(wrong(anna)).to_contain_text("месяцев")
    anna.get_by_label("Последний день приостановки").fill(day(40))
    anna.get_by_role("button", name="Проверить и отправить").click()
    confirm(anna, house)
    expect(anna.get_by_text("вы сэкономите")).to_be_visible()
    anna.goto("/")
    ask(anna, "Приостановить канал связи")
    anna.get_by_label("Первый день приостановки").fill(day(10))
    anna.get_by_label("Последний день приостановки").fill(day(40))
    send(anna)


def test_resumes_on_any_day(anna, house):
    with Session(house.engine, expire_on_commit=False) as db, writing(db):
        from sqlmodel import select

        from db.people.services import ServiceInterval

        channel = services.list_services(db, contracts.find_by_number(db, cast.ANNA)[0].id)[0]
        today = days.today(Clock().now())
        row = db.exec(select(ServiceInterval).where(ServiceInterval.service_id == channel.id)).one()
        row.last = today - timedelta(days=6)
        db.add(row)
        db.add(
            ServiceInterval(
                service_id=channel.id,
                state="suspended",
                first=today - timedelta(days=5),
                last=today + timedelta(days=30),
            )
        )
        db.add(ServiceInterval(service_id=channel.id, state="active", first=today + timedelta(days=31)))
    ask(anna, "Возобновить канал связи")
    anna.get_by_label("С какого дня возобновить").fill(day(1))
    send(anna)


def test_asks_for_money_back_with_a_passport_and_bank_details(anna, house):
    ask(anna, "Возврат денежных средств")
    past_the_code(anna, house, "Управление услугами")
    anna.get_by_label("Сколько вернуть").fill("100")
    anna.get_by_label("БИК банка").fill("044030827")
    anna.get_by_label("Номер счёта").fill("40702810900000002851")
    picture = {"name": "паспорт.jpg", "mimeType": "image/jpeg", "buffer": hostile.picture()}
    anna.locator("input[type=file]").set_input_files(picture)
    review_and_send(anna, house, "Возврат денежных средств")


def test_ends_the_contract_as_a_representative_with_documents(anna, house):
    ask(anna, "Расторжение договора")
    past_the_code(anna, house, "Управление услугами")
    anna.get_by_label("Я — представитель абонента").check()
    anna.get_by_label("Фамилия, имя и отчество представителя").fill("Соколов Пётр Ильич")
    anna.get_by_label("Основание").select_option(index=1)
    anna.get_by_label("С какого дня расторгнуть").fill(day(10))
    paper = {"name": "доверенность.jpg", "mimeType": "image/jpeg", "buffer": hostile.picture()}
    anna.locator("input[type=file]").set_input_files(paper)
    review_and_send(anna, house, "Расторжение договора")
