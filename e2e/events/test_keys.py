"""A key by its number: at once when the registry agrees, by what we tell to do at the panel when not, and
away again.
"""

from datetime import timedelta

from playwright.sync_api import expect
from sqlmodel import Session

from db import writing
from db.clock import Clock
from db.events import station
from e2e.steps import wrong
from rules.events.events import EventKind, StationReport


def report(house, number: str, kind: str, code: str, who: str = "1", later: int = 0) -> None:
    """A signal of a panel, `later` seconds from now: the station counts in whole seconds."""
    with Session(house.engine) as db, writing(db):
        now = Clock().now() + timedelta(seconds=later)
        station.ingest(db, "пульт", [StationReport(number, now, code, EventKind[kind], who)], now)


def add(person, number: str, name: str = "") -> None:
    person.goto("/keys/new")
    person.get_by_label("Номер ключа").fill(number)
    person.get_by_label("Как назвать").fill(name)
    person.get_by_role("button", name="Добавить ключ").click()


def test_a_key_is_added_named_and_removed(anna, house):
    anna.goto("/")
    anna.get_by_role("link", name="Управлять", exact=True).click()
    anna.get_by_role("link", name="Добавить ключ").click()
    anna.get_by_label("Номер ключа").fill("дача")
    anna.get_by_role("button", name="Добавить ключ").click()
    expect(wrong(anna)).to_contain_text("от 3 до 16 цифр")
    report(house, "00010", "disarm", "E401", who="3")
    add(anna, "00010")
    expect(anna.get_by_text("Ключ добавлен")).to_be_visible()
    expect(anna.get_by_text("Квартира · пользователь 3")).to_be_visible()
    assert "добавлен ключ •••10" in house.sms("+79211234567")
    anna.get_by_role("link", name="Ключи и имена").click()
    anna.get_by_role("link", name="Имена для ключа •••10").click()
    anna.get_by_label("Пользователь 3").fill("Миша")
    anna.get_by_role("button", name="Сохранить").click()
    anna.get_by_role("link", name="События", exact=True).last.click()
    expect(anna.get_by_text("Квартира · Миша")).to_be_visible()
    anna.goto("/keys")
    anna.get_by_role("link", name="Убрать ключ •••10").click()
    anna.get_by_role("button", name="Убрать ключ").click()
    expect(anna.get_by_text("Ключей пока нет")).to_be_visible()


def test_an_unknown_number_is_proved_by_what_we_tell_to_do_at_the_panel(anna, house, javascript):
    add(anna, "7777", "дача")
    expect(anna.get_by_role("heading", name="Ключ •••77")).to_be_visible()
    anna.get_by_role("button", name="Я у пульта, начать").click()
    steps = anna.locator("#proof ol li")
    expect(steps).to_have_count(3)
    codes = {"Поставьте под охрану": ("arm", "R401"), "Снимите с охраны": ("disarm", "E401")}
    for later, step in enumerate(steps.all_inner_texts()):
        report(house, "7777", *codes[step.strip()], later=later)
    # Without a script the page asks for itself anew every ten seconds.
    expect(anna.get_by_text("Ключ подтверждён")).to_be_visible(timeout=40_000)
    anna.goto("/keys")
    expect(anna.locator("#keys").get_by_text("Ждёт проверки")).to_have_count(0)
    anna.get_by_role("link", name="Имена для ключа •••77").click()
    expect(anna.get_by_role("heading", name="Ключ •••77")).to_be_visible()


def test_the_true_owners_disarm_opens_nothing_to_a_stranger(anna, house):
    add(anna, "7777")
    anna.get_by_role("button", name="Я у пульта, начать").click()
    expect(anna.locator("#proof ol li")).to_have_count(3)
    report(house, "7777", "disarm", "E401")
    house.wait_for_job("keys")
    anna.goto("/keys")
    expect(anna.locator("#keys").get_by_text("Ждёт проверки")).to_be_visible()
    expect(anna.get_by_text("Идёт проверка")).to_be_visible()
