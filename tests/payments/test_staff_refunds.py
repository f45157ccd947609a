"""Money going back: asked for, decided, paid out, entered, told."""

import pytest
from sqlmodel import Session, select

import jobs
from db.journal import Person
from db.money import accruals
from db.money.fiscal_receipts import FiscalReceipt
from db.money.ledger import LedgerEntry
from db.payments import payments
from db.payments.refunds import Refund
from db.people import contracts
from db.requests import decisions, requests
from rules.payments.banking import BankPayment, BankRefund, BankSilent
from rules.requests.plans import RequestPlan
from tests.kit import cast

AMOUNT = 50_000


@pytest.fixture
def asked(write, engine, clock):
    """Anna asked for 500 ₽ back and Алексей's colleague agreed; returns the request's number."""
    with write() as db:
        contract, anna = contracts.find_by_number(db, cast.ANNA)
        who = Person(1, "subscriber", anna.id, anna.name, contract.id)
        facts = {
            "amount": AMOUNT,
            "recipient": "Соколова Анна Игоревна",
            "bic": "044525225",
            "account": "40817810",
        }
        row = decisions.send(db, who, RequestPlan("refund", facts), clock.now())
        boss = Person(2, "staff", 1, "Мария", role="manager")
        decisions.assign(db, row, boss, clock.now())
        decisions.approve(db, row, boss, clock.now())
        return row.number


@pytest.fixture
def alexey(enter):
    return enter("alexey")


def all_of(engine, model) -> list:
    with Session(engine) as db:
        return list(db.exec(select(model)))


def test_a_transfer_is_an_entry_a_receipt_and_the_end_of_the_request(
    asked, alexey, engine, clock, anna, texts
):
    page = alexey.get("/staff/refunds")
    assert "500,00 ₽" in page.text and "Соколова Анна Игоревна" in page.text
    page = alexey.submit(f"/staff/refunds/{asked}", document="118 от 23.11.2026")
    assert "Выплата записана." in page.text and "поручение 118 от 23.11.2026" in page.text
    [entry] = [one for one in all_of(engine, LedgerEntry) if one.kind == "refund"]
    assert (entry.amount, entry.source) == (-AMOUNT, f"refund:{asked}")
    [receipt] = all_of(engine, FiscalReceipt)
    assert (receipt.kind, receipt.amount, receipt.sheet().direction) == ("refund", AMOUNT, "refund")
    with Session(engine) as db:
        assert requests.find_by_number(db, asked).state == "done"
        # 1 500 less 690 of November, less what went back.
        assert accruals.balance(db, entry.contract_id, clock.now()) == 81_000 - AMOUNT
    assert "118 от 23.11.2026" in anna.get("/statement").text


def test_paid_twice_is_paid_once(asked, alexey, engine):
    alexey.get("/staff/refunds")
    fields = dict(alexey.page.form(f"/staff/refunds/{asked}").form_values()) | {"document": "118"}
    answers = [
        alexey.client.post(f"/staff/refunds/{asked}", data=fields, follow_redirects=False) for _ in range(2)
    ]
    assert [one.status_code for one in answers] == [303, 422]
    assert len(all_of(engine, Refund)) == len(all_of(engine, FiscalReceipt)) == 1


def test_a_payment_order_needs_its_number(asked, alexey, engine):
    alexey.get("/staff/refunds")
    page = alexey.submit(f"/staff/refunds/{asked}", document="  ", status=422)
    assert "document" in page.errors
    assert all_of(engine, Refund) == []


def test_money_spent_while_waiting_does_not_go_back(asked, enter, engine, clock, write):
    with write() as db:
        accruals.start_books(db, clock.now())
    clock.forward(days=20)
    alexey = enter("alexey")
    alexey.get("/staff/refunds")
    page = alexey.submit(f"/staff/refunds/{asked}", document="118", status=422)
    assert "деньги ушли на оплату услуг" in page.text
    assert all_of(engine, Refund) == []


class Bank:
    """Gives back what it is asked to, answering what a test tells it; keeps the keys."""

    def __init__(self, *answers):
        self.answers, self.keys = list(answers), []

    def refund(self, bank_id, amount, key, payee="operator", description=""):
        self.keys.append(key)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return BankRefund("r-1", answer, amount, bank_id, None if answer == "done" else "insufficient_funds")

    def refund_status(self, bank_id, payee="operator"):
        return BankRefund(bank_id, self.answers.pop(0), AMOUNT, "b-1")

    def status(self, bank_id, payee="operator"):
        return BankPayment(bank_id, "paid", 80_000, "RUB", refunded=AMOUNT)


@pytest.fixture
def by_bank(write, clock, monkeypatch, engine, settings, asked, alexey):
    """Anna had paid 800 ₽ by card; the accountant sends 500 ₽ back along that payment. `by_bank(*answers)`
    runs the job.
    """
    with write() as db:
        id = contracts.find_by_number(db, cast.ANNA)[0].id
        row = payments.add(
            db, id, payments.PaymentPlan("operator", 80_000, "card", "a@example.ru"), "Услуги", clock.now()
        )
        row.bank_id, row.state, row.paid_at, row.ask_at = "b-1", "paid", clock.now(), None
        db.add(row)
    alexey.get("/staff/refunds")
    form = next(one for one in alexey.page.forms() if "payment" in one.fields)
    token = dict(form.form_values())
    assert (
        alexey.client.post(f"/staff/refunds/{asked}", data=token, follow_redirects=False).status_code == 303
    )

    def run(*answers):
        bank = Bank(*answers)
        monkeypatch.setattr("gateways.banks.configured_bank", lambda settings, now: bank)
        for _ in answers:
            jobs.pay_refunds(engine, settings, clock.now())
            clock.forward(minutes=6)
        return bank

    return run


def test_the_bank_gives_it_back_once_whatever_it_keeps_silent_about(by_bank, engine, asked):
    bank = by_bank(BankSilent(), BankSilent(), "pending", "done")
    assert len(bank.keys) == 3 and len(set(bank.keys)) == 1
    [row] = all_of(engine, Refund)
    assert (row.state, row.bank_id) == ("paid", "r-1")
    assert [one.amount for one in all_of(engine, LedgerEntry) if one.kind == "refund"] == [-AMOUNT]
    assert all_of(engine, payments.Payment)[0].refunded == AMOUNT
    with Session(engine) as db:
        assert requests.find_by_number(db, asked).state == "done"


def test_a_bank_that_refuses_leaves_it_to_the_accountant(by_bank, engine, alexey, asked):
    by_bank("failed")
    assert [one.kind for one in all_of(engine, LedgerEntry) if one.kind == "refund"] == []
    page = alexey.get("/staff/refunds")
    assert "банк отказал" in page.text and "insufficient_funds" in page.text
    assert "Выплата записана." in alexey.submit(f"/staff/refunds/{asked}", document="119", payment=None).text


def test_another_contracts_payment_is_no_way_back(asked, alexey, engine):
    alexey.get("/staff/refunds")
    token = dict(alexey.page.form(f"/staff/refunds/{asked}").form_values())
    answer = alexey.client.post(f"/staff/refunds/{asked}", data=token | {"payment": "b-of-somebody"})
    assert answer.status_code == 422 and all_of(engine, Refund) == []


def test_an_undecided_refund_cannot_be_paid(alexey, write, clock):
    with write() as db:
        contract, anna = contracts.find_by_number(db, cast.ANNA)
        who = Person(1, "subscriber", anna.id, anna.name, contract.id)
        number = decisions.send(db, who, RequestPlan("refund", {"amount": AMOUNT}), clock.now()).number
    alexey.get("/staff/money")
    token = {"_csrf_token": dict(alexey.page.forms()[0].form_values()).get("_csrf_token", "")}
    answer = alexey.client.post(f"/staff/refunds/{number}", data=token | {"document": "118"})
    assert answer.status_code == 422
