"""Settings as their owner changes them: an application's codes, the phone for entry, the e-mail, notices, a
copy of the data.
"""

import io
import re
import subprocess
import tempfile
import zipfile
from datetime import timedelta

import pyotp
from playwright.sync_api import expect
from sqlmodel import Session

from db import clock, exports, writing
from db.clock import MovableClock
from db.people import contracts
from e2e.steps import confirm, h1, wrong
from tests.kit import cast

OLD, NEW = "+79211234567", "+79995550011"


def to(page, link: str):
    page.goto("/settings")
    expect(h1(page)).to_have_text("Настройки")
    page.get_by_role("main").get_by_role("link", name=link).first.click()


def later(house, **by: int) -> None:
    """The cabinet's clock moved: a code once used opens nothing more, and a confirmation wears off."""
    with Session(house.engine) as db, writing(db):
        clock.set_shift(db, int(timedelta(**by).total_seconds()))


def scanned(picture) -> str:
    """What a telephone's camera reads of a picture as it stands on the page."""
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        picture.screenshot(
            path=file.name, caret="initial"
        )  # hiding it is a style of their own, which our policy forbids
        read = subprocess.run(["zbarimg", "-q", "--raw", file.name], capture_output=True, check=True)
    return read.stdout.decode()


def code_in(words: str) -> str:
    return re.search(r"\d{6}", words)[0]


def test_an_application_is_enrolled_and_its_code_confirms_and_lets_in(anna, house):
    to(anna, "Подключить приложение")
    confirm(anna, house)
    expect(h1(anna)).to_have_text("Приложение с кодами")
    secret = anna.locator("b.code").inner_text().replace(" ", "")
    shown = pyotp.TOTP(secret)
    anna.set_viewport_size({"width": 390, "height": 844})
    assert f"secret={secret}" in scanned(anna.locator(".qr"))
    anna.get_by_label("Код из приложения").fill("000000")
    anna.get_by_role("button", name="Подключить").click()
    expect(wrong(anna)).to_contain_text("Код не подошёл")
    anna.get_by_label("Код из приложения").fill(shown.at(MovableClock(house.engine).now()))
    anna.get_by_role("button", name="Подключить").click()
    expect(anna.get_by_text("код из приложения спросим и при входе")).to_be_visible()
    anna.goto("/")
    expect(anna.get_by_role("heading", name="Изменён вход в кабинет")).to_be_visible()
    anna.get_by_role("button", name="Это я").click()
    expect(anna.get_by_role("heading", name="Изменён вход в кабинет")).to_have_count(0)
    later(house, minutes=11)
    to(anna, "Получить копию")
    expect(h1(anna)).to_have_text("Подтвердите, что это вы")
    expect(anna.get_by_label("Код из SMS")).to_have_count(0)
    anna.get_by_label("Код из приложения").fill(shown.at(MovableClock(house.engine).now()))
    anna.get_by_role("button", name="Подтвердить").click()
    expect(h1(anna)).to_have_text("Копия данных")
    anna.locator(".who summary").click()
    anna.get_by_role("button", name="Выйти").click()
    anna.get_by_label("Номер договора").fill("78 000 001")
    anna.get_by_label("Пароль").fill(cast.PASSWORD)
    anna.get_by_role("button", name="Войти").click()
    expect(h1(anna)).to_have_text("Код из приложения")
    later(house, minutes=12)
    anna.get_by_label("Код", exact=True).fill(shown.at(MovableClock(house.engine).now()))
    anna.get_by_role("button", name="Войти").first.click()
    expect(h1(anna)).to_have_text("Главная")


def test_a_lost_application_is_declared_at_the_entry_and_kept_from_the_cabinet(
    anna, house, browser, browser_context_args
):
    to(anna, "Подключить приложение")
    confirm(anna, house)
    shown = pyotp.TOTP(anna.locator("b.code").inner_text().replace(" ", ""))
    anna.get_by_label("Код из приложения").fill(shown.at(MovableClock(house.engine).now()))
    anna.get_by_role("button", name="Подключить").click()
    other = browser.new_context(**browser_context_args).new_page()
    other.goto("/login")
    other.get_by_label("Номер договора").fill("78 000 001")
    other.get_by_label("Пароль").fill(cast.PASSWORD)
    other.get_by_role("button", name="Войти").click()
    other.get_by_role("link", name="Нет доступа к приложению").click()
    other.get_by_role("button", name="Отправить код").click()
    other.get_by_label("Код из SMS").fill(code_in(house.sms(OLD)))
    other.get_by_label("Пароль от кабинета").fill(cast.PASSWORD)
    other.get_by_role("button", name="Отключить через сутки").click()
    expect(other.get_by_text("Приложение будет отключено")).to_be_visible()
    anna.goto("/events")
    anna.get_by_role("button", name="Не отключать приложение").click()
    expect(anna.get_by_text("Приложение с кодами остаётся")).to_be_visible()
    expect(anna.get_by_role("button", name="Не отключать приложение")).to_have_count(0)


def test_the_phone_for_entry_moves_by_both_codes(anna, house):
    to(anna, "Изменить телефон для входа")
    anna.get_by_label("Новый телефон").fill("8 999 555-00-11")
    anna.get_by_role("button", name="Получить коды").click()
    expect(h1(anna)).to_have_text("Коды с двух телефонов")
    anna.get_by_label("Код с прежнего номера").fill(code_in(house.sms(OLD)))
    anna.get_by_label("Код с нового номера").fill("000000")
    anna.get_by_role("button", name="Сменить телефон").click()
    expect(wrong(anna)).to_contain_text("Код не подошёл")
    anna.get_by_label("Код с прежнего номера").fill(code_in(house.sms(OLD)))
    anna.get_by_label("Код с нового номера").fill(code_in(house.sms(NEW)))
    anna.get_by_role("button", name="Сменить телефон").click()
    expect(anna.get_by_text("Телефон для входа изменён")).to_be_visible()
    expect(anna.get_by_text("•••-00-11")).to_be_visible()
    assert "перенесён на другой номер" in house.sms(OLD)


def test_a_lost_number_goes_to_the_desk(anna):
    to(anna, "Изменить телефон для входа")
    anna.get_by_role("link", name="Попросить сменить его без кода").click()
    expect(h1(anna)).to_have_text("Прежнего номера нет")
    anna.get_by_label("Новый телефон").fill("8 999 555-00-11")
    anna.get_by_role("button", name="Отправить обращение").click()
    expect(h1(anna)).to_have_text("Обращение № 100001")
    expect(anna.get_by_text("Прошу изменить телефон для входа на")).to_be_visible()


def test_the_email_becomes_theirs_by_the_link_of_the_letter(anna, house):
    to(anna, "Подтвердить почту")
    confirm(anna, house)
    expect(h1(anna)).to_have_text("Электронная почта")
    anna.get_by_label("Адрес почты").fill("anna@new.example")
    anna.get_by_role("button", name="Отправить письмо").click()
    expect(anna.get_by_text("Ждём, когда вы откроете ссылку в письме на anna@new.example")).to_be_visible()
    anna.goto(re.search(r"/email/\S+", house.sms("anna@new.example"))[0])
    anna.get_by_role("button", name="Это мой адрес").click()
    expect(anna.get_by_text("Адрес почты подтверждён")).to_be_visible()
    expect(anna.get_by_role("region", name="Электронная почта")).to_contain_text("anna@new.example")
    expect(anna.get_by_role("region", name="Электронная почта")).to_contain_text("Подтверждена")


def test_a_copy_of_the_data_is_asked_for_made_and_taken(anna, house):
    to(anna, "Получить копию")
    confirm(anna, house)
    anna.get_by_role("button", name="Собрать копию").click()
    expect(anna.get_by_role("heading", name="Готовим")).to_be_visible()
    exports.make_due(house.engine, house.settings, MovableClock(house.engine).now())
    anna.get_by_role("link", name="Проверить").click()
    expect(anna.get_by_role("heading", name="Копия готова")).to_be_visible()
    with anna.expect_download() as loaded:
        anna.get_by_role("link", name="Скачать архив").click()
    with zipfile.ZipFile(io.BytesIO(loaded.value.path().read_bytes())) as packed:
        assert {"README.txt", "subscriber.json", "contract.json", "sobytiya.csv"} <= set(packed.namelist())
        assert "Соколова Анна Игоревна" in packed.read("subscriber.json").decode()


def test_notices_are_chosen_and_alarms_stay_while_sms_is_paid_for(anna, house):
    with Session(house.engine, expire_on_commit=False) as db, writing(db):
        contract = contracts.find_by_number(db, cast.ANNA)[0]
        cast.service(db, contract, "sms", "SMS", 15_000, contract.signed_on, mobile=OLD)
    to(anna, "Выбрать уведомления")
    expect(h1(anna)).to_have_text("Уведомления")
    alarms = anna.get_by_label("Тревоги: SMS")
    expect(alarms).to_be_checked()
    expect(alarms).to_be_disabled()
    anna.get_by_label("Ответы на обращения: SMS").uncheck()
    anna.get_by_label("Ответы на обращения: Почта").check()
    anna.get_by_role("button", name="Сохранить выбор").click()
    expect(anna.get_by_text("Выбор сохранён")).to_be_visible()
    to(anna, "Выбрать уведомления")
    expect(anna.get_by_label("Тревоги: SMS")).to_be_checked()
    expect(anna.get_by_label("Ответы на обращения: SMS")).not_to_be_checked()
    expect(anna.get_by_label("Ответы на обращения: Почта")).to_be_checked()
