"""A manager's day: in by an invitation, the queue, an answer, a decision; a colleague who was faster."""

import re
from datetime import timedelta

import pyotp
from playwright.sync_api import expect
from sqlmodel import Session

from db import writing
from db.access import staff, staff_invitations
from db.clock import Clock
from db.journal import Person
from db.people import contracts
from db.requests import decisions, requests
from e2e.steps import wrong
from rules import days
from rules.requests.plans import RequestPlan
from tests.kit import cast

PASSWORD = "жёлтый чайник и окно"


def invited(house, login="olga", name="Ольга Белова") -> str:
    with Session(house.engine, expire_on_commit=False) as db, writing(db):
        row = staff.add(db, login, name, "manager")
        return "/staff/enrol/" + staff_invitations.invite(db, house.settings, row, Clock().now())


def sent(house, kind="letter", day=None, **payload) -> int:
    with Session(house.engine, expire_on_commit=False) as db, writing(db):
        contract, who = contracts.find_by_number(db, cast.ANNA)
        person = Person(0, "subscriber", who.id, who.name, contract.id, contract.number)
        return decisions.send(db, person, RequestPlan(kind, payload, day), Clock().now(), auto=()).number


def enrol(page, house, path: str) -> None:
    page.goto(house.url + path)
    key = "".join(re.findall(r"[A-Z2-7]{16}", page.locator("form").inner_text()))
    page.get_by_label("Пароль").fill(PASSWORD)
    page.get_by_label("Код, который показало приложение").fill(pyotp.TOTP(key).now())
    page.get_by_role("button", name="Связать и войти").click()
    expect(page.get_by_role("heading", name="Коды восстановления")).to_be_visible()
    page.get_by_role("link", name="Сохранил, к очереди").click()
    expect(page.get_by_role("heading", name="Очередь", level=1)).to_be_visible()


def test_a_manager_comes_in_answers_and_closes(person, house):
    number = sent(house, text="Когда починят мой датчик?")
    enrol(person, house, invited(house))
    person.get_by_role("link", name=f"№ {number}").click()
    expect(person.get_by_role("heading", name="Переписка")).to_be_visible()
    expect(person.get_by_text("Соколова Анна Игоревна").first).to_be_visible()
    person.get_by_label("Сообщение").fill("Мастер придёт завтра с 10 до 12.")
    person.get_by_role("button", name="Ответить и закрыть").click()
    expect(person.get_by_role("status").filter(has_text="обращение закрыто")).to_be_visible()
    expect(person.get_by_text("Мастер придёт завтра с 10 до 12.")).to_be_visible()


def test_a_decision_a_colleague_made_first_is_told(person, house):
    number = sent(house, "sms_on", days.today(Clock().now()) + timedelta(days=20), mobile="+79211234567")
    enrol(person, house, invited(house))
    person.goto(f"{house.url}/staff/requests/{number}")
    with Session(house.engine, expire_on_commit=False) as db, writing(db):
        maria = staff.find_by_login(db, "maria")
        decisions.approve(
            db,
            requests.find_by_number(db, number),
            Person(0, "staff", maria.id, "Мария", role="manager"),
            Clock().now(),
        )
    person.get_by_label("Причина отказа").fill("Номер чужой.")
    person.get_by_role("button", name="Отказать").click()
    expect(wrong(person)).to_contain_text("Мария уже одобрил(а) эту заявку")
    expect(person.get_by_label("Причина отказа")).to_have_value("Номер чужой.")


def test_the_keyboard_alone_finds_somebody(person, house):
    enrol(person, house, invited(house))
    person.goto(f"{house.url}/staff/subscribers")
    person.keyboard.type("соколову")
    person.keyboard.press("Enter")
    link = person.get_by_role("link", name="78 000 001")
    expect(link).to_be_visible()
    link.focus()
    person.keyboard.press("Enter")
    expect(person.get_by_role("heading", name="Соколова Анна Игоревна", level=1)).to_be_visible()


def test_a_lost_phone_is_stood_in_for_by_a_recovery_code_once(person, house):
    person.goto(house.url + invited(house))
    key = "".join(re.findall(r"[A-Z2-7]{16}", person.locator("form").inner_text()))
    person.get_by_label("Пароль").fill(PASSWORD)
    person.get_by_label("Код, который показало приложение").fill(pyotp.TOTP(key).now())
    person.get_by_role("button", name="Связать и войти").click()
    expect(person.get_by_role("heading", name="Коды восстановления")).to_be_visible()
    spare = person.get_by_role("main").get_by_role("listitem").first.inner_text().strip()
    for left in (9, None):
        person.context.clear_cookies(name="cabinet")
        person.goto(house.url + "/staff/login")
        person.get_by_label("Логин").fill("olga")
        person.get_by_label("Пароль").fill(PASSWORD)
        person.get_by_role("button", name="Дальше").click()
        expect(person.get_by_role("heading", name="Код из приложения")).to_be_visible()
        person.get_by_label("Код", exact=True).fill(spare)
        person.get_by_role("button", name="Войти", exact=True).click()
        if left:
            expect(person.get_by_text(f"осталось кодов: {left}")).to_be_visible()
        else:
            expect(wrong(person)).to_contain_text("Код не подошёл")
