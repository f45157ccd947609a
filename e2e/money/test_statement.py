"""A year of charges and payments read, narrowed, taken home as PDF and CSV; and a receipt looked at."""

import re
from datetime import date

import pytest
from playwright.sync_api import expect
from sqlmodel import Session

from db import writing
from db.clock import Clock
from db.money import accruals, fiscal_receipts, ledger
from db.people import contracts
from rules.days import add_months, midnight, month_start, short, today
from tests.kit import cast


@pytest.fixture
def last() -> date:
    """The first day of the last month."""
    return add_months(month_start(today(Clock().now())), -1)


@pytest.fixture
def boris(house, sign_in, last):
    """Борис came to us two months ago with 1 000 ₽ and paid 700 ₽ on the fifth of the last month."""
    with Session(house.engine, expire_on_commit=False) as db:
        id = contracts.find_by_number(db, cast.BORIS)[0].id
        begun, paid = add_months(last, -1), last.replace(day=5)
        with writing(db):
            ledger.add(db, id, 100_000, "opening", "opening:b", day=begun, now=midnight(begun))
            ledger.add(
                db, id, 70_000, "payment", "payment:b", day=paid, now=midnight(paid), note="Оплата картой"
            )
            told = house.settings.vat_rates
            fiscal_receipts.add_prepayment_receipt(
                db, id, 70_000, 0, "payment:b", "boris@example.ru", midnight(paid), told, None
            )
        for month in (begun, last):
            accruals.post_month(db, month, Clock().now())
    return sign_in(cast.BORIS)


def test_a_year_read_and_narrowed_to_a_day(boris, last, javascript):
    boris.goto("/statement")
    expect(boris.get_by_role("heading", level=1)).to_have_text("Выписка")
    expect(boris.get_by_text("Оплата картой")).to_be_visible()
    expect(boris.get_by_role("img", name=re.compile("Начислено и оплачено"))).to_be_visible()
    boris.get_by_role("link", name="Этот месяц").click()
    expect(boris.get_by_text("Оплата картой")).to_have_count(0)
    expect(boris).to_have_url(re.compile("period=month"))
    boris.get_by_label("С какого дня").fill(last.replace(day=5).isoformat())
    boris.get_by_label("По какой день").fill(last.replace(day=6).isoformat())
    if not javascript:
        boris.get_by_role("button", name="Показать").click()
    expect(boris.get_by_text("Оплата картой")).to_be_visible()
    expect(boris.get_by_text("Абонентская плата")).to_have_count(0)
    expect(boris).to_have_url(re.compile(f"to={last.replace(day=6)}"))
    expect(boris.get_by_role("link", name="Этот месяц")).not_to_have_attribute("aria-current", "true")
    boris.reload()
    expect(boris.get_by_label("С какого дня")).to_have_value(last.replace(day=5).isoformat())
    expect(boris.get_by_text("Оплата картой")).to_be_visible()


def test_days_in_the_wrong_order_are_said(boris, last, javascript):
    boris.goto("/statement")
    boris.get_by_label("По какой день").fill(add_months(last, -3).isoformat())
    boris.get_by_label("С какого дня").fill(last.isoformat())
    if not javascript:
        boris.get_by_role("button", name="Показать").click()
    expect(boris.locator("main").get_by_text("Последний день раньше первого").first).to_be_visible()
    expect(boris.get_by_label("С какого дня")).to_have_value(last.isoformat())


def test_taken_home_as_paper_and_table(boris, last):
    boris.goto("/statement?period=year")
    for name, kind in (("Скачать PDF", "pdf"), ("Таблица для Excel", "csv")):
        with boris.expect_download() as taken:
            boris.get_by_role("link", name=name).click()
        assert re.fullmatch(
            rf"vypiska-\d{{4}}-\d\d-01-{today(Clock().now())}\.{kind}", taken.value.suggested_filename
        )
        body = taken.value.path().read_bytes()
        assert body.startswith(b"%PDF" if kind == "pdf" else b"\xef\xbb\xbf")
    assert f"{short(last.replace(day=5))};Оплата;Оплата картой;700,00;" in body.decode("utf-8-sig")


def test_a_receipt_arrives_by_itself(boris):
    boris.goto("/statement")
    boris.get_by_role("link", name="Чеки").click()
    expect(boris.get_by_role("heading", level=1)).to_have_text("Чеки")
    expect(boris.get_by_text("700,00 ₽")).to_be_visible()
    boris.get_by_role("link", name="Оплата", exact=True).last.click()
    expect(boris.get_by_role("heading", level=1)).to_have_text(re.compile("Чек на 700,00"))
    expect(boris.get_by_text("boris@example.ru")).to_be_visible()


def test_the_months_before_us_are_not_there(boris):
    boris.goto(f"/statement?from={date(2020, 1, 1)}&to={date(2020, 2, 1)}")
    expect(boris.get_by_text("За это время ничего не начисляли")).to_be_visible()
