"""The accountant's day: a contract's ledger, corrections and their second pair of eyes, what the bank says
otherwise, the day beside the bank's list, who owes, and the tables taken away.
"""

import pytest
from playwright.sync_api import expect
from sqlmodel import Session

from db.clock import MovableClock
from db.payments import payments
from db.people import contracts
from e2e.steps import shoot, to_the_bank, wrong
from gateways.banks import sandbox
from tests.kit import cast

REASON = "Линия не работала три дня"


@pytest.fixture
def ledger(both) -> str:
    with Session(both.house.engine) as db:
        return f"/staff/ledger/{contracts.find_by_number(db, cast.ANNA)[0].id}"


def correct(desk, ledger: str, amount: str) -> None:
    desk.goto(ledger)
    desk.get_by_label("Добавить").check()
    desk.get_by_label("Сумма", exact=True).fill(amount)
    desk.get_by_label("Основание").fill(REASON)
    desk.get_by_role("button", name="Провести").click()


def test_a_small_correction_counts_at_once_a_large_one_after_another_pair_of_eyes(both, ledger, javascript):
    alexey = both.desk("alexey")
    correct(alexey, ledger, "300,50")
    expect(alexey.get_by_role("status").filter(has_text="Корректировка 300,50 ₽: проведена")).to_be_visible()
    both.booked(REASON, "300,50")
    correct(alexey, ledger, "6000")
    expect(alexey.get_by_role("status").filter(has_text="ждёт второго бухгалтера")).to_be_visible()
    shoot(alexey, "ledger")
    alexey.goto("/staff/money")
    expect(alexey.get_by_role("button", name="Провести")).to_have_count(0)
    expect(alexey.get_by_role("button", name="Отозвать")).to_be_visible()
    expect(both.page.get_by_text("6 000,00")).to_have_count(0)
    ada = both.desk("ada")
    ada.goto("/staff/money")
    shoot(ada, "money")
    ada.get_by_role("button", name="Провести").click()
    expect(ada.get_by_role("status").filter(has_text="Корректировка проведена")).to_be_visible()
    both.page.goto("/statement")
    expect(both.page.get_by_role("row").filter(has_text="6 000,00")).to_contain_text(REASON)


def paid_otherwise(both, value: str) -> str:
    """Анна pays 1 500,50 ₽; the bank writes down another sum and does not call. The page of her payment."""
    page, house = both.page, both.house
    page.goto("/")
    to_the_bank(page)
    page.get_by_label("никогда").check()
    page.get_by_role("button", name="Оплатить").click()
    expect(page.get_by_role("heading", level=2, name="Банк ещё не подтвердил оплату")).to_be_visible()
    with Session(house.engine) as db:
        bank_id = payments.contract_payments(db, contracts.find_by_number(db, cast.ANNA)[0].id)[0].bank_id
    bank = sandbox(house.settings, MovableClock(house.engine).now())
    with bank.writing() as file:
        thing, extra = bank.load(file, "payments", bank_id, "")
        bank.save(file, "payments", thing | {"amount": {"value": value, "currency": "RUB"}}, extra)
    page.get_by_role("button", name="Спросить банк сейчас").click()
    expect(page.get_by_role("heading", level=2, name="Разбираемся с банком")).to_be_visible()
    return page.url


def test_what_the_bank_says_otherwise_is_closed_and_said_to_who_paid(both, javascript):
    payment = paid_otherwise(both, "1400.00")
    desk = both.desk("alexey")
    desk.goto("/staff/money")
    desk.get_by_role("link", name="Сверка с банком: 1").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Сверка с банком")
    expect(desk.get_by_text("Банк говорит 1 400,00 ₽, мы ждали 1 500,50 ₽")).to_be_visible()
    shoot(desk, "discrepancy")
    desk.get_by_role("button", name="Закрыть").click()
    expect(wrong(desk)).to_contain_text("Напишите, что сделано")
    desk.get_by_label("Чем кончилось").select_option(label="Зачислить на счёт то, что назвал банк")
    desk.get_by_label("Что сделано").fill("Письмо банка от сегодня, № 7")
    desk.get_by_role("button", name="Закрыть").click()
    expect(desk.get_by_role("status").filter(has_text="Расхождение закрыто")).to_be_visible()
    both.page.goto(payment)
    expect(both.page.get_by_text("Бухгалтер зачислил 1 400,00 ₽ на счёт договора")).to_be_visible()
    shoot(both.page, "credited")
    both.booked("Оплата картой", "1 400,00")
    desk.get_by_label("День", exact=True).fill(both.day(0))
    desk.get_by_role("button", name="Сверить").click()
    expect(desk.get_by_role("status").filter(has_text="ответ банка появится")).to_be_visible()
    both.work()
    desk.goto("/staff/reconciliations")
    expect(desk.get_by_text("Оплачено у банка: 1, вместе 1 400,00 ₽").first).to_be_visible()
    expect(desk.get_by_text("не сошлось")).to_have_count(0)


def test_money_given_back_by_the_bank_ends_the_payment_too(both, javascript):
    payment = paid_otherwise(both, "1.00")
    desk = both.desk("alexey")
    desk.goto("/staff/reconciliations")
    desk.get_by_label("Чем кончилось").select_option(label="Деньги возвращены плательщику")
    desk.get_by_label("Что сделано").fill("Банк вернул рубль на карту")
    desk.get_by_role("button", name="Закрыть").click()
    expect(desk.get_by_role("status").filter(has_text="Расхождение закрыто")).to_be_visible()
    both.page.goto(payment)
    expect(both.page.get_by_role("heading", level=2, name="Деньги возвращены")).to_be_visible()
    both.page.goto("/payments")
    expect(both.page.get_by_role("row").filter(has_text="1,00")).to_contain_text("возвращён")


def test_who_owes_and_the_tables_taken_away(both, ledger, javascript):
    desk = both.desk("alexey")
    both.work()
    desk.goto("/staff/money")
    desk.get_by_role("link", name="Должники").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Должники")
    expect(desk.get_by_role("row").filter(has_text="ООО «Лето»").first).to_be_visible()
    shoot(desk, "debtors")
    with desk.expect_download() as taken:
        desk.get_by_role("link", name="Скачать всех таблицей").click()
    assert "78000003" in taken.value.path().read_text(encoding="utf-8-sig")
    desk.get_by_label("Долг не меньше").fill("100000")
    desk.get_by_role("button", name="Показать").click()
    expect(desk.get_by_role("heading", name="Никто не должен")).to_be_visible()
    desk.get_by_role("button", name="Посчитать заново").click()
    expect(desk.get_by_role("status").filter(has_text="Считаем заново")).to_be_visible()
    desk.goto(ledger)
    with desk.expect_download() as taken:
        desk.get_by_role("link", name="Скачать таблицей").click()
    assert "78000001" not in taken.value.suggested_filename
    assert "opening:78000001" in taken.value.path().read_text(encoding="utf-8-sig")
