"""Paying from home to the ledger and back: by card, by СБП, the police by a template; refused; a bank of another origin."""

import shutil

import pytest
from playwright.sync_api import expect

from e2e.conftest import House, free_port
from settings import Settings


def to_the_bank(page, amount="1500,50", method="Банковская карта"):
    page.get_by_role("link", name="Оплатить", exact=True).first.click()
    page.get_by_role("link", name="Оплатить услуги связи").click()
    page.get_by_label("Сумма", exact=True).fill(amount)
    page.get_by_label(method).check()
    page.get_by_label("Куда прислать чек").fill("anna@example.ru")
    page.get_by_role("button", name="Перейти к оплате").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Оплата")
    expect(page.get_by_text("Песочный банк").first).to_be_visible()


def becomes(page, words, javascript):
    """The back page says it by itself with JavaScript; without, the person asks or looks again."""
    if not javascript:
        page.wait_for_timeout(1500)
        if page.get_by_role("button", name="Спросить банк сейчас").count():
            page.get_by_role("button", name="Спросить банк сейчас").click()
    expect(page.get_by_role("heading", level=2, name=words)).to_be_visible(timeout=15_000)


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
    expect(anna.get_by_role("alert")).to_contain_text("Сумма пишется цифрами")
    expect(anna.get_by_label("Сумма", exact=True)).to_have_value("1e3")


def test_the_police_are_paid_by_a_template(anna, javascript):
    anna.goto("/payments/new")
    anna.get_by_role("link", name="Оплатить охрану").click()
    anna.get_by_label("Районный отдел").select_option(label="Центральный район")
    anna.get_by_label("Номер договора с ОВО").fill("12/345")
    anna.get_by_label("Адрес объекта").fill("СПб, Лиговский пр., 50")
    anna.get_by_label("Период оплаты: с").fill("2026-11-01")
    anna.get_by_label("Период оплаты: по").fill("2026-11-30")
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
    """A cabinet and, on another port, the bank it pays through: two origins, the driver going over HTTP."""
    ports = free_port(), free_port()
    ours, theirs = (f"http://127.0.0.1:{port}" for port in ports)
    both = []
    for name, port, own, other in (("cabinet", ports[0], ours, theirs), ("bank", ports[1], theirs, ours)):
        path = tmp_path / f"{name}.sqlite"
        shutil.copy(_template, path)
        bank = {"bank": "yookassa", "bank_url": f"{theirs}/bank/v3", "bank_networks": ["127.0.0.0/8"]}
        extra = bank if name == "cabinet" else {}
        both.append(House(Settings(_env_file=None, demo=True, database=str(path), port=port, origin=own,
                                   bank_origin=other, **extra)))  # fmt: skip
        both[-1].start()
    yield ours, theirs
    for one in both:
        one.stop()


def test_a_bank_of_another_origin_is_really_reached_and_comes_back(apart, page, javascript):
    ours, theirs = apart
    page.goto(f"{ours}/login")
    page.get_by_label("Номер договора").fill("78000001")
    page.get_by_label("Пароль").fill("синий трамвай у моста")
    page.get_by_role("button", name="Войти", exact=True).click()
    to_the_bank(page)
    assert page.url.startswith(f"{theirs}/bank/pay/")
    page.get_by_role("button", name="Оплатить").click()
    page.wait_for_url(f"{ours}/payments/*")
    becomes(page, "Оплачено", javascript)
