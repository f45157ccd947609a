"""The feed as people use it: choose a period, see an alarm come by itself, read its story, be warned in the
evening.
"""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlmodel import Session

from db import writing
from db.clock import Clock
from db.events import keys, station
from e2e.steps import wrong
from rules.events.events import EventKind, StationReport

CODES = {"arm": "R401", "disarm": "E401", "alarm": "E130"}


def says(house, *told: tuple[str, timedelta]) -> None:
    """Reports of Anna's key, each so long ago."""
    now = Clock().now()
    with Session(house.engine) as db, writing(db):
        reports = [StationReport("00010", now - ago, CODES[kind], EventKind[kind], "2") for kind, ago in told]
        station.ingest(db, "пульт", reports, now)


@pytest.fixture
def lived_in(house):
    """Anna's key is added, and forty days lie behind it."""
    with Session(house.engine) as db, writing(db):
        key = keys.find_by_number(db, "00010")
        keys.open_key(db, key, key.contract_id, "", "registry", Clock().now())
    told = [
        (kind, timedelta(days=day, hours=hours))
        for day in range(40)
        for kind, hours in (("arm", 14), ("disarm", 4))
    ]
    says(house, *told)


def lines(page):
    return page.locator(".day .feed > li")


def test_the_period_and_the_kind_change_the_list_and_the_address(anna, lived_in, javascript):
    anna.goto("/")
    expect(anna.get_by_text("не под охраной").first).to_be_visible()
    anna.goto("/events")
    anna.get_by_role("link", name="Месяц").click()
    expect(anna).to_have_url(re.compile("period=month"))
    expect(lines(anna)).to_have_count(50)
    anna.get_by_role("link", name="Раньше").click()
    expect(anna.get_by_role("link", name="К самым новым")).to_be_visible()
    anna.goto("/events?period=month")
    anna.get_by_text("Объект, события, даты").click()
    anna.get_by_label("События", exact=True).select_option(label="тревоги")
    if not javascript:
        anna.get_by_role("button", name="Показать").click()
    expect(anna.get_by_text("За это время событий нет")).to_be_visible()
    expect(anna).to_have_url(re.compile("period=month.*kind=alarms"))
    anna.go_back()
    expect(lines(anna)).to_have_count(50)


def test_bad_days_are_said_and_stay(anna, lived_in):
    anna.goto("/events?from=2026-11-05&to=2026-11-01")
    expect(wrong(anna)).to_contain_text("раньше первого")
    expect(anna.get_by_label("С какого дня")).to_have_value("2026-11-05")


def test_an_alarm_comes_by_itself_and_moves_nothing(anna, house, lived_in, javascript):
    anna.goto("/events")
    first = anna.locator(".day h3").first
    before = first.bounding_box()["y"]
    says(house, ("disarm", timedelta(seconds=1)))
    if javascript:
        expect(anna.get_by_text("показать в списке")).to_be_visible(timeout=20_000)
        assert abs(first.bounding_box()["y"] - before) < 2
        anna.get_by_role("link", name="показать в списке").click()
        expect(anna.get_by_text("Новые события появятся здесь сами")).to_be_visible()
    says(house, ("alarm", timedelta(seconds=0)))
    anna.goto("/events")
    anna.locator(".day").get_by_role("link", name="Тревога: проникновение").click()
    expect(anna.get_by_role("heading", name="Тревога: проникновение")).to_be_visible()
    anna.get_by_label("Ваш комментарий").fill("Проверил, всё цело.")
    anna.get_by_role("button", name="Сохранить комментарий").click()
    expect(anna.get_by_role("listitem").filter(has_text="Проверил, всё цело.")).to_be_visible()


def test_a_table_for_a_spreadsheet(anna, lived_in):
    anna.goto("/events")
    with anna.expect_download() as download:
        anna.get_by_role("link", name="Таблица для Excel").click()
    assert download.value.suggested_filename.endswith(".csv")


def test_a_warning_is_asked_for_and_dropped(anna, lived_in):
    anna.goto("/supervision/new")
    anna.get_by_label("К какому времени").fill("21:30")
    anna.get_by_role("button", name="Сохранить").click()
    expect(anna.get_by_text("предупредить, если не под охраной к 21:30").first).to_be_visible()
    anna.get_by_role("link", name=re.compile("Убрать")).click()
    anna.get_by_role("button", name="Убрать предупреждение").click()
    expect(anna.get_by_text("Предупреждений пока нет")).to_be_visible()
