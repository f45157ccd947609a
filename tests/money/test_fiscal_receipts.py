"""Receipts on their way to the cash register, and what their owner sees of them."""

from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

import jobs
from db.journal import Note
from db.money import fiscal_receipt_sending, fiscal_receipts, monthly_receipts, sandbox_receipts
from db.money.fiscal_receipts import FiscalReceipt
from db.people import contracts
from rules.money.fiscal_receipts import parse_rates
from rules.money.fiscal_register import RegisterDeclined, RegisteredReceipt, RegisterUnreachable
from tests.conftest import Wristwatch
from tests.kit import cast

RATES = parse_rates("2019-01-01=20 2026-01-01=22")
CLOCK = Wristwatch().now()


class Till:
    """A cash register that does what a test tells it, one answer a call, and keeps the keys it was given."""

    def __init__(self, *answers):
        self.answers, self.keys, self.asked = list(answers), [], []

    def register(self, sheet, key, now):
        self.keys.append(key)
        return self._answer()

    def ask(self, id, now):
        self.asked.append(id)
        return self._answer()

    def _answer(self):
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


DONE = RegisteredReceipt("rt-1", "done", "3986", "9288000100115785", "2617603921")
PENDING = RegisteredReceipt("rt-1", "pending")


@pytest.fixture
def till(monkeypatch):
    def use(*answers):
        till = Till(*answers)
        monkeypatch.setattr("gateways.receipts.configured_register", lambda settings: till)
        return till

    return use


@pytest.fixture
def receipt(write, db):
    """Anna paid 600 ₽ in advance."""
    id = contracts.find_by_number(db, cast.ANNA)[0].id
    with write() as writer:
        fiscal_receipts.add_prepayment_receipt(
            writer, id, 60_000, 0, "payment:1", "anna@example.ru", CLOCK, RATES, "bank-1"
        )


@pytest.fixture
def run(engine, settings, clock):
    def run(**later):
        clock.forward(**later)
        jobs.send_receipts(engine, settings, clock.now())
        with Session(engine) as db:
            return db.exec(select(FiscalReceipt)).one()

    return run


def test_the_embedded_register_prints_at_once(receipt, run, anna):
    row = run()
    assert row.state == "done" and row.document and row.registered_at
    page = anna.get("/receipts")
    assert "600,00 ₽" in page.text and "отправлен" in page.text
    page = anna.get(page.links()["Оплата"])
    assert "Услуги связи: аванс" in page.text and "НДС 22/122" in page.text and "108,20 ₽" in page.text
    assert row.document in page.text


def test_a_silent_register_is_asked_again_with_the_same_key(receipt, run, till):
    told = till(RegisterUnreachable("ReadTimeout"), RegisterUnreachable("ReadTimeout"), DONE)
    assert run().state == "waiting"
    assert run().tries == 1, "not before its time"
    run(minutes=2)
    assert run(minutes=3).state == "done"
    assert len(told.keys) == 3 and len(set(told.keys)) == 1


def test_a_receipt_being_printed_is_asked_about_not_sent_again(receipt, run, till):
    told = till(PENDING, PENDING, DONE)
    assert run().state == "sent"
    run(minutes=2)
    assert run(minutes=3).state == "done"
    assert (len(told.keys), told.asked) == (1, ["rt-1", "rt-1"])


def test_a_declined_one_waits_for_the_accountant(receipt, run, till, write, clock):
    told = till(RegisterDeclined("Неверная ставка"), DONE)
    row = run()
    assert (row.state, row.error) == ("failed", "Неверная ставка")
    assert run(days=1).tries == 1
    with write() as db:
        fiscal_receipts.retry(db, row.id, "anna@new.example.ru", clock.now())
    assert run().state == "done"
    assert len(set(told.keys)) == 2, "a new try after a refusal is a new key"


def test_three_silent_days_are_a_failure(receipt, run, till):
    till(RegisterUnreachable("HTTP 502"))
    for _ in range(14):
        row = run(hours=6)
    assert row.state == "failed" and "три дня" in row.error


def test_a_sender_that_died_is_followed_by_another(receipt, run, engine, clock, write):
    with write() as db:
        assert fiscal_receipt_sending.claim(db, 1, clock.now())
        assert fiscal_receipt_sending.claim(db, 1, clock.now()) is None
    assert run(minutes=1).state == "waiting"
    assert run(minutes=5).state == "done"


def test_a_strangers_receipt_is_not_found(receipt, boris):
    boris.get("/receipts/1", status=404)
    assert "Чеков пока нет" in boris.get("/receipts").text


@pytest.mark.parametrize("id", ["0", "-1", "99999999999999999999", "абв", "1e3"])
def test_ids_that_are_none(anna, id):
    anna.get(f"/receipts/{id}", status=404)


def test_the_year_of_the_service_sets_the_closing_rate(write, db):
    id = contracts.find_by_number(db, cast.ANNA)[0].id
    db.rollback()
    with write() as writer:
        monthly_receipts.add_closing_receipts(
            writer, {id: (60_000, 60_000)}, date(2025, 12, 1), CLOCK + timedelta(days=1), RATES
        )
        monthly_receipts.add_closing_receipts(writer, {id: (60_000, 60_000)}, date(2026, 1, 1), CLOCK, RATES)
    assert [line.vat for row in fiscal_receipts.contract_receipts(db, id) for line in row.positions] == [
        22,
        20,
    ]


FISCAL = ("ФД", "ФН", "ФПД", "Проверить чек", "приложении ФНС")


def real(app, settings, by: str):
    """The same cabinet as one for real people, whose receipts are made so."""
    app.state.settings = settings.model_copy(update={"demo": False, "receipts": by})
    return app.state.settings


@pytest.mark.parametrize("by", ["bank", "none"])
def test_no_register_means_no_numbers_and_no_word_of_checking_them(
    app, settings, engine, clock, visitor, monkeypatch, by
):
    """Seen: every setting as documented, and a paid card showed fiscal numbers made out of a hash."""
    from tests.kit.paying import CONTACT, Till

    # The page's own thread does not ring in tests: they ring themselves.
    monkeypatch.setattr("routes.payments.sandbox.deliver_soon", lambda bank: None)
    own = real(app, settings, by)
    own.bank, own.demo = (
        "sandbox",
        True,
    )  # the sandbox stands for the bank; who makes receipts is what is tried
    desk = Till(app, own, clock, visitor)
    anna = visitor()
    anna.client.cookies.set("cabinet", cast.signed_in(engine, clock.now(), cast.ANNA))
    form = anna.get("/payments/operator")
    assert not form.tree.cssselect("[name=contact]") and ("Чек пришлёт банк" in form.text) == (by == "bank")
    anna.submit("/payments/operator", amount="150")
    desk.pay(anna)
    desk.ring()
    jobs.send_receipts(engine, own, clock.now())
    number = desk.last().id
    assert desk.last().state == "paid" and desk.entries() == [(15_000, f"payment:{number}")]
    with Session(engine) as db:
        assert db.exec(select(FiscalReceipt)).all() == []
    for path in (f"/payments/{number}", "/payments", "/receipts", "/statement"):
        shown = anna.get(path).text
        assert not [word for word in FISCAL if word in shown] and CONTACT not in shown, path
    told = anna.get(f"/payments/{number}").text
    assert ("пришлёт банк" in told) == (by == "bank") and "придёт на" not in told
    assert ("Чеки" in anna.get("/statement").links()) == (by == "bank")


def test_the_embedded_register_exists_in_a_demonstration_alone(settings):
    from gateways import receipts as gateway
    from tests.kit import production

    assert isinstance(gateway.configured_register(settings), gateway.SandboxRegister)
    named = {"receipts_api": "https://till.example/v3", "receipts_shop": "1", "receipts_secret": "s"}
    assert isinstance(
        gateway.configured_register(production.settings(receipts="api", **named)), gateway.BankRegister
    )
    for by in ("bank", "none"):
        assert gateway.configured_register(production.settings(receipts=by)) is None


def test_receipts_of_the_demonstrations_register_lose_their_numbers_in_real_work(
    receipt, run, app, settings, engine, clock, anna, enter
):
    row = run()
    assert row.state == "done" and row.document and row.document in anna.get("/receipts/1").text
    sandbox_receipts.erase_numbers(engine, settings, clock.now())
    assert row.document in anna.get("/receipts/1").text, "in a demonstration it is the register there is"
    own = real(app, settings, "api")
    for _ in range(2):
        sandbox_receipts.erase_numbers(engine, own, clock.now())
    with Session(engine) as db:
        row = db.exec(select(FiscalReceipt)).one()
        notes = db.exec(select(Note).where(Note.verb == "receipts.disown")).all()
    assert (row.state, row.document, row.storage, row.sign, row.registered_at) == ("failed", "", "", "", None)
    assert "учебная касса" in row.error and len(notes) == 1
    shown = anna.get("/receipts/1").text
    assert not [word for word in FISCAL if word in shown] and "Бухгалтер уже видит" in shown
    assert "учебная касса" in enter("alexey").get("/staff/money").text


def test_a_real_receipt_keeps_its_numbers_whoever_makes_the_next_ones(
    receipt, run, till, app, settings, engine, clock, anna
):
    till(DONE)
    run()
    for by in ("api", "bank", "none"):
        sandbox_receipts.erase_numbers(engine, real(app, settings, by), clock.now())
        assert "9288000100115785" in anna.get("/receipts/1").text


def test_what_waited_for_a_register_turned_off_is_the_accountants(receipt, app, settings, engine, clock):
    jobs.send_receipts(engine, real(app, settings, "none"), clock.now())
    with Session(engine) as db:
        row = db.exec(select(FiscalReceipt)).one()
    assert row.state == "failed" and row.next_at is None and "CABINET_RECEIPTS" in row.error
