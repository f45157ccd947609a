"""Autopay on by a code, the rules and a first payment; seen at home; off in one tap."""

import re

from playwright.sync_api import expect

from e2e.steps import becomes, wrong


def confirm(page, house):
    page.get_by_role("button", name=re.compile("[кК]од")).first.click()
    expect(page.get_by_role("status").first).to_contain_text("Код отправлен")
    page.get_by_label("Код").fill(re.search(r"\d{6}", house.sms("+79211234567"))[0])
    page.get_by_role("button", name="Подтвердить").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Подключение автоплатежа")


def test_turned_on_seen_at_home_and_turned_off(anna, house, javascript):
    anna.goto("/autopay")
    anna.get_by_role("link", name="Подключить автоплатёж").click()
    confirm(anna, house)
    anna.get_by_label("Число месяца").fill("15")
    anna.get_by_role("button", name="Включить автоплатёж").click()
    expect(wrong(anna)).to_contain_text("Прочитайте правила")
    anna.get_by_label("Принимаю правила").check()
    anna.get_by_role("button", name="Включить автоплатёж").click()
    expect(anna.get_by_text("Магазин просит запомнить карту")).to_be_visible()
    anna.get_by_role("button", name="Оплатить").click()
    becomes(anna, "Оплачено", javascript)
    anna.goto("/")
    expect(anna.get_by_role("link", name="Автоплатёж").first).to_be_visible()
    anna.goto("/autopay")
    expect(anna.get_by_text("Каждый месяц 15 числа")).to_be_visible()
    anna.get_by_role("button", name="Выключить и отвязать карту").click()
    expect(anna.get_by_role("status").first).to_contain_text("Автоплатёж выключен")
    expect(anna.get_by_role("heading", level=2, name="Автоплатёж выключен")).to_be_visible()


def test_a_second_person_cannot_bind_without_a_code(anna):
    anna.goto("/autopay/new")
    assert "/confirm" in anna.url
