"""The cabinet in lynx, by keys alone, for those who have no other browser: in by contract number, about, and
out.
"""

import os
import re
import shutil
import subprocess
from datetime import timedelta

import pytest
from sqlmodel import Session

from db import writing
from db.access import passwords, sign_in, staff
from db.clock import Clock
from db.people import contracts
from e2e.desk.test_queue import sent
from e2e.terminal import W3m
from rules import days
from tests.kit import cast

PASSWORD = "four boats under a bridge"


@pytest.fixture
def javascript():
    return False


def keys(*parts: str) -> str:
    """A lynx command script: names in angle brackets are keys, the rest is typed."""
    lines = []
    for part in parts:
        if part.startswith("<"):
            lines.append("key " + part.strip("<>"))
        else:
            lines += ["key <space>" if sign == " " else f"key {sign}" for sign in part]
    return "\n".join(lines) + "\n"


def walk(house, tmp_path, *parts: str, start: str = "/login") -> str:
    """What lynx shows at the end of these keys, as it saves the page to a file."""
    assert shutil.which("lynx"), "apt-get install lynx"
    saved, script = tmp_path / "page.txt", tmp_path / "keys"
    saved.unlink(missing_ok=True)
    script.write_text(keys(*parts, "p", "<^J>", "<^U>", str(saved), "<^J>", "Q", "y"))
    subprocess.run(
        [
            "lynx",
            "-accept_all_cookies",
            "-assume_charset=utf-8",
            "-display_charset=utf-8",
            "-width=200",
            f"-cmd_script={script}",
            house.url + start,
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=60,
        check=False,
        env=os.environ | {"LC_ALL": "C.UTF-8", "TERM": "vt100", "HOME": str(tmp_path)},
    )
    return " ".join(saved.read_text("utf-8", errors="replace").split())


DOWN_TO_FORM = ("<Down Arrow>",) * 5  # past the links every page begins with
DOWN_TO_CODE = ("<Down Arrow>",) * 11  # and past the sections of who has given a password


def sign_in_keys() -> tuple[str, ...]:
    return (*DOWN_TO_FORM, str(cast.ANNA), "<Down Arrow>", PASSWORD, "<Down Arrow>", "<^J>")


@pytest.fixture
def ascii_password(house):
    """lynx scripts keys, and keys are Latin."""
    with Session(house.engine) as db, writing(db):
        anna = contracts.find_by_number(db, cast.ANNA)[1]
        sign_in.save_entry(
            db, anna.id, "password", passwords.hash_password(PASSWORD), house.app.state.clock.now()
        )


def test_a_subscriber_enters_and_sees_contract_and_balance(house, tmp_path, ascii_password):
    page = walk(house, tmp_path, *sign_in_keys())
    assert "Соколова Анна Игоревна" in page
    assert "78 000 001" in page
    assert "Баланс" in page and "₽" in page


def test_a_wrong_password_is_told_in_words(house, tmp_path):
    page = walk(house, tmp_path, *sign_in_keys())
    assert "Номер договора и пароль не подошли друг к другу" in page


def test_the_entry_reads_well_in_w3m(house):
    page = subprocess.run(
        ["w3m", "-dump", house.url + "/login"], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    assert (
        page.index("Вход")
        < page.index("Номер договора")
        < page.index("Пароль")
        < page.index("Забыли пароль?")
    )


@pytest.fixture
def w3m(house, tmp_path):
    opened = []

    def browse(place: str) -> W3m:
        opened.append(W3m(house.url + place, str(tmp_path)))
        return opened[-1]

    yield browse
    for one in opened:
        one.close()


def day(ahead: int) -> str:
    return (days.today(Clock().now()) + timedelta(days=ahead)).isoformat()


def test_the_manual_is_walked_in_w3m_from_the_entry_to_the_exit(house, w3m, tmp_path):
    """Sections 2–3.7, by keys alone: every page is reached by the links a person sees."""
    page = w3m("/login")
    page.sees("Забыли пароль?", "Зарегистрироваться")
    page.fill("Номер договора", "78 000 001")
    page.fill("Пароль", cast.PASSWORD)
    page.press("Войти")
    page.sees("Соколова Анна Игоревна", "Дата заключения", "Лиговский пр., д. 50", "900,00 ₽", "Баланс")
    pay(page)
    page.goto(house.url)
    suspend(page, house)
    page.follow("События")
    page.sees("Viewing <События", "Добавить ключ")
    write_to_us(page)
    page.follow("Настройки")
    page.sees(
        "Viewing <Настройки", "Соколова Анна Игоревна", "Городской", "p-1@example.ru", "Изменить телефоны"
    )
    page.follow("Бланки")
    page.sees("Viewing <Бланки", "в районный отдел вневедомственной охраны")
    paper = tmp_path / "blank.pdf"
    page.save("Бланк с вашими данными", str(paper))
    page.sees("Viewing <Бланки")
    assert paper.read_bytes().startswith(b"%PDF-")
    page.follow("Контакты")
    page.sees("Viewing <Контакты", "понедельник–четверг", "Ежедневно с 9:00 до 21:00", "help@rosohrana.ru")
    page.press("Выйти")
    page.sees("Viewing <Вход", "Вы вышли из кабинета")


def pay(page: W3m) -> None:
    page.follow("Оплатить услуги")
    page.sees("Viewing <Оплатить", "Вневедомственная охрана")
    page.follow("Оплатить услуги связи")
    page.sees("Viewing <Оплата услуг")
    page.fill("Сумма", "1500,50")
    page.fill("Куда прислать чек", "anna@example.ru")
    page.press("Перейти к оплате")
    page.sees("Viewing <Переход в банк", "1 500,50 ₽")
    page.follow("Перейти на страницу банка")
    page.sees("Песочный банк", "1 500,50 ₽")


def suspend(page: W3m, house) -> None:
    page.sees("Viewing <Главная")
    page.follow("Управление услугами")
    page.sees("Viewing <Управление услугами", "Расторжение договора", "Возврат денежных средств")
    page.follow("Приостановить канал связи")
    page.sees("Viewing <Приостановить канал связи")
    page.fill("Первый день приостановки", day(10))
    page.fill("Последний день приостановки", day(20))
    page.press("Проверить и отправить")
    page.sees("Подтвердите, что это вы")
    page.press("Отправить код")
    page.sees("Код отправлен")
    page.fill("Код из SMS", re.search(r"\d{6}", house.sms("+79211234567"))[0])
    page.press("Подтвердить")
    page.sees("Проверьте и отправьте")
    page.tick("Я понимаю")
    page.tick("Принимаю эти правила")
    page.press_last("Отправить")
    page.sees("Заявка № 100001 отправлена")


def write_to_us(page: W3m) -> None:
    page.follow("Обращения")
    page.sees("Viewing <Обращения", "№ 100001", "Приостановить канал связи")
    page.follow("100001")
    page.sees("Viewing <Заявка № 100001", "Ход заявки")
    page.write("Ваше сообщение", "Спасибо, жду.")
    page.press_last("Отправить")
    page.sees("Сообщение отправлено", "Спасибо, жду.")


def test_staff_come_in_and_answer_in_w3m(house, w3m):
    """The desk by keys alone: password, the application's code, the queue, an answer its subscriber then
    reads.
    """
    number = sent(house, text="Когда починят мой датчик?")
    page = w3m("/staff/login")
    page.sees("Viewing <Рабочее место")
    page.fill("Логин", "maria")
    page.fill("Пароль", cast.PASSWORD, nth=2)
    page.press("Дальше")
    shown = re.search(r"приложение показало бы (\d{6})", page.sees("Viewing <Код из приложения"))[1]
    page.fill("код восстановления", shown)
    page.press("Войти")
    page.sees("Viewing <Очередь", str(number))
    page.follow(str(number))
    page.sees("Переписка", "Когда починят мой датчик?")
    page.write("Сообщение", "Мастер придёт завтра с 10 до 12.")
    page.press("Ответить и закрыть")
    page.sees("обращение закрыто", "Мастер придёт завтра с 10 до 12.")


def test_staff_come_in_and_read_the_queue_in_lynx(house, tmp_path, ascii_password):
    """lynx types Latin words: the password is made so, and a recovery code stands for the application."""
    number = sent(house, text="Когда починят мой датчик?")
    with Session(house.engine, expire_on_commit=False) as db, writing(db):
        maria = staff.find_by_login(db, "maria")
        maria.password_hash = passwords.hash_password(PASSWORD)
        staff.demonstration_code(db, maria, house.settings.attachment_keys, Clock().now())
        spare = staff.renew_recovery_codes(db, maria)[0]
    page = walk(
        house,
        tmp_path,
        *DOWN_TO_FORM,
        "maria",
        "<Down Arrow>",
        PASSWORD,
        "<Down Arrow>",
        "<^J>",
        *DOWN_TO_CODE,
        spare,
        "<Down Arrow>",
        "<^J>",
        start="/staff/login",
    )
    assert "Очередь" in page and str(number) in page and "Соколова Анна Игоревна" in page
