"""Money back along the card that paid it: asked for, decided at the desk, sent by the bank, entered, told,
with its receipt.
"""

from playwright.sync_api import expect

from e2e.both import NUMBER, approve_request, fill_and_send
from e2e.steps import becomes, shoot, to_the_bank

DETAILS = {"Сколько вернуть": "200", "БИК банка": "044030827", "Номер счёта": "40702810900000002851"}


def test_asked_decided_given_back_by_the_bank_and_seen(both, javascript):
    page = both.page
    to_the_bank(page)
    page.get_by_role("button", name="Оплатить").click()
    becomes(page, "Оплачено", javascript)
    paid = page.url
    fill_and_send(both, "Возврат денежных средств", DETAILS, "паспорт.jpg")
    desk = approve_request(both, "alexey", "одобрена")
    desk.goto("/staff/refunds")
    expect(desk.get_by_role("heading", name=f"№ {NUMBER}, 200,00 ₽")).to_be_visible()
    desk.get_by_label("Или вернуть через банк").select_option(index=0)
    shoot(desk, "refunds-waiting")
    desk.get_by_role("button", name="Вернуть через банк").click()
    expect(desk.get_by_role("status").filter(has_text="Банк возвращает деньги на карту")).to_be_visible()
    both.work()
    desk.goto("/staff/refunds")
    expect(desk.get_by_role("row").filter(has_text=f"№ {NUMBER}")).to_contain_text("через банк")
    both.state("Выполнена")
    both.booked("Возврат на карту, с которой платили", "200,00")
    page.goto("/receipts")
    expect(page.get_by_role("main")).to_contain_text("Возврат")
    page.get_by_role("link", name="Возврат").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("200,00")
    page.goto(paid)
    expect(page.get_by_role("main")).to_contain_text("Возвращено")
    expect(page.get_by_role("main")).to_contain_text("200,00 ₽")
