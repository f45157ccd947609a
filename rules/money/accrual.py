"""The price of a service by days: full when active, half when suspended, nothing when switched off.

Manual §3.3: «стоимость приостановки взимается в размере 50 % от стоимости абонентской платы». A day costs the
month's price divided by the days of that month. Billing, the balance and every forecast use the same
calculation, so they cannot disagree. Sums are exact until the one rounding at the end of a (service, month).
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal

from rules.amounts import round_half_up
from rules.days import add_months, month_end, month_start

State = Literal["active", "suspended", "off"]
HALVES: dict[State, int] = {"active": 2, "suspended": 1, "off": 0}
HORIZON = 36
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Interval:
    """A service in one state from `first` to `last`, both days included.

    `last` is None while no end is known.
    """

    state: State
    first: date
    last: date | None = None

    def covers(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Price:
    """The price in kopecks per month from the day `since` until a later price."""

    since: date
    kopecks: int


Intervals = Sequence[Interval]
Prices = Sequence[Price]
Services = Sequence[tuple[Intervals, Prices]]


def state_on(day: date, intervals: Iterable[Interval]) -> State:
    """Return the service's state on a day: "off" if no interval covers it.

    Where intervals overlap the cheaper state wins, so their order does not matter.
    """
    return min([one.state for one in intervals if one.covers(day)], key=HALVES.__getitem__, default="off")


def cut_before(day: date | None, intervals: Iterable[Interval]) -> list[Interval]:
    """Return the intervals without the days before `day`; all of them if `day` is None."""
    if day is None:
        return list(intervals)
    return [
        Interval(one.state, max(one.first, day), one.last)
        for one in intervals
        if one.last is None or one.last >= day
    ]


def price_on(day: date, prices: Iterable[Price]) -> int:
    """Return the price in kopecks per month on that day; 0 before the first price."""
    return max([(one.since, one.kopecks) for one in prices if one.since <= day], default=(day, 0))[1]


def month_fee(month: date, intervals: Intervals, prices: Prices, until: date | None = None) -> int:
    """Return the fee in kopecks for the month that contains `month`, up to and including `until`.

    `until` None means the whole month. The sum is rounded once, half up.
    """
    first, last = month_start(month), month_end(month)
    return _month_fee_exact(_equal_runs(first, last, intervals, prices), first, last, until)


def month_fees(month: date, services: Services, until: date | None = None) -> int:
    """Return the fee of several services; each is rounded separately, as each is posted separately."""
    return sum(month_fee(month, intervals, prices, until) for intervals, prices in services)


def first_days(first: date, count: int) -> list[date]:
    """Return the first days of `count` months, starting with the month that contains `first`."""
    start = month_start(first)
    return [add_months(start, n) for n in range(count)]


def forecast(months: Iterable[date], intervals: Intervals, prices: Prices) -> list[tuple[date, int]]:
    """Return (first day of month, kopecks) for each month given."""
    return [(month_start(month), month_fee(month, intervals, prices)) for month in months]


def lasts_until(balance: int, today: date, services: Services) -> date | None:
    """Return the last day that the balance pays for («хватит до»).

    `balance` is in kopecks with `today` already charged. The result is yesterday if it is negative now, and
    None if it lasts longer than three years or nothing is charged.
    """
    if balance < 0:
        return today - DAY
    first = month_start(today)
    runs = [_equal_runs(first, add_months(first, HORIZON) - DAY, *service) for service in services]

    def cost(month: date, until: date | None = None) -> int:
        return sum(_month_fee_exact(each, month, month_end(month), until) for each in runs)

    left = balance + cost(first, today)
    for month in first_days(first, HORIZON):
        if (whole := cost(month)) > left:
            # The answer is the day before the first unpaid one. The cost from the 1st of a month never
            # decreases as days are added, so binary search finds it.
            unpaid = bisect_right(
                range(month_end(month).day), left, key=lambda n: cost(month, month + n * DAY)
            )
            return month + (unpaid - 1) * DAY
        left -= whole
    return None


Run = tuple[int, int, int]


def _month_fee_exact(runs: Iterable[Run], first: date, last: date, until: date | None) -> int:
    """Return the cost in kopecks of these runs in the month from `first` to `last`, up to `until`.

    This is the only place where money is rounded here.
    """
    start, end = first.toordinal(), (last if until is None else min(last, until)).toordinal() + 1
    halves = 0
    for begun, over, twice in runs:
        if (count := (over if over < end else end) - (begun if begun > start else start)) > 0:
            halves += count * twice
    return round_half_up(halves, 2 * last.day)


def _equal_runs(first: date, last: date, intervals: Intervals, prices: Prices) -> list[Run]:
    """Split the days from `first` to `last` into runs with the same state and price.

    A run is (its first day, the day after its last, twice the monthly price at such days); days are ordinals.
    Twice the price, so that half a price stays a whole number.
    """
    turns = {one.since for one in prices} | {one.first for one in intervals}
    turns |= {one.last + DAY for one in intervals if one.last is not None and one.last < date.max}
    starts = [first, *sorted(day for day in turns if first < day <= last), last + DAY]
    return [
        (start.toordinal(), till.toordinal(), HALVES[state_on(start, intervals)] * price_on(start, prices))
        for start, till in pairwise(starts)
    ]
