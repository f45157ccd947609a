"""Paying the operator: form, bank, return; the result is known only from the bank."""

import pytest
from sqlmodel import select

import jobs
from db.journal import Note
from db.money import accruals
from db.money.fiscal_receipts import FiscalReceipt
from db.money.ledger import LedgerEntry
from db.payments.payments import Payment
from tests.kit import cast
from tests.kit.browser import Page
from tests.kit.paying import CONTACT
from tests.kit.payment_steps import till  # noqa: F401 - fixtures


def test_paid_by_card_from_form_to_ledger(anna, till, db, clock, texts):
    contract = till.contract(cast.ANNA)
    before = accruals.balance(db, contract, clock.now())
    page = till.begin(anna)
    assert page.path.startswith("/bank/pay/") and "1 500,50" in page.text
    page = till.pay(anna)
    assert page.path.startswith("/payments/") and "ещё не подтвердил" in page.text and till.entries() == []
    assert till.ring() == ["applied"]
    row = till.last()
    assert (row.state, row.card) == ("paid", "Мир •• 4477") and till.entries() == [
        (150050, f"payment:{row.id}")
    ]
    assert "Оплачено" in anna.get(f"/payments/{row.id}").text
    db.rollback()
    assert accruals.balance(db, contract, clock.now()) == before + 150050
    assert any("Получили 1\u00a0500,50" in text for text in texts(to="+79211234567"))
    receipt = db.exec(select(FiscalReceipt)).one()
    assert (receipt.amount, receipt.contact, receipt.source) == (150050, CONTACT, f"payment:{row.id}")
    verbs = [note.verb for note in db.exec(select(Note)) if note.verb.startswith("payments.")]
    assert verbs == ["payments.start", "payments.paid"]


@pytest.mark.parametrize(("owed", "offered"), [(100_005, "1900,05"), (100_010, "1900,10"), (100_000, "1900")])
def test_the_amount_offered_is_spelled_as_money(anna, till, write, db, clock, owed, offered):
    contract = till.contract(cast.ANNA)
    change = -owed - accruals.balance(db, contract, clock.now())
    db.rollback()
    with write() as kept:
        kept.add(
            LedgerEntry(
                contract_id=contract,
                day=clock.now().date(),
                at=clock.now(),
                amount=change,
                kind="correction",
                source="test:owed",
            )
        )
    assert anna.get("/payments/operator").one("[name=amount]").get("value") == offered


def test_paid_by_sbp(anna, till):
    assert "СБП" in till.begin(anna, method="sbp").text
    till.pay(anna)
    assert till.ring() == ["applied"] and till.last().state == "paid" and len(till.entries()) == 1


def test_the_form_offers_what_is_owed_and_the_last_contact(anna, till):
    anna.get("/payments/operator")
    assert anna.page.one("[name=amount]").get("value")
    till.begin(anna, contact="8 921 765-43-21")
    anna.get("/payments/operator")
    assert anna.page.one("[name=contact]").get("value") == "+79217654321"


@pytest.mark.parametrize(
    "amount", ["", "0", "-1", "1e3", "1000000000", "١٢٣", "сто", "1,505", "1 500.555", "0,99"]
)
def test_what_is_no_sum_stays_typed_and_nothing_is_written(anna, till, amount):
    anna.get("/payments/operator")
    page = anna.submit("/payments/operator", status=422, amount=amount, contact=CONTACT)
    assert "amount" in page.errors and page.one("[name=amount]").get("value", "") == amount
    assert page.one("[name=contact]").get("value") == CONTACT and till.all() == []


def test_a_receipt_needs_somewhere_to_go(anna, till):
    anna.get("/payments/operator")
    assert "contact" in anna.submit("/payments/operator", status=422, contact=" ").errors and till.all() == []


def test_a_double_click_makes_one_payment(anna, till):
    anna.get("/payments/operator")
    form = anna.page
    anna.submit("/payments/operator", contact=CONTACT, amount="100")
    first = anna.page.path
    anna.page = form
    anna.submit("/payments/operator", contact=CONTACT, amount="100")
    assert anna.page.path == first and len(till.all()) == 1


def test_the_same_sum_in_another_tab_is_asked_about_first(anna, till):
    till.begin(anna, amount="100")
    anna.get("/payments/operator")
    page = anna.submit("/payments/operator", status=422, contact=CONTACT, amount="100")
    assert "уже начат" in page.text and len(till.all()) == 1
    anna.submit("/payments/operator", contact=CONTACT, amount="100")
    assert anna.page.path.startswith("/bank/pay/") and len(till.all()) == 2


def test_two_tabs_may_both_be_paid_and_both_are_posted(anna, till):
    till.begin(anna, amount="100")
    till.pay(anna)
    till.begin(anna, amount="200")
    till.pay(anna)
    assert till.ring() == ["applied"] * 2 and [amount for amount, _ in till.entries()] == [10000, 20000]


def test_refused_at_the_bank_costs_nothing(anna, till):
    till.begin(anna)
    page = till.pay(anna, choice="refuse")
    till.ring()
    page = anna.get(page.path)
    assert "не прошёл" in page.text and "Деньги не списаны" in page.text and till.entries() == []


def test_who_walks_away_may_come_back_to_the_same_page(anna, till):
    bank_page = till.begin(anna).path
    row = till.last()
    anna.get(f"/payments/{row.id}")
    assert anna.submit(f"/payments/{row.id}/check").path == f"/payments/{row.id}"
    anna.submit(f"/payments/{row.id}/check", button="bank")
    anna.client.post(f"/payments/{row.id}/bank")
    assert till.last().bank_id == row.bank_id and till.last().page.endswith(bank_page)


def sent_to_the_bank(browser, path="/payments/operator", **fields):
    """The bare answers to a paying form, up to the page that leaves the cabinet."""
    browser.get(path)
    data = dict(browser.page.form(path).form_values()) | {"amount": "1500,50", "contact": CONTACT} | fields
    answer = browser.client.post(path, data=data, follow_redirects=False)
    return answer, browser.client.get(answer.headers["location"])


def test_a_form_never_redirects_to_the_bank_itself_and_the_policy_names_no_other_origin(anna, till):
    answer, onward = sent_to_the_bank(anna)
    assert answer.status_code == 303 and answer.headers["location"] == f"/payments/{till.last().id}/go"
    assert onward.headers["content-security-policy"].endswith("form-action 'self'")
    page = Page(onward)
    assert page.one("meta[http-equiv=refresh]").get("content") == f"0; url={till.last().page}"
    link = page.one("a.button:not(.plain)")
    assert link.get("href") == till.last().page and link.get("data-hx-boost") == "false"


def test_back_from_the_bank_does_not_throw_one_forward_again(anna, till):
    answer, _ = sent_to_the_bank(anna)
    for _ in range(2):
        page = Page(anna.client.get(answer.headers["location"]))
        assert (
            not page.tree.cssselect("meta[http-equiv=refresh]") and page.links()["Перейти на страницу банка"]
        )
    assert not anna.get(f"/payments/{till.last().id}").tree.cssselect("meta[http-equiv=refresh]")


def test_nobody_is_sent_on_when_nothing_is_left_to_pay(anna, till):
    answer, _ = sent_to_the_bank(anna)
    till.decide(till.last())
    anna.client.post(
        f"/payments/{till.last().id}/check", data=dict(anna.page.form("/payments/operator").form_values())
    )
    assert (
        anna.get(answer.headers["location"]).path == f"/payments/{till.last().id}"
        and till.last().state == "paid"
    )


@pytest.mark.parametrize(
    "page", ["javascript:alert(1)//", "http://elsewhere.example/pay", "data:text/html,x", "//else.example"]
)
def test_a_page_of_the_bank_that_is_no_safe_address_is_never_opened(anna, till, write, page):
    answer, _ = sent_to_the_bank(anna)
    with write() as db:
        row = db.get(Payment, till.last().id)
        row.page = page
        db.add(row)
    shown = anna.get(answer.headers["location"])
    assert (
        shown.path == f"/payments/{till.last().id}"
        and "который мы не открываем" in shown.text
        and page not in shown.source
    )


def test_an_expired_bank_page_says_so_and_the_payment_fails(anna, till, clock, engine, settings):
    path = till.begin(anna).path
    clock.forward(minutes=61)
    anna = anna.__class__(till.client)
    assert "устарела" in anna.get(path).text
    jobs.ask_bank(engine, settings, clock.now())
    assert (till.last().state, till.last().words) == ("failed", "время на оплату вышло")


def test_the_way_back_proves_nothing(anna, till):
    till.begin(anna)
    row = till.last()
    for _ in range(3):
        assert "ещё не подтвердил" in anna.get(f"/payments/{row.id}?paid=1&status=succeeded").text
    assert till.last().state == "pending" and till.entries() == []


def test_a_person_may_ask_the_bank_at_once(anna, till):
    till.begin(anna)
    page = till.pay(anna, manner="never")
    assert "Оплачено" in anna.submit(f"{page.path}/check").text and len(till.entries()) == 1


def test_a_stranger_finds_nothing(anna, boris, till):
    till.begin(anna)
    for path in ("", "/state"):
        boris.get(f"/payments/{till.last().id}{path}", status=404)
    boris.get("/payments/9999999999999999999999", status=404)
    boris.get("/payments/operator")
    boris.client.post(f"/payments/{till.last().id}/check", data=dict(boris.page.form().form_values()))
    assert "1 500,50" not in boris.get("/payments").text


def test_history_shows_payments_with_their_receipts(anna, till, db):
    assert "ещё не было" in anna.get("/payments").text
    till.begin(anna)
    till.pay(anna)
    till.ring()
    text = anna.get("/payments").text
    assert "1 500,50 ₽" in text and "оплачен" in text and "готовится" in text


@pytest.mark.parametrize(
    ("typed", "kopecks"),
    [("1500,50", 150050), ("1 500.5", 150050), ("1\u00a0500", 150000), ("1500 ₽", 150000), (" 15,05 ", 1505)],
)
def test_a_sum_as_people_write_it(anna, till, typed, kopecks):
    till.begin(anna, amount=typed)
    assert till.last().amount == kopecks
