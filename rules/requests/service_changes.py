"""What a request does to the days of a service. The forecast a person sees and the night's job call the same
`change`.

A service's days are a list of intervals; a change paints a stretch of days with a new state and leaves the
rest.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from rules.money.accrual import Interval, State

DAY = timedelta(days=1)
# What becomes of which service; terminate ends them all.
TOUCHES = {
    "sms_on": ("sms",),
    "sms_off": ("sms",),
    "suspend": ("channel",),
    "resume": ("channel",),
    "terminate": ("channel", "sms"),
}


def change(kind: str, day: date, facts: Mapping[str, str], intervals: Iterable[Interval]) -> list[Interval]:
    """The intervals after a request of that kind taking effect on `day`; `facts` are the request's
    payload.
    """
    before = list(intervals)
    if kind == "sms_on":
        return paint(before, "active", day, None)
    if kind == "suspend":
        return _suspend(before, day, date.fromisoformat(facts["last"]))
    if kind == "resume":
        return _resume(before, day)
    return paint(before, "off", day, None)


def _suspend(before: list[Interval], first: date, last: date) -> list[Interval]:
    """Only days that would have worked: a suspension never brings a closed channel back."""
    after = before
    for one in before:
        if one.state == "active" and one.first <= last and (one.last is None or one.last >= first):
            after = paint(after, "suspended", max(first, one.first), min(last, one.last or last))
    return after


def _resume(before: list[Interval], day: date) -> list[Interval]:
    after = before
    for one in before:
        if one.state == "suspended" and one.covers(day):
            after = paint(after, "active", day, one.last)
    return after


def paint(before: Iterable[Interval], state: State, first: date, last: date | None) -> list[Interval]:
    """The same days, those from `first` to `last` in `state`; "off" is kept as no interval at all."""
    kept = [piece for one in before for piece in _outside(one, first, last)]
    if state != "off":
        kept.append(Interval(state, first, last))
    return _joined(sorted(kept, key=lambda one: one.first))


def _outside(one: Interval, first: date, last: date | None) -> list[Interval]:
    pieces = []
    if one.first < first:
        pieces.append(Interval(one.state, one.first, min(one.last, first - DAY) if one.last else first - DAY))
    if last is not None and (one.last is None or one.last > last):
        pieces.append(Interval(one.state, max(one.first, last + DAY), one.last))
    return pieces


def _joined(sorted_: list[Interval]) -> list[Interval]:
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
