"""From the first visit to home: registration, the SMS, the choice at the first entry; the ways in and out
afterwards.
"""

import re

from playwright.sync_api import expect

from e2e.steps import consent, enter_with, password_in, register, wrong


def test_a_newcomer_registers_chooses_a_password_and_sees_home(person, house):
    register(person)
    enter_with(person, password_in(house.sms("+79215550055")))
    consent(person)
    expect(person.get_by_role("heading", level=1)).to_have_text("Как вы будете входить")
    person.get_by_label("Новый пароль").fill("qwertyuiop[]")
    person.get_by_role("button", name="Сохранить и войти").click()
    expect(wrong(person)).to_contain_text("по соседним клавишам")
    person.get_by_label("Новый пароль").fill("четыре лодки под мостом")
    person.get_by_role("button", name="Сохранить и войти").click()
    expect(person.get_by_text("Новикова Вера Павловна").last).to_be_visible()
    person.context.clear_cookies()
    enter_with(person, "четыре лодки под мостом")
    expect(person.get_by_role("heading", level=2, name="Канал связи")).to_be_visible()


def test_a_newcomer_may_choose_codes_instead(person, house):
    register(person)
    enter_with(person, password_in(house.sms("+79215550055")))
    consent(person)
    person.get_by_label("Без пароля, по коду из SMS").check()
    person.get_by_role("button", name="Сохранить и войти").click()
    expect(person.get_by_role("heading", level=2, name="Канал связи")).to_be_visible()
    person.context.clear_cookies()
    person.goto("/login")
    person.get_by_role("link", name="Войти по коду из SMS").click()
    person.get_by_label("Номер договора").fill("78000005")
    person.get_by_role("button", name="Получить код").click()
    expect(person.get_by_role("heading", level=1)).to_have_text("Код из SMS")
    person.get_by_label("Код").fill(re.search(r"\d{6}", house.sms("+79215550055"))[0])
    person.get_by_role("button", name="Войти").click()
    expect(person.get_by_role("heading", level=2, name="Канал связи")).to_be_visible()


def test_a_forgotten_password_leaves_the_old_one_working(person, house, sign_in):
    person.goto("/login")
    person.get_by_role("link", name="Забыли пароль?").click()
    person.get_by_label("Номер договора").fill("78 000 001")
    person.get_by_role("button", name="Восстановить").click()
    expect(person.get_by_role("heading", level=1)).to_have_text("Ждите SMS")
    assert "+7" not in person.get_by_role("main").inner_text().replace("\u00a0", " ").replace(
        "+7 812 326-17-20", ""
    )
    sign_in()


def test_a_wrong_password_is_said_at_its_field_and_the_number_stays(person):
    person.goto("/login")
    person.get_by_label("Номер договора").fill("78 000 001")
    person.get_by_label("Пароль").fill("не помню такого")
    person.get_by_role("button", name="Войти", exact=True).click()
    expect(wrong(person)).to_contain_text("не подошли друг к другу")
    expect(person.get_by_label("Номер договора")).to_have_value("78 000 001")
    expect(person.get_by_label("Пароль")).to_have_value("")


def test_leaving_shuts_the_door_and_back_shows_nothing(anna):
    anna.locator("details.who summary").click()
    anna.get_by_role("button", name="Выйти").click()
    expect(anna.get_by_role("heading", level=1)).to_have_text("Вход")
    anna.go_back()
    expect(anna.get_by_role("heading", level=1)).to_have_text("Вход")
