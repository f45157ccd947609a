"""Paying from home to the ledger and back: by card, by СБП, the police by a template; refused; a bank of
another site.
"""

import shutil
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect
from sqlmodel import Session, select

from db import writing
from db.access.sessions import SessionRow
from e2e.bank import bank_at
from e2e.conftest import RunningServer, free_port
from e2e.steps import becomes, to_the_bank, wrong
from tests.kit import production


def test_paid_by_card_and_seen_in_history_and_balance(anna, house, javascript):
    to_the_bank(anna)
    anna.get_by_role("button", name="Оплатить").click()
    becomes(anna, "Оплачено", javascript)
    expect(anna.get_by_text("1 500,50 ₽ уже на счёте")).to_be_visible()
    anna.get_by_role("link", name="Все платежи").click()
    expect(anna.get_by_role("row").filter(has_text="1 500,50")).to_contain_text("оплачен")
    assert "Получили" in house.sms()


def test_paid_by_sbp(anna, javascript):
    to_the_bank(anna, method="СБП")
    expect(anna.get_by_text("СБП: подтвердите")).to_be_visible()
    anna.get_by_role("button", name="Оплатить").click()
    becomes(anna, "Оплачено", javascript)


def test_refused_at_the_bank_and_tried_again(anna, javascript):
    to_the_bank(anna)
    anna.get_by_role("button", name="Отказаться").click()
    becomes(anna, "Платёж не прошёл", javascript)
    expect(anna.get_by_text("Деньги не списаны")).to_be_visible()
    anna.get_by_role("link", name="Заплатить ещё раз").click()
    expect(anna.get_by_role("heading", level=1)).to_have_text("Оплата услуг связи")


def test_the_bank_never_calls_back_and_it_is_found_out(anna, javascript):
    to_the_bank(anna)
    anna.get_by_label("никогда").check()
    anna.get_by_role("button", name="Оплатить").click()
    expect(anna.get_by_role("heading", level=2, name="Банк ещё не подтвердил оплату")).to_be_visible()
    anna.get_by_role("button", name="Спросить банк сейчас").click()
    expect(anna.get_by_role("heading", level=2, name="Оплачено")).to_be_visible()


def test_walking_away_and_coming_back_by_the_back_button(anna, javascript):
    to_the_bank(anna)
    anna.go_back()
    expect(anna.get_by_role("heading", level=1)).to_have_text("Оплата услуг связи")
    anna.get_by_role("button", name="Перейти к оплате").click()
    anna.wait_for_url(lambda url: "/bank/pay/" in url or url.endswith("/payments/operator"))
    anna.goto("/payments")
    expect(anna.get_by_role("row").filter(has_text="1 500,50")).to_have_count(1)


def test_what_is_no_sum_is_said_at_its_field(anna):
    anna.goto("/payments/operator")
    anna.get_by_label("Сумма", exact=True).fill("1e3")
    anna.get_by_role("button", name="Перейти к оплате").click()
    expect(wrong(anna)).to_contain_text("Сумма пишется цифрами")
    expect(anna.get_by_label("Сумма", exact=True)).to_have_value("1e3")


def fill_police(page):
    page.get_by_label("Районный отдел").select_option(label="Центральный район")
    page.get_by_label("Номер договора с ОВО").fill("12/345")
    page.get_by_label("Адрес объекта").fill("СПб, Лиговский пр., 50")
    page.get_by_label("Период оплаты: с").fill("2026-11-01")
    page.get_by_label("Период оплаты: по").fill("2026-11-30")


def test_the_police_are_paid_by_a_template(anna, javascript):
    anna.goto("/payments/new")
    anna.get_by_role("link", name="Оплатить охрану").click()
    fill_police(anna)
    anna.get_by_label("Сохранить как шаблон").fill("Квартира")
    anna.get_by_role("button", name="Только сохранить шаблон").click()
    expect(anna.get_by_role("heading", level=1)).to_have_text("Квартира")
    anna.goto("/payments/new")
    anna.get_by_role("link", name="Оплатить по шаблону «Квартира»").click()
    anna.get_by_label("Сумма", exact=True).fill("890")
    anna.get_by_role("button", name="Перейти к оплате").click()
    anna.get_by_role("button", name="Оплатить").click()
    becomes(anna, "Оплачено", javascript)
    expect(anna.get_by_text("Банк принял 890,00 ₽ для вневедомственной охраны")).to_be_visible()


@pytest.fixture
def apart(tmp_path, _template):
    """A cabinet by the documented production settings (deploy/env.example), and a bank of another site it
    pays through.
    """
    path, port = tmp_path / "cabinet.sqlite", free_port()
    shutil.copy(_template, path)
    filled = production.FILLED
    shops = {
        filled["CABINET_BANK_SHOP"]: filled["CABINET_BANK_SECRET"],
        filled["CABINET_BANK_POLICE_SHOP"]: filled["CABINET_BANK_POLICE_SECRET"],
    }
    with bank_at(tmp_path, shops) as bank:
        running = RunningServer(
            production.settings(
                database=str(path),
                origin=f"http://127.0.0.1:{port}",
                port=port,
                bank_url=f"{bank}/v3",
                bank_networks=["127.0.0.0/8"],
            )
        )
        assert not running.settings.demo and running.settings.bank == "yookassa"
        running.start()
        yield running.url, bank, running
        running.stop()


def entered(page, ours):
    page.goto(f"{ours}/login")
    page.get_by_label("Номер договора").fill("78000001")
    page.get_by_label("Пароль").fill("синий трамвай у моста")
    page.get_by_role("button", name="Войти", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Главная")


def at_the_banks(page, theirs, amount):
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"Чужой банк: {amount}")
    assert page.url.startswith(f"{theirs}/bank/pay/")


def fill_operator(page, ours):
    page.goto(f"{ours}/payments/operator")
    page.get_by_label("Сумма", exact=True).fill("1500,50")
    page.get_by_role("button", name="Перейти к оплате").click()


def test_a_bank_of_another_site_is_really_reached_and_comes_back(apart, page, javascript):
    ours, theirs, _ = apart
    entered(page, ours)
    fill_operator(page, ours)
    at_the_banks(page, theirs, "1500.50")
    page.get_by_role("button", name="Заплатить").click()
    page.wait_for_url(f"{ours}/payments/*")
    becomes(page, "Оплачено", javascript)


def test_back_from_the_bank_stays_back_and_the_way_on_is_still_there(apart, page):
    """Back must not bounce: neither the form nor the page between is a trap."""
    ours, theirs, _ = apart
    entered(page, ours)
    fill_operator(page, ours)
    at_the_banks(page, theirs, "1500.50")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Оплата услуг связи")
    page.goto(f"{ours}/payments")
    page.get_by_role("row").filter(has_text="1 500,50").get_by_role("link").first.click()
    page.get_by_role("button", name="Вернуться на страницу банка").click()
    at_the_banks(page, theirs, "1500.50")
    page.goto(f"{ours}/payments/1/go")
    # Whoever comes to the page between by themselves is not sent on.
    expect(page.locator("meta[http-equiv=refresh]")).to_have_count(0)
    assert page.url == f"{ours}/payments/1/go"
    page.get_by_role("link", name="Перейти на страницу банка").click()
    at_the_banks(page, theirs, "1500.50")
    page.go_back()
    expect(page.locator("meta[http-equiv=refresh]")).to_have_count(0)
    assert page.url == f"{ours}/payments/1/go"


def test_the_police_are_paid_at_a_bank_of_another_site_too(apart, page, javascript):
    ours, theirs, _ = apart
    entered(page, ours)
    page.goto(f"{ours}/payments/police")
    fill_police(page)
    page.get_by_label("Сумма", exact=True).fill("890")
    page.get_by_label("Сохранить как шаблон").fill("Квартира")
    page.get_by_role("button", name="Перейти к оплате").click()
    at_the_banks(page, theirs, "890.00")
    page.goto(f"{ours}/templates/1")
    page.get_by_label("Сумма", exact=True).fill("891")
    page.get_by_role("button", name="Перейти к оплате").click()
    at_the_banks(page, theirs, "891.00")


def test_a_card_is_bound_at_a_bank_of_another_site(apart, page):
    """Turning autopay on asks for a code, which a production house shows nowhere: this session has just given
    one.
    """
    ours, theirs, house = apart
    entered(page, ours)
    with Session(house.engine) as db, writing(db):
        row = db.exec(select(SessionRow).where(SessionRow.subscriber_id == 1)).one()
        row.confirmed_at = datetime.now(UTC)
        db.add(row)
    page.goto(f"{ours}/autopay/new")
    page.get_by_label("Первый платёж, сейчас").fill("700")
    page.get_by_label("Принимаю правила автоплатежа").check()
    page.get_by_role("button", name="Включить автоплатёж").click()
    at_the_banks(page, theirs, "700.00")
