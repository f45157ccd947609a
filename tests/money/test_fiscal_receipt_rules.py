from datetime import date

import pytest

from rules import Refused
from rules.money.fiscal_receipts import (
    ReceiptLine,
    closing_lines,
    parse_rates,
    prepayment_lines,
    receipt_contact,
    refund_lines,
    vat_rate,
)

RATES = parse_rates("2019-01-01=20 2026-01-01=22")
NOVEMBER = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("day", "rate"),
    [(date(2018, 12, 31), None), (date(2019, 1, 1), 20), (date(2025, 12, 31), 20), (date(2026, 1, 1), 22)],
)
def test_the_rate_is_that_of_the_day(day, rate):
    assert vat_rate(day, RATES) == rate


def test_an_operator_without_vat():
    free = parse_rates("2019-01-01=20 2026-01-01=none")
    assert vat_rate(NOVEMBER, free) is None
    [line] = prepayment_lines(10_000, 0, NOVEMBER, free)
    assert (line.rate, line.tax, line.calculated) == ("без НДС", 0, False)


@pytest.mark.parametrize("text", ["2026-01-01=18", "2026-13-01=22", "22", "2026-01-01=twenty"])
def test_a_misspelt_rate_is_refused_at_the_start(text):
    with pytest.raises(ValueError):
        parse_rates(text)


@pytest.mark.parametrize(
    ("balance", "expected"),
    [
        (0, [("advance", 50_000)]),
        (12_345, [("advance", 50_000)]),
        (-20_000, [("full_payment", 20_000), ("advance", 30_000)]),
        (-50_000, [("full_payment", 50_000)]),
        (-90_000, [("full_payment", 50_000)]),
    ],
)
def test_a_payment_covers_the_debt_first(balance, expected):
    assert [
        (line.mode, line.amount) for line in prepayment_lines(50_000, balance, NOVEMBER, RATES)
    ] == expected


@pytest.mark.parametrize(
    ("balance", "spent"), [(90_000, 60_000), (60_000, 60_000), (10, 10), (0, None), (-5, None)]
)
def test_the_month_closes_only_the_advance_it_spent(balance, spent):
    lines = closing_lines(60_000, balance, date(2026, 10, 1), date(2026, 10, 31), RATES)
    assert [line.amount for line in lines] == ([] if spent is None else [spent])


def test_an_advance_at_the_old_rate_is_closed_at_the_new_one():
    [advance] = prepayment_lines(60_000, 0, date(2025, 12, 30), RATES)
    [closed] = closing_lines(60_000, 60_000, date(2026, 1, 1), date(2026, 1, 31), RATES)
    assert (advance.rate, advance.tax) == ("НДС 20/120", 10_000)
    assert (closed.rate, closed.tax) == ("НДС 22\u00a0%", 10_820)


def test_a_refund_takes_back_an_advance():
    assert refund_lines(100, NOVEMBER, RATES) == (
        ReceiptLine("Возврат аванса, 22.11.2026", 100, "advance", 22, True),
    )


def test_without_a_contact_no_money_moves():
    assert receipt_contact("anna@example.ru", "+79211234567") == "anna@example.ru"
    assert receipt_contact(None, "+79211234567") == "+79211234567"
    with pytest.raises(Refused) as refused:
        receipt_contact("", None)
    assert "contact" in refused.value.problems
