"""What a service costs by days: active in full, suspended at half, switched off nothing.

Manual §3.3: «стоимость приостановки взимается в размере 50 % от стоимости абонентской платы». A day costs
the month's price divided by the days of that month. Billing, the balance and every forecast come from `fee`
alone, so they cannot disagree. Sums are exact until the one rounding at the end of a (service, month).
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
    """A service in one state from `first` to `last`, both days included; `last` None = until further
    notice.
    """

    state: State
    first: date
    last: date | None = None

    def covers(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Price:
    """Kopecks a month from the day `since` on, until a later price."""

    since: date
    kopecks: int


Intervals = Sequence[Interval]
Prices = Sequence[Price]
Services = Sequence[tuple[Intervals, Prices]]


def state_on(day: date, intervals: Iterable[Interval]) -> State:
    """Where intervals overlap the cheaper state wins, so their order never matters; a day nobody named is
    off.
    """
    return min([one.state for one in intervals if one.covers(day)], key=HALVES.__getitem__, default="off")


def cut_before(day: date | None, intervals: Iterable[Interval]) -> list[Interval]:
    """The intervals with every day before `day` cut off; all of them when it is None."""
    if day is None:
        return list(intervals)
    return [
        Interval(one.state, max(one.first, day), one.last)
        for one in intervals
        if one.last is None or one.last >= day
    ]


def price_on(day: date, prices: Iterable[Price]) -> int:
    """Kopecks a month on that day; 0 before the first price."""
    return max([(one.since, one.kopecks) for one in prices if one.since <= day], default=(day, 0))[1]


def month_fee(month: date, intervals: Intervals, prices: Prices, until: date | None = None) -> int:
    """Kopecks for the days of the month of `month` up to and with `until` (None = all), rounded once, half
    up.
    """
    first, last = month_start(month), month_end(month)
    return _month_fee_exact(_equal_runs(first, last, intervals, prices), first, last, until)


def month_fees(month: date, services: Services, until: date | None = None) -> int:
    """The fee of several services together, each rounded by itself as each is posted by itself."""
    return sum(month_fee(month, intervals, prices, until) for intervals, prices in services)


def first_days(first: date, count: int) -> list[date]:
    """The first days of `count` months beginning with the month of `first`."""
    start = month_start(first)
    return [add_months(start, n) for n in range(count)]


def forecast(months: Iterable[date], intervals: Intervals, prices: Prices) -> list[tuple[date, int]]:
    """(first day of month, kopecks) for each month asked."""
    return [(month_start(month), month_fee(month, intervals, prices)) for month in months]


def lasts_until(balance: int, today: date, services: Services) -> date | None:
    """The last day the balance pays for, `balance` being kopecks with today already charged («хватит до»).

    Yesterday when it is negative now; None when it outlasts three years or nothing is charged.
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
            # The day before the first that is not paid for; what a month has cost never falls, so it is found
            # by halving.
            unpaid = bisect_right(
                range(month_end(month).day), left, key=lambda n: cost(month, month + n * DAY)
            )
            return month + (unpaid - 1) * DAY
        left -= whole
    return None


Run = tuple[int, int, int]


def _month_fee_exact(runs: Iterable[Run], first: date, last: date, until: date | None) -> int:
    """What these runs cost in the month from `first` to `last`: the one rounding of money here."""
    start, end = first.toordinal(), (last if until is None else min(last, until)).toordinal() + 1
    halves = 0
    for begun, over, twice in runs:
        if (count := (over if over < end else end) - (begun if begun > start else start)) > 0:
            halves += count * twice
    return round_half_up(halves, 2 * last.day)


def _equal_runs(first: date, last: date, intervals: Intervals, prices: Prices) -> list[Run]:
    """(its first day, the day after it, twice the price of a month of such days) of each run of equal days;
    days as ordinals.
    """
    turns = {one.since for one in prices} | {one.first for one in intervals}
    turns |= {one.last + DAY for one in intervals if one.last is not None and one.last < date.max}
    starts = [first, *sorted(day for day in turns if first < day <= last), last + DAY]
    return [
        (start.toordinal(), till.toordinal(), HALVES[state_on(start, intervals)] * price_on(start, prices))
        for start, till in pairwise(starts)
    ]
