"""What may be paid, and what the bank's word changes."""

from datetime import UTC, datetime, timedelta

import pytest

from rules import Refused
from rules.amounts import format_entered, kopecks
from rules.payments.banking import BankPayment
from rules.payments.payments import (
    FINAL_AFTER,
    PaymentPlan,
    describe_state,
    differences,
    next_check_at,
    next_state,
    plan,
    read_contact,
    received_message,
    safe_page,
    suggested_amount,
)

BOUNDS = {"payee": "operator", "least": 100, "most": 10_000_000}
GOOD = {"amount": "1500,50", "method": "card", "contact": "anna@example.ru"}
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def test_a_payment_is_planned_in_kopecks():
    assert plan(GOOD, **BOUNDS) == PaymentPlan("operator", 150050, "card", "anna@example.ru")


@pytest.mark.parametrize(
    ("typed", "kopecks"), [("1500,50", 150050), ("1 500.5", 150050), ("1\u00a0500 ₽", 150000), ("1", 100)]
)
def test_amounts_as_people_type_them(typed, kopecks):
    assert plan(GOOD | {"amount": typed}, **BOUNDS).amount == kopecks


BAD = [
    "",
    "0",
    "-1",
    "−1",
    "1e3",
    "1000000000",
    "١٢٣",
    "сто",
    "1,505",
    "1.5.0",
    "0,99",
    "NaN",
    "0x10",
    "1 500,",
    "9" * 40,
]


@pytest.mark.parametrize("typed", BAD)
def test_amounts_that_are_none(typed):
    with pytest.raises(Refused) as refused:
        plan(GOOD | {"amount": typed}, **BOUNDS)
    assert list(refused.value.problems) == ["amount"]


def test_every_wrong_field_is_named_at_once():
    with pytest.raises(Refused) as refused:
        plan({"amount": "x", "method": "gold", "contact": "@"}, **BOUNDS)
    assert set(refused.value.problems) == {"amount", "method", "contact"}


def test_sbp_has_its_own_bound():
    with pytest.raises(Refused):
        plan(GOOD | {"amount": "700000,01", "method": "sbp"}, **BOUNDS | {"most": 10**9})
    assert plan(GOOD | {"amount": "700000", "method": "sbp"}, **BOUNDS | {"most": 10**9}).amount == 70_000_000


def test_the_police_give_their_own_receipts():
    assert plan(GOOD | {"contact": ""}, **BOUNDS | {"payee": "police"}).contact == ""


def test_a_form_of_an_ordinary_payment_cannot_bind_a_card():
    """Binding is confirmed by a code, and only autopay asks for one."""
    assert not plan(GOOD | {"save_card": "1"}, **BOUNDS).save_card


@pytest.mark.parametrize(
    ("typed", "kept"), [(" anna@example.ru ", "anna@example.ru"), ("8 921 123-45-67", "+79211234567")]
)
def test_a_receipt_goes_to_mail_or_phone(typed, kept):
    assert read_contact(typed) == kept


@pytest.mark.parametrize(
    "typed", ["", " ", "anna@", "@example.ru", "a b@example.ru", "a@b", "326-17-20", "12", "a@b.ru,c@d.ru"]
)
def test_a_receipt_goes_nowhere_else(typed):
    with pytest.raises(Refused):
        read_contact(typed)


@pytest.mark.parametrize(
    ("balance", "fee", "asked"),
    [(-50000, 60000, 110000), (0, 60000, 60000), (20000, 60000, 40000), (90000, 60000, 60000), (0, 0, 100)],
)
def test_the_suggested_sum_is_debt_and_next_fee(balance, fee, asked):
    assert suggested_amount(balance, fee, 100) == asked


KNOWN = BankPayment("b1", "paid", 100, "RUB", "17")


@pytest.mark.parametrize(
    ("amount", "order", "known", "said"),
    [
        (100, "17", KNOWN, ()),
        (101, "17", KNOWN, ("amount",)),
        (100, "18", KNOWN, ("order",)),
        (100, "17", BankPayment("b1", "paid", 100, "USD", "17"), ("currency",)),
        (101, "18", BankPayment("b1", "paid", 100, "USD", None), ("amount", "currency", "order")),
    ],
)
def test_what_differs_is_named(amount, order, known, said):
    assert differences(amount, order, known) == said


@pytest.mark.parametrize(
    ("state", "told", "then"),
    [
        ("created", "pending", "pending"),
        ("created", "paid", "paid"),
        ("pending", "paid", "paid"),
        ("pending", "failed", "failed"),
        ("pending", "pending", None),
        ("paid", "paid", None),
        ("paid", "failed", None),
        ("paid", "pending", None),
        ("failed", "paid", "paid"),
        ("failed", "pending", None),
        ("expired", "paid", "paid"),
        ("expired", "failed", "failed"),
        ("expired", "pending", None),
    ],
)
def test_paid_wins_and_stays(state, told, then):
    assert next_state(state, told) == then


def test_a_silent_payment_is_asked_about_more_and_more_rarely_for_three_days():
    at, waits = NOW, []
    while after := next_check_at(NOW, at):
        waits.append(after - at)
        at = after
    assert waits == sorted(waits) and waits[0] == timedelta(seconds=10) and waits[-1] == timedelta(hours=6)
    assert FINAL_AFTER <= at - NOW < FINAL_AFTER + timedelta(hours=6) and len(waits) < 60


@pytest.mark.parametrize(
    ("sum_", "shown"), [(9_000, "90"), (10_005, "100,05"), (100_050, "1000,50"), (1_856_205, "18562,05")]
)
def test_a_field_holds_the_sum_as_it_would_be_typed(sum_, shown):
    assert format_entered(sum_) == shown and kopecks(shown) == sum_


BANK = "http://127.0.0.1:9100"
SAFE = [
    "https://yoomoney.ru/checkout/payments/v2/contract?orderId=1&a=b;c",
    f"{BANK}/bank/pay/7",
    "https://x",
]
UNSAFE = [
    "",
    "http://yoomoney.ru/checkout",
    "http://127.0.0.1:9101/bank/pay/7",
    "https://me:secret@yoomoney.ru/",
    "https://",
    "//yoomoney.ru/",
    "javascript:alert(1)",
    "JAVASCRIPT:alert(1)",
    "data:text/html,1",
    "https://yoomoney.ru/ x",
    "https://yoomoney.ru/\n",
    "ftp://yoomoney.ru/",
    'https://yoomoney.ru/"><script>',
    "https://yoomoney.ru/'",
    "https:\\\\yoomoney.ru",
    "https://юмани.рф/",
    "x https://yoomoney.ru/",
    "https://yoomoney.ru/" + "a" * 3000,
    f"{BANK}@elsewhere.example/",
    f"{BANK}.elsewhere.example/",
    "https://[",
]


@pytest.mark.parametrize("page", SAFE)
def test_the_banks_page_is_https_or_where_the_operator_put_the_bank(page):
    assert safe_page(page, BANK) == page


@pytest.mark.parametrize("page", UNSAFE)
def test_nobody_is_sent_to_an_address_that_is_not_plainly_the_banks(page):
    assert safe_page(page, BANK) is None


@pytest.mark.parametrize(
    ("state", "reason", "refunded", "words"),
    [
        ("pending", None, 0, "ждём банк"),
        ("paid", None, 0, "оплачен"),
        ("paid", None, 999, "оплачен"),
        ("paid", None, 1000, "возвращён"),
        ("failed", "insufficient_funds", 0, "на карте не хватило денег"),
        ("failed", None, 0, "банк отказал и не сказал почему"),
    ],
)
def test_a_state_in_words_says_why_it_failed_and_what_went_back(state, reason, refunded, words):
    assert describe_state(state, reason, 1000, refunded) == words


def test_the_message_of_a_payment_names_the_contract_and_the_balance():
    assert received_message(50_000, 770001, 62_000) == (
        "Получили 500,00\u00a0₽ по договору 770001. На счёте 620,00\u00a0₽.",
        "Оплата получена",
    )
