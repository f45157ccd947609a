"""Steps that several browser stories take: what a person does on the way to what a story is about."""

import os
import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect
from sqlmodel import Session, select

from db import writing
from db.access import staff
from db.clock import Clock
from db.journal import Person
from db.requests import dialogues
from db.requests.requests import Request
from rules import days

SHOTS = os.environ.get("CABINET_SHOTS")


def shoot(page, name: str) -> None:
    """Pictures for the eye when asked for: phone and desk, light and dark."""
    if not SHOTS:
        return
    for width, height, scheme in (
        (390, 844, "light"),
        (1280, 800, "light"),
        (390, 844, "dark"),
        (1280, 800, "dark"),
    ):
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=f"{SHOTS}/{name}-{width}-{scheme}.png", full_page=True)
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="light")


def wrong(page):
    """What the page says is wrong: the list of errors above it, or the only one at its field."""
    return page.locator("#summary, .wrong").first


def answer(house, number: int, words: str, deed=dialogues.add_staff_message) -> None:
    """The manager's half, by the function the desk calls."""
    with Session(house.engine, expire_on_commit=False) as db, writing(db):
        row = staff.find_by_login(db, "maria")
        who = Person(session_id=0, kind="staff", id=row.id, name=row.name, role=row.role)
        request = db.exec(select(Request).where(Request.number == number)).one()
        deed(db, request, who, Clock().now(), words)


def password_in(sms: str) -> str:
    return re.search(r"кабинет (\S+) — ", sms)[1]


def register(person):
    person.goto("/login")
    person.get_by_role("link", name="Зарегистрироваться").click()
    person.get_by_label("Номер договора").fill("78 000 005")
    person.get_by_label("Мобильный телефон").fill("8 (921) 555-00-55")
    person.get_by_label("Электронная почта").fill("vera@example.ru")
    person.get_by_role("button", name="Получить пароль").click()
    expect(person.get_by_role("heading", level=1)).to_have_text("Ждите SMS")


def enter_with(person, password):
    person.goto("/login")
    person.get_by_label("Номер договора").fill("78000005")
    person.get_by_label("Пароль").fill(password)
    person.get_by_role("button", name="Войти", exact=True).click()


def consent(person):
    """Asked once, of whoever has entered; unticked it is refused, and nothing else opens."""
    expect(person.get_by_role("heading", level=1)).to_have_text("Согласие на обработку персональных данных")
    person.get_by_role("button", name="Продолжить").click()
    expect(wrong(person)).to_contain_text("Без согласия")
    person.goto("/settings")
    expect(person.get_by_role("heading", level=1)).to_have_text("Согласие на обработку персональных данных")
    person.get_by_role("checkbox").check()
    person.get_by_role("button", name="Продолжить").click()


def to_the_bank(page, amount="1500,50", method="Банковская карта"):
    page.get_by_role("link", name="Оплатить", exact=True).first.click()
    page.get_by_role("link", name="Оплатить услуги связи").click()
    page.get_by_label("Сумма", exact=True).fill(amount)
    page.get_by_label(method).check()
    page.get_by_label("Куда прислать чек").fill("anna@example.ru")
    page.get_by_role("button", name="Перейти к оплате").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Оплата")
    expect(page.get_by_text("Песочный банк").first).to_be_visible()


def becomes(page, words, javascript):
    """The back page says it by itself with JavaScript; without, the person asks or looks again."""
    heading = page.get_by_role("heading", level=2, name=words)
    for _ in range(0 if javascript else 50):
        if heading.count():
            break
        ask = page.get_by_role("button", name="Спросить банк сейчас")
        if ask.count():
            ask.click()
        else:
            page.reload()
    expect(heading).to_be_visible(timeout=15_000)


def h1(page):
    return page.get_by_role("heading", level=1)


def section(page, name: str):
    """From home by its one tap."""
    page.goto("/")
    page.get_by_role("navigation", name="Все разделы").get_by_role("link", name=name).click()


def day(ahead: int) -> str:
    return (days.today(datetime.now(UTC)) + timedelta(days=ahead)).isoformat()


def ask(page, kind: str):
    """«Управление услугами» → this kind."""
    section(page, "Управление услугами")
    expect(h1(page)).to_have_text("Управление услугами")
    page.get_by_role("link", name=kind).click()


def send(page, house=None):
    """The rules are read, the button pressed; the sent page names the request. With `house` a code is asked
    on the way.
    """
    page.get_by_role("button", name="Проверить и отправить").click()
    if house:
        confirm(page, house)
    expect(h1(page)).to_have_text("Проверьте и отправьте")
    for box in page.get_by_role("main").get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Отправить").click()
    expect(h1(page)).to_contain_text("отправлен")


def confirm(page, house):
    """A code by SMS stands before money and the end of the contract."""
    expect(h1(page)).to_have_text("Подтвердите, что это вы")
    page.get_by_role("button", name=re.compile("Отправить код")).click()
    expect(page.get_by_role("status").first).to_contain_text("Код отправлен")
    page.get_by_label("Код из SMS").fill(re.search(r"\d{6}", house.sms("+79211234567"))[0])
    page.get_by_role("button", name="Подтвердить").click()


def write(house):
    """A write transaction on the running cabinet, for what the station says by itself."""
    from contextlib import contextmanager

    @contextmanager
    def begin():
        with Session(house.engine, expire_on_commit=False) as db, writing(db):
            yield db

    return begin


def past_the_code(page, house, before: str):
    """The page after `before`: sometimes a code is asked first, since the last ten minutes had none."""
    expect(h1(page)).not_to_have_text(before)
    if "Подтвердите" in h1(page).inner_text():
        confirm(page, house)
        expect(h1(page)).not_to_have_text("Подтвердите, что это вы")


def review_and_send(page, house, title: str):
    page.get_by_role("button", name="Проверить и отправить").click()
    past_the_code(page, house, title)
    expect(h1(page)).to_have_text("Проверьте и отправьте")
    code = page.get_by_role("button", name="Отправить код")
    if code.count():  # a new number for alarms answers with a code of its own
        code.click()
        expect(page.get_by_role("status").first).to_contain_text("Код отправлен")
        page.get_by_label("Код с нового номера").fill(re.search(r"\d{6}", house.sms())[0])
    for box in page.get_by_role("main").get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Отправить", exact=True).click()
    expect(h1(page)).to_contain_text("отправлен")
