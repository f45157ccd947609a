"""A month of autopay as its owner sees it: announced the day before, charged, in the history, the next one
foreseen; a card that has no money refused three times and autopay gone by itself, with a word.
"""

from datetime import date, timedelta

import pytest
from playwright.sync_api import expect
from sqlmodel import Session

from db import outbox, writing
from db.clock import MovableClock
from db.money import ledger
from db.payments import autopay
from db.people import contracts
from e2e.both import Both
from e2e.payments.test_autopay import confirm
from e2e.steps import becomes, shoot, wrong
from rules import days
from tests.kit import cast

TO = "anna@example.ru"
NOON = 12


@pytest.fixture
def debtor(both):
    """Анна owes five thousand and a half."""
    with Session(both.house.engine) as db, writing(db):
        id = contracts.find_by_number(db, cast.ANNA)[0].id
        now = MovableClock(both.house.engine).now()
        ledger.add(
            db,
            id,
            -600_000,
            "correction",
            "correction:story",
            day=both.today(),
            now=now,
            note="Долг прошлых лет",
        )
    return both


def turn_on(both: Both, due: date, javascript: bool, card: str = "денег хватает") -> None:
    page = both.page
    page.goto("/autopay")
    page.get_by_role("link", name="Подключить автоплатёж").click()
    confirm(page, both.house)
    page.get_by_label("Число месяца").fill(str(due.day))
    page.get_by_label("Не больше за одно списание").fill("3000")
    page.get_by_label("Первый платёж, сейчас").fill("100")
    page.get_by_label("Куда присылать чеки").fill(TO)
    page.get_by_label("Принимаю правила").check()
    page.get_by_role("button", name="Включить автоплатёж").click()
    page.get_by_label(card).check()
    page.get_by_role("button", name="Оплатить").click()
    becomes(page, "Оплачено", javascript)
    page.goto("/autopay")
    expect(page.get_by_role("heading", level=2, name="Автоплатёж включён")).to_be_visible()


def told(both: Both, words: str) -> bool:
    with Session(both.house.engine) as db:
        return any(words in row.text.replace("\u00a0", " ") for row in outbox.latest_messages(db, 50))


def later(both: Both) -> date:
    """The due day: the day after tomorrow."""
    return both.today() + timedelta(days=2)


def test_announced_charged_seen_and_turned_off_in_one_tap(debtor, javascript):
    due, page = later(debtor), debtor.page
    turn_on(debtor, due, javascript)
    expect(debtor.home("Долг")).to_contain_text(
        f"Автоплатёж {days.day_words(due)} спишет с карты до 3 000,00 ₽"
    )
    debtor.at(due - timedelta(days=1), NOON)
    assert told(debtor, f"{days.day_words(due)} спишем автоплатежом до 3 000,00 ₽".replace("\u00a0", " "))
    debtor.at(due, NOON)
    page.goto("/autopay")
    charges = page.get_by_role("listitem").filter(has_text="3 000,00")
    expect(charges).to_contain_text("оплачен")
    shoot(page, "autopay-month")
    debtor.booked("Автоплатёж с карты Мир •• 4477", "3 000,00")
    coming = days.add_months(due, 1)
    expect(debtor.home("Долг")).to_contain_text(f"Автоплатёж {days.day_words(coming)}")
    page.goto("/autopay")
    page.get_by_role("button", name="Выключить и отвязать карту").click()
    expect(page.get_by_role("heading", level=2, name="Автоплатёж выключен")).to_be_visible()
    debtor.at(coming, NOON)
    page.goto("/autopay")
    expect(page.get_by_role("listitem").filter(has_text="3 000,00").filter(has_text="оплачен")).to_have_count(
        1
    )
    with Session(debtor.house.engine) as db:
        assert not autopay.autopay_history(db, contracts.find_by_number(db, cast.ANNA)[0].id)[0].has_card


def test_refused_three_times_it_turns_itself_off_and_says_so(debtor, javascript):
    due, page = later(debtor), debtor.page
    turn_on(debtor, due, javascript, "сейчас хватит, автоплатёж не пройдёт")
    for day in (-1, 0, 1):
        debtor.at(due + timedelta(days=day), NOON)
    assert told(debtor, "Попробуем ещё раз")
    page.goto("/autopay")
    expect(page.get_by_role("heading", level=2, name="Автоплатёж включён")).to_be_visible()
    debtor.at(due + timedelta(days=3), NOON)
    page.goto("/autopay")
    expect(page.get_by_role("heading", level=2, name="Автоплатёж выключен")).to_be_visible()
    expect(page.get_by_text("не удалось списать три раза")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="не хватило денег")).to_have_count(3)
    assert told(debtor, "Автоплатёж выключен: не удалось списать три раза")
    expect(debtor.home("Долг")).not_to_contain_text("Автоплатёж")


def test_other_terms_are_asked_for_by_a_code_and_hold(debtor, javascript):
    due, page = later(debtor), debtor.page
    turn_on(debtor, due, javascript)
    page.get_by_role("link", name="Изменить условия").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Условия автоплатежа")
    page.get_by_label("Не больше за одно списание").fill("2000")
    page.get_by_role("button", name="Сохранить условия").click()
    expect(wrong(page)).to_contain_text("Прочитайте правила")
    shoot(page, "autopay-edit")
    page.get_by_label("Принимаю правила").check()
    page.get_by_role("button", name="Сохранить условия").click()
    expect(page.get_by_text("Условия автоплатежа сохранены")).to_be_visible()
    expect(page.get_by_text("вы изменили условия")).to_be_visible()
    shoot(page, "autopay-changed")
    for day in (-1, 0):
        debtor.at(due + timedelta(days=day), NOON)
    page.goto("/autopay")
    expect(
        page.get_by_role("listitem").filter(has_text="2 000,00 ₽").filter(has_text="оплачен")
    ).to_have_count(1)
