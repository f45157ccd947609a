"""What every way to the bank must do: our driver in the process and over HTTP, and the official `yookassa`
SDK.
"""

import json
import threading
from datetime import timedelta

import pytest

from gateways.sandbox import payment_page
from gateways.sandbox.bank import SandboxBank
from rules.payments.banking import BankRefused, PaymentOrder
from tests.kit.banks import SHOPS, Clock, SdkBank, driver, over_http, ring

BACK = "https://cabinet.example/payments/17"
ORDER = PaymentOrder("17", 150050, "Договор 78 000 001", return_url=BACK)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def sandbox(tmp_path, clock):
    # In a folder nobody has made: so it is in a fresh clone whose cabinet lives on PostgreSQL.
    return SandboxBank(tmp_path / "var" / "bank.sqlite3", SHOPS, clock=clock)


@pytest.fixture(params=["inside", "http", "official"])
def bank(request, sandbox):
    if request.param == "inside":
        yield driver(sandbox)
        return
    with over_http(sandbox) as url:
        yield driver(sandbox, url) if request.param == "http" else SdkBank(url)


def test_a_new_payment_waits_for_its_person_on_the_banks_page(bank):
    known = bank.create(ORDER, "k1")
    assert (known.state, known.amount, known.currency, known.order_id) == ("pending", 150050, "RUB", "17")
    assert known.page == f"http://bank.example/bank/pay/{known.bank_id}"
    assert bank.status(known.bank_id).state == "pending"


def test_the_same_key_is_the_same_payment(bank):
    assert bank.create(ORDER, "k1").bank_id == bank.create(ORDER, "k1").bank_id
    assert bank.create(ORDER, "k2").bank_id != bank.create(ORDER, "k1").bank_id


def test_ten_at_once_with_one_key_make_one_payment(bank, sandbox):
    ids: list[str] = []
    ways = [threading.Thread(target=lambda: ids.append(bank.create(ORDER, "k1").bank_id)) for _ in range(10)]
    for way in ways:
        way.start()
    for way in ways:
        way.join()
    assert len(ids) == 10 and len(set(ids)) == 1


def test_one_key_with_other_words_is_refused(bank):
    bank.create(ORDER, "k1")
    with pytest.raises(BankRefused, match="invalid_request"):
        bank.create(PaymentOrder("17", 999, "другое", return_url=BACK), "k1")


def test_paid_by_card(bank, sandbox):
    id = bank.create(ORDER, "k1").bank_id
    assert payment_page.decide(sandbox, id, "pay")
    known = bank.status(id)
    assert (known.state, known.amount, known.order_id, known.page) == ("paid", 150050, "17", None)


def test_paid_by_sbp(bank, sandbox):
    id = bank.create(PaymentOrder("18", 100, "СБП", "sbp", BACK), "k1").bank_id
    payment_page.decide(sandbox, id, "pay")
    assert bank.status(id).state == "paid"


def test_sbp_takes_no_more_than_its_law(bank):
    with pytest.raises(BankRefused):
        bank.create(PaymentOrder("18", 70_000_001, "СБП", "sbp", BACK), "k1")


@pytest.mark.parametrize(
    ("choice", "card", "reason"),
    [("refuse", "good", "general_decline"), ("pay", "empty", "insufficient_funds")],
)
def test_not_paid_and_why(bank, sandbox, choice, card, reason):
    id = bank.create(ORDER, "k1").bank_id
    payment_page.decide(sandbox, id, choice, card)
    known = bank.status(id)
    assert (known.state, known.reason) == ("failed", reason)


def test_who_walks_away_is_waited_for_an_hour(bank, sandbox, clock):
    id = bank.create(ORDER, "k1").bank_id
    clock.on(minutes=59)
    assert bank.status(id).state == "pending"
    clock.on(minutes=2)
    assert bank.status(id).reason == "expired_on_confirmation"
    assert not payment_page.decide(sandbox, id, "pay")


def test_decided_once(bank, sandbox):
    id = bank.create(ORDER, "k1").bank_id
    assert payment_page.decide(sandbox, id, "refuse")
    assert not payment_page.decide(sandbox, id, "pay")
    assert bank.status(id).state == "failed"


def test_a_slow_bank_is_pending_until_it_is_not(bank, sandbox, clock):
    id = bank.create(ORDER, "k1").bank_id
    payment_page.decide(sandbox, id, "pay", manner="late")
    assert bank.status(id).state == "pending" and ring(sandbox) == []
    clock.on(seconds=21)
    assert bank.status(id).state == "paid" and len(ring(sandbox)) == 1


@pytest.mark.parametrize(("manner", "times"), [("once", 1), ("twice", 2), ("never", 0)])
def test_the_bank_calls_back(bank, sandbox, manner, times):
    id = bank.create(ORDER, "k1").bank_id
    payment_page.decide(sandbox, id, "pay", manner=manner)
    heard = ring(sandbox)
    assert [url for url, _ in heard] == ["https://cabinet.example/callbacks/bank"] * times
    assert [bank.read_callback(json.dumps(body).encode()).bank_id for _, body in heard] == [id] * times
    assert ring(sandbox) == []


def test_a_call_nobody_took_comes_again(sandbox, clock):
    id = driver(sandbox).create(ORDER, "k1").bank_id
    payment_page.decide(sandbox, id, "pay")
    assert payment_page.deliver_webhooks(sandbox, lambda url, body: 500) == 0
    clock.on(seconds=11)
    assert len(ring(sandbox)) == 1


def test_a_card_kept_is_charged_without_its_owner(bank, sandbox):
    id = bank.create(PaymentOrder("17", 100, "Первый", return_url=BACK, save_card=True), "k1").bank_id
    payment_page.decide(sandbox, id, "pay")
    card = bank.status(id).card
    assert card.title == "Мир •• 4477"
    charged = bank.charge_saved(PaymentOrder("19", 5000, "Автоплатёж"), card.token, "k2")
    assert (charged.state, charged.amount, charged.order_id) == ("paid", 5000, "19")
    assert (
        bank.charge_saved(PaymentOrder("19", 5000, "Автоплатёж"), card.token, "k2").bank_id == charged.bank_id
    )
    assert bank.status(charged.bank_id).state == "paid"


def test_a_card_may_have_nothing_the_second_time(bank, sandbox):
    id = bank.create(PaymentOrder("17", 100, "Первый", return_url=BACK, save_card=True), "k1").bank_id
    payment_page.decide(sandbox, id, "pay", "once")
    charged = bank.charge_saved(PaymentOrder("19", 5000, "Автоплатёж"), bank.status(id).card.token, "k2")
    assert (charged.state, charged.reason) == ("failed", "insufficient_funds")


def test_no_card_is_kept_unless_asked(bank, sandbox):
    id = bank.create(ORDER, "k1").bank_id
    payment_page.decide(sandbox, id, "pay")
    assert bank.status(id).card is None
    with pytest.raises(BankRefused):
        bank.charge_saved(PaymentOrder("19", 5000, "Автоплатёж"), id, "k2")


def test_money_goes_back_in_parts_and_never_more_than_came(bank, sandbox):
    id = bank.create(ORDER, "k1").bank_id
    payment_page.decide(sandbox, id, "pay")
    part = bank.refund(id, 50, "r1")
    assert (part.state, part.amount, part.payment_bank_id) == ("done", 50, id)
    assert bank.refund(id, 50, "r1").bank_id == part.bank_id
    assert bank.refund_status(part.bank_id).state == "done"
    with pytest.raises(BankRefused):
        bank.refund(id, 150001, "r2")
    assert bank.refund(id, 150000, "r3").state == "done"
    assert bank.status(id).refunded == 150050


def test_refunds_are_listed_by_time_with_what_we_called_them(sandbox, clock):
    bank = driver(sandbox)
    id = bank.create(ORDER, "k1").bank_id
    payment_page.decide(sandbox, id, "pay")
    made = bank.refund(id, 50, "r1", description="Возврат по заявке 100500")
    now = clock()
    [listed] = bank.refunds_between(now - timedelta(minutes=1), now + timedelta(minutes=1))
    assert (listed.bank_id, listed.amount, listed.payment_bank_id) == (made.bank_id, 50, id)
    assert listed.description == "Возврат по заявке 100500"
    assert bank.refunds_between(now + timedelta(minutes=1), now + timedelta(minutes=2)) == []
    assert bank.refunds_between(now - timedelta(minutes=1), now + timedelta(minutes=1), "police") == []


def test_the_contract_comes_back_in_every_answer(sandbox):
    bank = driver(sandbox)
    known = bank.create(PaymentOrder("21", 100, "Услуги", return_url=BACK, contract=78000001), "k1")
    assert bank.status(known.bank_id).contract == 78000001
    assert bank.status(bank.create(ORDER, "k2").bank_id).contract == 0


def test_what_was_not_paid_is_not_returned(bank):
    with pytest.raises(BankRefused):
        bank.refund(bank.create(ORDER, "k1").bank_id, 50, "r1")


def test_an_unknown_payment_is_refused(bank):
    with pytest.raises(BankRefused, match="not_found"):
        bank.status("00000000-0000-4000-8000-000000000000")


def test_two_payees_are_two_shops(bank):
    id = bank.create(PaymentOrder("20", 100, "ОВО", return_url=BACK, payee="police"), "k1").bank_id
    assert bank.status(id, "police").order_id == "20"
    with pytest.raises(BankRefused):
        bank.status(id, "operator")


def test_receipts_are_made_once_and_found_by_their_payment(sandbox):
    bank = driver(sandbox)
    id = bank.create(ORDER, "k1").bank_id
    item = {
        "description": "Связь",
        "quantity": "1",
        "amount": {"value": "1500.50", "currency": "RUB"},
        "vat_code": 1,
    }
    body = {"type": "payment", "payment_id": id, "customer": {"email": "anna@example.ru"}, "items": [item]}
    assert bank.receipt(body, "c1")["id"] == bank.receipt(body, "c1")["id"]
    made = bank.receipt(body, "c1")
    assert bank.receipt_status(made["id"])["status"] == "succeeded"
    assert [
        one["id"] for one in bank._ask("GET", "/receipts", "operator", params={"payment_id": id})["items"]
    ] == [made["id"]]
    with pytest.raises(BankRefused):
        bank.receipt(body | {"customer": {}}, "c2")


def test_the_day_lists_every_payment(bank, clock):
    start = clock.at
    made = {bank.create(ORDER, f"k{n}").bank_id for n in range(3)}
    clock.on(days=1)
    bank.create(ORDER, "next day")
    assert {each.bank_id for each in bank.between(start, clock.at)} == made


NO_ID = b'{"type":"notification","event":"payment.succeeded","object":{}}'


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b'{"type":"notification"}', NO_ID])
def test_what_is_no_callback_is_not_read(bank, body):
    with pytest.raises(ValueError):
        bank.read_callback(body)


@pytest.mark.parametrize(
    ("address", "trusted"),
    [
        ("185.71.76.5", True),
        ("77.75.156.11", True),
        ("77.75.156.12", False),
        ("8.8.8.8", False),
        ("::1", False),
    ],
)
def test_callbacks_come_from_the_banks_networks_only(bank, address, trusted):
    assert bank.trusted(address) is trusted
