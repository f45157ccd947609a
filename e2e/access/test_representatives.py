"""Rights given to another person: they enter by their own phone, see what was given, and are out at once when
it is taken.
"""

import re

import pytest
from playwright.sync_api import expect

from e2e.steps import confirm, day, h1

OLGA = "+79995550011"


@pytest.fixture
def olga(browser, browser_context_args):
    context = browser.new_context(**browser_context_args)
    yield context.new_page()
    context.close()


def enters(olga, house) -> None:
    olga.goto("/login/code")
    olga.get_by_role("link", name="Вход для представителя").click()
    olga.get_by_label("Номер договора").fill("78 000 001")
    olga.get_by_label("Ваш мобильный телефон").fill("8 999 555-00-11")
    olga.get_by_role("button", name="Получить код").click()
    olga.get_by_label("Код", exact=True).fill(re.search(r"\d{6}", house.sms(OLGA))[0])
    olga.get_by_role("button", name="Войти", exact=True).click()
    expect(h1(olga)).to_have_text("Согласие представителя на обработку персональных данных")
    olga.get_by_role("checkbox").check()
    olga.get_by_role("button", name="Продолжить").click()
    expect(h1(olga)).to_have_text("Главная")


def test_given_used_and_taken_back_at_once(anna, olga, house):
    anna.goto("/settings")
    anna.get_by_role("main").get_by_role("link", name="Назначить представителя").click()
    expect(h1(anna)).to_have_text("Представители")
    anna.get_by_role("link", name="Дать права").click()
    confirm(anna, house)
    expect(h1(anna)).to_have_text("Дать права представителю")
    anna.get_by_label("Кто это").fill("Ольга Соколова")
    anna.get_by_label("Мобильный телефон представителя").fill("8 999 555-00-11")
    anna.get_by_label("По какой день").fill(day(30))
    expect(anna.get_by_label("Смотреть события")).to_be_visible()
    anna.get_by_role("radio", name="Охрана").check()
    expect(anna.get_by_label("Смотреть события")).to_be_hidden()
    anna.get_by_role("button", name="Дать права").click()
    expect(anna.get_by_text("этот человек входит по своему телефону")).to_be_visible()
    enters(olga, house)
    expect(olga.get_by_role("link", name="Оплатить")).to_have_count(0)
    expect(olga.get_by_role("link", name="Настройки")).to_have_count(0)
    olga.get_by_role("navigation", name="Все разделы").get_by_role("link", name="События").click()
    expect(h1(olga)).to_have_text("События")
    expect(olga.get_by_role("link", name="Добавить ключ")).to_have_count(0)
    anna.goto("/settings/representatives")
    expect(anna.get_by_text("Охрана: смотреть события")).to_be_visible()
    expect(anna.get_by_text("Ольга Соколова: дано согласие")).to_be_visible()
    anna.get_by_role("button", name="Забрать права").click()
    expect(anna.get_by_text("Права отозваны, войти")).to_be_visible()
    olga.goto("/events")
    expect(h1(olga)).to_have_text("Вход")
