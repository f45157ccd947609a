from datetime import date, timedelta
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.days import add_months, each_day, month_end
from rules.money.accrual import Interval, Price, first_days, forecast, lasts_until, month_fee, month_fees

ON = [Interval("active", date(2025, 1, 1))]
PRICE = [Price(date(2025, 1, 1), 60_000)]
SHARE = {"active": Fraction(1), "suspended": Fraction(1, 2), "off": Fraction(0)}


def suspended(first: date, last: date) -> list[Interval]:
    after = Interval("active", last + timedelta(days=1))
    return [
        Interval("active", date(2025, 1, 1), first - timedelta(days=1)),
        Interval("suspended", first, last),
        after,
    ]


@pytest.mark.parametrize(
    ("intervals", "until", "kopecks"),
    [
        (ON, None, 60_000),
        (ON, date(2026, 11, 1), 2_000),
        (ON, date(2026, 11, 22), 44_000),
        (ON, date(2026, 10, 31), 0),
        (ON, date(2027, 5, 1), 60_000),
        ([], None, 0),
        ([Interval("off", date(2025, 1, 1))], None, 0),
        ([Interval("active", date(2026, 11, 30))], None, 2_000),
        ([Interval("active", date(2026, 12, 1))], None, 0),
        ([Interval("active", date(2025, 1, 1), date(2026, 11, 1))], None, 2_000),
        (suspended(date(2026, 11, 1), date(2026, 11, 30)), None, 30_000),
        (suspended(date(2026, 11, 11), date(2026, 11, 20)), None, 50_000),
        (suspended(date(2026, 11, 11), date(2026, 11, 11)), None, 59_000),
        (suspended(date(2026, 10, 20), date(2026, 11, 3)), date(2026, 11, 4), 5_000),
        # A suspension laid over an open interval, and an end laid over both: the cheaper state wins.
        ([*ON, Interval("suspended", date(2026, 11, 11), date(2026, 11, 20))], None, 50_000),
        ([*ON, Interval("off", date(2026, 11, 16))], None, 30_000),
    ],
)
def test_november_by_days(intervals, until, kopecks):
    assert month_fee(date(2026, 11, 15), intervals, PRICE, until) == kopecks


@pytest.mark.parametrize(
    ("month", "kopecks", "until", "expected"),
    [
        (date(2026, 2, 1), 1, date(2026, 2, 14), 1),  # exactly half a kopeck goes up
        (date(2026, 2, 1), 1, date(2026, 2, 13), 0),
        (date(2026, 10, 1), 10_000, date(2026, 10, 1), 323),  # 322.58
        (date(2028, 2, 1), 29, date(2028, 2, 1), 1),
        (date(2026, 12, 1), 45_000, None, 45_000),
    ],
)
def test_rounds_once_half_up(month, kopecks, until, expected):
    assert month_fee(month, ON, [Price(date(2025, 1, 1), kopecks)], until) == expected


def test_a_new_price_counts_from_its_own_day():
    prices = [Price(date(2025, 1, 1), 60_000), Price(date(2026, 11, 11), 90_000)]
    assert month_fee(date(2026, 11, 1), ON, prices) == 10 * 2_000 + 20 * 3_000
    assert month_fee(date(2026, 11, 1), ON, prices, date(2026, 11, 10)) == 20_000


def test_nothing_is_charged_before_the_first_price():
    assert month_fee(date(2024, 12, 1), [Interval("active", date(2024, 1, 1))], PRICE) == 0


def test_each_service_is_rounded_by_itself():
    thirds = (ON, [Price(date(2025, 1, 1), 10)])
    assert month_fees(date(2026, 11, 1), [thirds, thirds], date(2026, 11, 2)) == 2


def test_forecast_shows_a_suspension_month_by_month():
    plan = suspended(date(2026, 12, 1), date(2027, 1, 15))
    assert forecast(first_days(date(2026, 11, 22), 4), plan, PRICE) == [
        (date(2026, 11, 1), 60_000),
        (date(2026, 12, 1), 30_000),
        (date(2027, 1, 1), 45_484),
        (date(2027, 2, 1), 60_000),
    ]


@pytest.mark.parametrize(
    ("balance", "last"),
    [
        (-1, date(2026, 11, 21)),
        (0, date(2026, 11, 22)),
        (1_999, date(2026, 11, 22)),
        (2_000, date(2026, 11, 23)),
        (16_000, date(2026, 11, 30)),
        (16_000 + 60_000, date(2026, 12, 31)),
        (16_000 + 30_000, date(2026, 12, 15)),
        (100_000_000, None),
    ],
)
def test_lasts_until(balance, last):
    assert lasts_until(balance, date(2026, 11, 22), [(ON, PRICE)]) == last


def test_what_costs_nothing_lasts():
    assert lasts_until(0, date(2026, 11, 22), [([], PRICE)]) is None
    assert lasts_until(0, date(2026, 11, 22), []) is None


YEAR = first_days(date(2026, 1, 1), 12)
a_day = st.dates(date(2025, 10, 1), date(2027, 2, 28))
an_interval = st.builds(
    lambda state, first, length: Interval(state, first, length and first + timedelta(days=length - 1)),
    st.sampled_from(["active", "suspended", "off"]),
    a_day,
    st.one_of(st.none(), st.integers(1, 400)),
)
some_intervals = st.lists(an_interval, max_size=5)
some_prices = st.lists(
    st.builds(Price, a_day, st.integers(0, 5_000_000)), max_size=4, unique_by=lambda one: one.since
)


def formula(days, intervals, prices) -> Fraction:
    """The rule said again, one day at a time, in fractions and without rounding."""
    total = Fraction(0)
    for day in days:
        share = min(
            (SHARE[i.state] for i in intervals if i.first <= day <= (i.last or date.max)), default=Fraction(0)
        )
        in_force = sorted((p for p in prices if p.since <= day), key=lambda p: p.since)
        total += share * (in_force[-1].kopecks if in_force else 0) / month_end(day).day
    return total


@settings(max_examples=150, deadline=None)
@given(some_intervals, some_prices)
def test_a_year_of_postings_is_the_formula_within_a_kopeck_a_month(intervals, prices):
    for month in YEAR:
        exact = formula(each_day(month, month_end(month)), intervals, prices)
        assert abs(month_fee(month, intervals, prices) - exact) <= Fraction(1, 2)
    year = formula(each_day(YEAR[0], date(2026, 12, 31)), intervals, prices)
    assert abs(sum(month_fee(month, intervals, prices) for month in YEAR) - year) <= 12


@settings(max_examples=60, deadline=None)
@given(st.lists(an_interval, max_size=4), some_prices)
def test_the_order_of_intervals_and_prices_never_matters(intervals, prices):
    expected = [month_fee(month, intervals, prices) for month in YEAR]
    for shuffled in permutations(intervals):
        assert [month_fee(month, shuffled, prices[::-1]) for month in YEAR] == expected


@settings(max_examples=100, deadline=None)
@given(some_intervals, some_prices, a_day)
def test_accrued_so_far_never_falls_and_ends_at_the_posting(intervals, prices, month):
    days = each_day(month.replace(day=1), month_end(month))
    running = [month_fee(month, intervals, prices, day) for day in days]
    assert running == sorted(running)
    assert running[-1] == month_fee(month, intervals, prices)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 20_000_000), some_intervals, some_prices, a_day)
def test_the_last_paid_day_is_paid_and_the_next_is_not(balance, intervals, prices, today):
    services = [(intervals, prices)]
    last = lasts_until(balance, today, services)

    def left(day: date) -> int:
        whole = [
            month_fees(m, services) for m in first_days(today, 40) if add_months(m, 1) <= day.replace(day=1)
        ]
        return balance + month_fees(today, services, today) - sum(whole) - month_fees(day, services, day)

    if last is not None:
        assert last >= today
        assert left(last) >= 0 > left(last + timedelta(days=1))
