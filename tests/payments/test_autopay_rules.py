"""When autopay charges, how much, and when it stops."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import Refused
from rules.payments.autopay import (
    AutopayTerms,
    attempts_exhausted,
    charge_amount,
    charge_day,
    describe_terms,
    next_due_day,
    read_terms,
    suggested_cap,
    try_day,
)

MONTHLY = AutopayTerms("monthly", 100_000, day=10)
LOW = AutopayTerms("low", 100_000, below=30_000, top_up=50_000)
DAY = date(2026, 11, 22)


def test_monthly_out_of_a_form():
    assert read_terms({"mode": "monthly", "day": "10", "cap": "1000"}) == MONTHLY


def test_low_out_of_a_form():
    assert read_terms({"mode": "low", "below": "300", "top_up": "500", "cap": "1000"}) == LOW


@pytest.mark.parametrize("day", ["", "0", "32", "-1", "1.5", "١", "1e1", "десять", "010"])
def test_a_day_that_is_none(day):
    with pytest.raises(Refused) as refused:
        read_terms({"mode": "monthly", "day": day, "cap": "1000"})
    assert list(refused.value.problems) == ["day"]


def test_nothing_chosen_names_the_fields():
    with pytest.raises(Refused) as refused:
        read_terms({})
    assert set(refused.value.problems) == {"mode", "cap"}


def test_a_top_up_is_within_the_cap():
    with pytest.raises(Refused) as refused:
        read_terms({"mode": "low", "below": "300", "top_up": "1500", "cap": "1000"})
    assert list(refused.value.problems) == ["top_up"]


@pytest.mark.parametrize(
    ("day", "today", "last", "then"),
    [
        (10, DAY, None, date(2026, 12, 10)),
        (23, DAY, None, date(2026, 11, 23)),
        (31, DAY, None, date(2026, 11, 30)),
        (31, date(2027, 2, 10), date(2027, 1, 31), date(2027, 2, 28)),
        (10, date(2026, 12, 9), date(2026, 12, 10), date(2027, 1, 10)),
        (10, date(2026, 12, 12), date(2026, 11, 10), date(2026, 12, 10)),
        (10, date(2026, 12, 14), date(2026, 11, 10), date(2027, 1, 10)),
    ],
)
def test_the_day_of_the_month(day, today, last, then):
    assert next_due_day(AutopayTerms("monthly", 100, day=day), today, 0, date(2026, 1, 1), last) == then


def test_a_late_notice_still_comes_a_day_before_the_money():
    assert charge_day(date(2026, 12, 10), date(2026, 12, 12)) == date(2026, 12, 13)
    assert charge_day(date(2026, 12, 10), date(2026, 12, 9)) == date(2026, 12, 10)


def test_low_charges_tomorrow_and_only_when_low():
    assert next_due_day(LOW, DAY, 29_999, date(2026, 1, 1), None) == DAY + timedelta(days=1)
    assert next_due_day(LOW, DAY, 30_000, date(2026, 1, 1), None) is None


def test_turned_on_today_never_charges_today():
    assert next_due_day(AutopayTerms("monthly", 100, day=22), DAY, 0, DAY, None) == date(2026, 12, 22)


@given(day=st.integers(1, 31), today=st.dates(date(2026, 1, 1), date(2030, 1, 1)))
def test_one_charge_in_every_month(day, today):
    first = next_due_day(AutopayTerms("monthly", 100, day=day), today, 0, date(2025, 1, 1), None)
    second = next_due_day(AutopayTerms("monthly", 100, day=day), first, 0, date(2025, 1, 1), first)
    assert first >= today - timedelta(days=3) and 28 <= (second - first).days <= 31
    assert (second.year * 12 + second.month) - (first.year * 12 + first.month) == 1


@pytest.mark.parametrize(
    ("terms", "balance", "fee", "charged"),
    [
        (MONTHLY, -20_000, 60_000, 80_000),
        (MONTHLY, 60_000, 60_000, 0),
        (MONTHLY, -500_000, 60_000, 100_000),
        (MONTHLY, 59_500, 60_000, 0),
        (LOW, 10_000, 60_000, 50_000),
        (LOW, 30_000, 60_000, 0),
    ],
)
def test_the_sum_due_within_the_cap(terms, balance, fee, charged):
    assert charge_amount(terms, balance, fee) == charged


@given(balance=st.integers(-(10**9), 10**9), fee=st.integers(0, 10**7), low=st.booleans())
def test_never_above_the_cap_never_below_nothing(balance, fee, low):
    assert 0 <= charge_amount(LOW if low else MONTHLY, balance, fee) <= 100_000


def test_tries_on_the_day_then_one_and_three_days_on():
    assert [try_day(DAY, n).day for n in range(3)] == [22, 23, 25]
    assert [attempts_exhausted(n) for n in range(4)] == [False, False, False, True]


def test_says_its_terms():
    assert (
        describe_terms(MONTHLY)
        == "Каждый месяц 10 числа платить, сколько начислено, не больше 1\u00a0000,00\u00a0₽ за раз"
    )


@pytest.mark.parametrize(
    ("first", "limit"), [(9_000, 300_000), (300_000, 300_000), (300_001, 400_000), (1_856_290, 1_900_000)]
)
def test_the_limit_a_form_begins_with_lets_the_first_payment_through(first, limit):
    assert suggested_cap(first) == limit
