"""The user manual, section by section, followed by hand in a browser: phone and desk, with JavaScript and
without.

docs/manual.md says which sentence is which story; what cannot be followed here is a defect of the cabinet.
"""

import re
from datetime import timedelta

from playwright.sync_api import expect
from sqlmodel import Session

from db import writing
from db.clock import Clock
from db.events import keys
from e2e.screens import browser_context_args, screen  # noqa: F401 - fixtures
from e2e.steps import (
    answer,
    becomes,
    confirm,
    consent,
    enter_with,
    h1,
    password_in,
    register,
    section,
    send,
    to_the_bank,
    write,
)
from tests.kit.station import says


def test_terms_and_the_cabinet_are_explained(person):
    person.goto("/help")
    expect(h1(person)).to_have_text("Как это работает")
    expect(person.get_by_text("Логин — номер договора")).to_be_visible()


def test_wishes_are_written_and_answered_as_in_a_chat(anna, house, javascript):
    section(anna, "Контакты")
    anna.get_by_role("link", name="Написать нам").click()
    anna.get_by_label("Ваше обращение").fill("Хочу тёмную тему.")
    send(anna)
    anna.get_by_role("link", name="Открыть обращение").click()
    answer(house, 100001, "Она уже есть: включите её в телефоне.")
    if not javascript:
        anna.reload()
    expect(anna.get_by_text("Она уже есть: включите её в телефоне.")).to_be_visible(timeout=20_000)


def test_enters_by_contract_number_and_password(sign_in):
    expect(h1(sign_in())).to_have_text("Главная")


def test_registers_and_gets_the_password_by_sms(person, house):
    register(person)
    enter_with(person, password_in(house.sms("+79215550055")))
    consent(person)
    expect(h1(person)).to_have_text("Как вы будете входить")


def test_restores_a_forgotten_password(person, house):
    person.goto("/login")
    person.get_by_role("link", name="Забыли пароль?").click()
    person.get_by_label("Номер договора").fill("78 000 001")
    person.get_by_role("button", name="Восстановить").click()
    expect(h1(person)).to_have_text("Ждите SMS")
    assert "пароль для входа" in house.sms("+79211234567")


def test_home_shows_the_contract_and_opens_every_section(anna):
    main = anna.get_by_role("main")
    for words in (
        "Соколова Анна Игоревна",
        "78 000 001",
        "Лиговский пр., д. 50",
        "Канал связи",
        "900,00 ₽",
        "Дата заключения",
    ):
        expect(main.get_by_text(words).first).to_be_visible()
    expect(main.get_by_role("heading", name="Баланс")).to_be_visible()
    for name, title in (
        ("Оплатить услуги", "Оплатить"),
        ("Автоплатёж", "Автоплатёж"),
        ("Управление услугами", "Управление услугами"),
        ("События", "События"),
        ("Обращения", "Обращения"),
        ("Настройки", "Настройки"),
        ("Бланки", "Бланки"),
        ("Контакты", "Контакты"),
    ):
        section(anna, name)
        expect(h1(anna)).to_have_text(title)


def test_pays_the_operator_at_the_bank(anna, javascript):
    anna.goto("/")
    to_the_bank(anna)
    anna.get_by_role("button", name="Оплатить").click()
    becomes(anna, "Оплачено", javascript)


def test_pays_the_police_by_a_saved_template_with_only_a_sum(anna, javascript):
    section(anna, "Оплатить услуги")
    anna.get_by_role("link", name="Оплатить охрану").click()
    anna.get_by_label("Районный отдел").select_option(label="Центральный район")
    anna.get_by_label("Номер договора с ОВО").fill("12/345")
    anna.get_by_label("Адрес объекта").fill("СПб, Лиговский пр., 50")
    anna.get_by_label("Период оплаты: с").fill("2026-11-01")
    anna.get_by_label("Период оплаты: по").fill("2026-11-30")
    anna.get_by_label("Сохранить как шаблон").fill("Квартира")
    anna.get_by_role("button", name="Только сохранить шаблон").click()
    section(anna, "Оплатить услуги")
    anna.get_by_role("link", name="Оплатить по шаблону «Квартира»").click()
    anna.get_by_label("Сумма", exact=True).fill("890")
    anna.get_by_role("button", name="Перейти к оплате").click()
    anna.get_by_role("button", name="Оплатить").click()
    becomes(anna, "Оплачено", javascript)


def test_reads_the_rules_and_turns_autopay_on(anna, house, javascript):
    section(anna, "Автоплатёж")
    anna.get_by_role("link", name="Подключить автоплатёж").click()
    confirm(anna, house)
    anna.get_by_label("Число месяца").fill("15")
    anna.get_by_label("Принимаю правила").check()
    anna.get_by_role("button", name="Включить автоплатёж").click()
    anna.get_by_role("button", name="Оплатить").click()
    becomes(anna, "Оплачено", javascript)


def test_the_envelope_lists_requests_and_opens_the_dialogue(anna, house):
    anna.goto("/requests/new/letter")
    anna.get_by_label("Ваше обращение").fill("Где найти номер счёта?")
    send(anna)
    answer(house, 100001, "В договоре, на второй странице.")
    anna.goto("/")
    expect(anna.locator("#envelope .count")).to_have_text("1")
    anna.locator("#envelope").click()
    row = (
        anna.get_by_role("main")
        .get_by_role("listitem")
        .filter(has_text="100001")
        .or_(anna.get_by_role("row").filter(has_text="100001"))
    )
    expect(row.first).to_contain_text(re.compile("[Нн]овая|[Вв] работе"))
    anna.get_by_role("link", name="№ 100001").click()
    anna.get_by_label("Ваше сообщение").fill("Нашла, спасибо.")
    anna.get_by_role("button", name="Отправить").click()
    expect(anna.get_by_text("Нашла, спасибо.").first).to_be_visible()


def test_adds_a_key_and_sees_events_for_a_period(anna, house):
    anna.get_by_role("main").get_by_role("link", name="Управлять").click()
    expect(h1(anna)).to_have_text("События")
    anna.get_by_role("link", name="Добавить ключ").click()
    expect(anna.get_by_text("Его назовёт районный отдел вневедомственной охраны")).to_be_visible()
    anna.get_by_label("Номер ключа").fill("00010")
    anna.get_by_role("button", name="Добавить ключ").click()
    expect(h1(anna)).not_to_have_text("Добавить ключ")
    with Session(house.engine) as db:
        assert keys.visible_keys(db, 1)
    for kind, ago in (("arm", 30), ("disarm", 20), ("alarm", 10)):
        says(write(house), Clock(), "00010", kind, at=Clock().now() - timedelta(minutes=ago))
    section(anna, "События")
    for words in ("Постановка", "Снятие", "Тревога"):
        expect(anna.locator(".day .feed").get_by_text(words).first).to_be_visible()
    expect(anna.locator(".day .feed > li").first).to_contain_text("Квартира")
    anna.get_by_role("link", name="7 дней").click()
    expect(anna.locator(".day .feed > li")).to_have_count(3)


def test_settings_show_the_subscriber_and_let_phones_be_edited(anna):
    section(anna, "Настройки")
    for words in ("Соколова Анна Игоревна", "p-1@example.ru", "+7 921 123-45-67", "Городской"):
        expect(anna.get_by_role("main").get_by_text(words).first).to_be_visible()
    anna.get_by_role("link", name="Изменить телефоны").click()
    anna.get_by_label("Городской").fill("8 812 326 17 20")
    anna.get_by_role("button", name="Сохранить").click()
    expect(anna.get_by_text("+7 812 326-17-20").first).to_be_visible()
    expect(anna.get_by_role("link", name="напишите нам")).to_have_attribute("href", "/requests/new/letter")


def test_takes_each_of_the_six_blanks(anna):
    section(anna, "Бланки")
    links = anna.get_by_role("link", name=re.compile("Бланк с вашими данными"))
    expect(links).to_have_count(6)
    for topic in ("омер", "еренос", "озврат", "одключ", "ерерасчёт", "амили"):
        found = anna.get_by_role("link", name=re.compile(f"Бланк с вашими данными:.*{topic}")).first
        assert anna.request.get(found.get_attribute("href")).body().startswith(b"%PDF-")
    expect(anna.get_by_text("в районный отдел вневедомственной охраны").last).to_be_visible()


def test_contacts_tell_address_phone_and_hours(person):
    person.goto("/contacts")
    office = person.get_by_role("region", name="Офис")
    expect(office.get_by_text("понедельник–четверг")).to_be_visible()
    expect(office.get_by_text("пятница")).to_be_visible()
    expect(person.get_by_text("Ежедневно с 9:00 до 21:00")).to_be_visible()
    expect(person.get_by_role("link", name="help@rosohrana.ru").first).to_be_visible()


def test_every_section_reads_in_a_text_browser(house):
    """w3m, without script, style or pictures: the sections of the manual say what they must."""
    import subprocess

    from db.access import sessions

    with Session(house.engine) as db, writing(db):
        token = sessions.start(db, Clock().now(), subscriber_id=1, contract_id=1, device="w3m")
    for place, words in {
        "/": "Соколова Анна Игоревна",
        "/payments/new": "Вневедомственная охрана",
        "/autopay": "Автоплатёж",
        "/requests/new": "Приостановить канал связи",
        "/inbox": "Обращения",
        "/events": "Добавить ключ",
        "/settings": "Телефоны для связи",
        "/blanks": "Перерасчёт",
        "/contacts": "9:00",
        "/help": "Как это работает",
    }.items():
        call = [
            "w3m",
            "-header",
            f"Cookie: cabinet={token}",
            "-dump",
            "-cols",
            "100",
            "-O",
            "UTF-8",
            house.url + place,
        ]
        told = subprocess.run(call, capture_output=True, text=True, timeout=30, check=True)
        assert words in told.stdout.replace("\n", " "), f"{place}: {told.stdout[:500]}"
