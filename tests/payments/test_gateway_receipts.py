"""One contract for both registers; then what only a network can do wrong."""

import json
from datetime import UTC, date, datetime

import httpx
import pytest

from gateways.receipts import BankRegister, SandboxRegister
from rules.money.fiscal_receipts import ReceiptDocument, closing_lines, parse_rates, prepayment_lines
from rules.money.fiscal_register import RegisterDeclined, RegisterUnreachable

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
RATES = parse_rates("2019-01-01=20 2026-01-01=22")
SHEET = ReceiptDocument(
    "payment", "money", "anna@example.ru", prepayment_lines(123_456, 0, date(2026, 11, 22), RATES), "pay-1"
)


class Bank:
    """What the bank's /receipts does, kept to what the contract needs."""

    def __init__(self):
        self.made: dict[str, dict] = {}
        self.bodies: list[dict] = []
        self.printed_with_payment: list[dict] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET" and request.url.path.endswith("/receipts"):
            return httpx.Response(200, json={"type": "list", "items": self.printed_with_payment})
        if request.method == "GET":
            return httpx.Response(200, json=self._done(request.url.path.rsplit("/")[-1]))
        body = json.loads(request.content)
        if not body["items"] or not any(body["customer"].values()):
            return httpx.Response(
                400, json={"type": "error", "code": "invalid_request", "description": "Нет позиций"}
            )
        key = request.headers["Idempotence-Key"]
        if key not in self.made:
            self.bodies.append(body)
            self.made[key] = {"id": f"rt-{len(self.made)}", "status": "pending"}
        return httpx.Response(200, json=self.made[key])

    def _done(self, id: str) -> dict:
        return {
            "id": id,
            "status": "succeeded",
            "fiscal_document_number": "3986",
            "fiscal_storage_number": "9288000100115785",
            "fiscal_attribute": "2617603921",
            "registered_at": "2026-11-22T12:00:05.000Z",
        }


def through(answer) -> BankRegister:
    return BankRegister("https://bank.test/v3", "shop", "secret", transport=httpx.MockTransport(answer))


@pytest.fixture(params=["embedded", "bank"])
def register(request):
    return SandboxRegister() if request.param == "embedded" else through(Bank())


def test_a_receipt_ends_with_its_fiscal_numbers(register):
    first = register.register(SHEET, "key-1", NOW)
    done = register.ask(first.id, NOW)
    assert (done.state, done.id) == ("done", first.id)
    assert done.document.isdigit() and done.storage.isdigit() and done.sign.isdigit()
    assert done.at is not None and done.at.tzinfo is not None


def test_the_same_key_makes_one_receipt(register):
    one, again, other = (register.register(SHEET, key, NOW) for key in ("key-1", "key-1", "key-2"))
    assert one.id == again.id != other.id


def test_an_empty_receipt_is_declined(register):
    with pytest.raises(RegisterDeclined):
        register.register(ReceiptDocument("payment", "advance", "anna@example.ru", ()), "key", NOW)


def test_what_the_bank_is_told():
    bank = Bank()
    through(bank).register(SHEET, "k", NOW)
    month = closing_lines(60_000, 90_000, date(2026, 10, 1), date(2026, 10, 31), RATES)
    through(bank).register(ReceiptDocument("payment", "advance", "+79211234567", month), "k2", NOW)
    paid, closed = bank.bodies
    assert paid["customer"] == {"email": "anna@example.ru"} and paid["payment_id"] == "pay-1"
    assert paid["settlements"] == [{"type": "cashless", "amount": {"value": "1234.56", "currency": "RUB"}}]
    assert (paid["items"][0]["vat_code"], paid["items"][0]["payment_mode"]) == (12, "advance")
    assert closed["customer"] == {"phone": "79211234567"} and "payment_id" not in closed
    assert closed["settlements"][0]["type"] == "prepayment"
    assert (closed["items"][0]["vat_code"], closed["items"][0]["payment_mode"]) == (11, "full_payment")


def test_a_receipt_printed_with_the_payment_is_not_printed_again():
    bank = Bank()
    bank.printed_with_payment = [
        {"id": "rt-own", "status": "canceled"},
        {"id": "rt-bank", "status": "pending"},
    ]
    assert through(bank).register(SHEET, "k", NOW).id == "rt-bank"
    assert bank.bodies == []


@pytest.mark.parametrize(
    "answer",
    [
        lambda request: httpx.Response(502, text="<html>"),
        lambda request: httpx.Response(500, json={"type": "error"}),
        lambda request: httpx.Response(429, json={"type": "error"}),
        lambda request: httpx.Response(200, text="not json"),
        lambda request: httpx.Response(200, json=["a list"]),
        lambda request: httpx.Response(200, json={"id": "rt", "status": "who knows"}),
        lambda request: httpx.Response(
            200, json={"id": "rt", "status": "succeeded", "registered_at": "вчера"}
        ),
    ],
)
def test_nonsense_settles_nothing(answer):
    with pytest.raises(RegisterUnreachable):
        through(answer).ask("rt-1", NOW)


def test_a_silent_bank_settles_nothing():
    def hang(request):
        raise httpx.ReadTimeout("silence", request=request)

    with pytest.raises(RegisterUnreachable):
        through(hang).register(SHEET, "k", NOW)
