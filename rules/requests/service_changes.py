"""How a request changes a service's intervals, each of which has a state.

A `Change` takes the intervals, the day of effect and the request's payload, and returns new intervals.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from rules.money.accrual import Interval, State

DAY = timedelta(days=1)
Change = Callable[[list[Interval], date, Mapping[str, Any]], list[Interval]]


def switch_on(before: list[Interval], day: date, payload: Mapping[str, Any]) -> list[Interval]:
    return paint(before, "active", day, None)


def switch_off(before: list[Interval], day: date, payload: Mapping[str, Any]) -> list[Interval]:
    return paint(before, "off", day, None)


def suspend(before: list[Interval], first: date, payload: Mapping[str, Any]) -> list[Interval]:
    """Suspend active days only: a suspension never brings a closed channel back."""
    after, last = before, date.fromisoformat(payload["last"])
    for one in before:
        if one.state == "active" and one.first <= last and (one.last is None or one.last >= first):
            after = paint(after, "suspended", max(first, one.first), min(last, one.last or last))
    return after


def resume(before: list[Interval], day: date, payload: Mapping[str, Any]) -> list[Interval]:
    """Make the remaining days of the suspension in force on `day` active."""
    after = before
    for one in before:
        if one.state == "suspended" and one.covers(day):
            after = paint(after, "active", day, one.last)
    return after


def paint(before: Iterable[Interval], state: State, first: date, last: date | None) -> list[Interval]:
    """Return the intervals with the days from `first` to `last` in `state`; "off" is stored as no
    interval.
    """
    pieces = [piece for one in before for piece in _cut_out(one, first, last)]
    if state != "off":
        pieces.append(Interval(state, first, last))
    return _join_adjacent(sorted(pieces, key=lambda one: one.first))


def _cut_out(one: Interval, first: date, last: date | None) -> list[Interval]:
    pieces = []
    if one.first < first:
        pieces.append(Interval(one.state, one.first, min(one.last, first - DAY) if one.last else first - DAY))
    if last is not None and (one.last is None or one.last > last):
        pieces.append(Interval(one.state, max(one.first, last + DAY), one.last))
    return pieces


def _join_adjacent(sorted_: list[Interval]) -> list[Interval]:
    joined: list[Interval] = []
    for one in sorted_:
        if (
            joined
            and joined[-1].state == one.state
            and joined[-1].last
            and joined[-1].last + DAY == one.first
        ):
            joined[-1] = Interval(one.state, joined[-1].first, one.last)
        else:
            joined.append(one)
    return joined
