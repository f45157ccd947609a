"""The user manual, section by section, followed by hand in a browser: phone and desk, with JavaScript and
without.

docs/manual.md says which sentence is which story; what cannot be followed here is a defect of the cabinet.
"""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlmodel import Session

from db import writing
from db.clock import Clock
from db.events import keys
from db.people import contracts, services
from e2e.steps import (
    answer,
    ask,
    becomes,
    confirm,
    consent,
    day,
    enter_with,
    h1,
    password_in,
    past_the_code,
    register,
    review_and_send,
    section,
    send,
    to_the_bank,
    write,
)
from rules import days
from tests.kit import cast, hostile
from tests.kit.station import opened, says

SCREENS = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1280, "height": 800}}


@pytest.fixture(params=SCREENS)
def screen(request):
    return request.param


@pytest.fixture
def browser_context_args(browser_context_args, screen):
    return browser_context_args | {"viewport": SCREENS[screen], "has_touch": screen == "phone"}


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
        contract = contracts.numbered(db, cast.ANNA)[0]
        cast.service(db, contract, "sms", "SMS", 15_000, contract.signed_on, mobile="+79211234567")
    opened(write(house), Clock(), "00010")
    for kind, ago in (("arm", 3), ("disarm", 2), ("alarm", 1)):
        says(write(house), Clock(), "00010", kind, at=Clock().now() - timedelta(minutes=ago))
    person.goto("/demo/phone")
    for words in ("Под охраной", "Снято с охраны", "Тревога"):
        expect(person.get_by_role("main").get_by_text(re.compile(f"{words}.*Квартира")).first).to_be_visible()


def test_turns_sms_off(anna, house):
    with Session(house.engine, expire_on_commit=False) as db, writing(db):
        contract = contracts.numbered(db, cast.ANNA)[0]
        cast.service(db, contract, "sms", "SMS", 15_000, contract.signed_on, mobile="+79211234567")
    ask(anna, "Отключить SMS-информирование")
    anna.get_by_label("С какого дня отключить").fill(day(10))
    send(anna, house)


def test_suspends_ten_days_ahead_for_half_the_price_and_not_beyond_six_months(anna, house):
    ask(anna, "Приостановить канал связи")
    anna.get_by_label("Первый день приостановки").fill(day(9))
    anna.get_by_label("Последний день приостановки").fill(day(400))
    anna.get_by_role("button", name="Проверить и отправить").click()
    expect(anna.get_by_role("alert")).to_contain_text("за 10 календарных дней")
    anna.get_by_label("Первый день приостановки").fill(day(10))
    anna.get_by_role("button", name="Проверить и отправить").click()
    expect(anna.get_by_role("alert")).to_contain_text("месяцев")
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

        channel = services.of(db, contracts.numbered(db, cast.ANNA)[0].id)[0]
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
