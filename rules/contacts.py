"""Office hours as the contacts page shows them (manual §3.7): the usual week, and the coming days that differ
from it.
"""

from datetime import date, datetime, time, timedelta
from itertools import groupby

from rules import working_hours
from rules.days import MONTHS, WEEKDAYS, today

AHEAD = 14


def usual_hours() -> list[tuple[str, str]]:
    """Return («понедельник–четверг», «9:00–18:00») for each run of weekdays with the same hours."""
    runs = [
        [day for day, _ in group]
        for _, group in groupby(enumerate(working_hours.OFFICE), key=lambda pair: pair[1])
    ]
    return [(_span(run), _hours(working_hours.OFFICE[run[0]])) for run in runs]


def changed_days(now: datetime, moved: working_hours.Moved = working_hours.AS_USUAL) -> list[str]:
    """Return «30 декабря — 9:00–16:00», «4 января — выходной» for the next two weeks."""
    ahead = [today(now) + timedelta(days=n) for n in range(AHEAD)]
    here = [(day, working_hours.hours_of_day(day, moved)) for day in ahead]
    return [
        f"{_day(day)} — {_hours(hours)}"
        for day, hours in here
        if hours != working_hours.OFFICE[day.weekday()]
    ]


def _span(run: list[int]) -> str:
    joint = "–" if len(run) > 2 else ", "
    return WEEKDAYS[run[0]] if len(run) == 1 else f"{WEEKDAYS[run[0]]}{joint}{WEEKDAYS[run[-1]]}"


def _hours(hours: tuple[time, time] | None) -> str:
    return f"{working_hours.o_clock(hours[0])}–{working_hours.o_clock(hours[1])}" if hours else "выходной"


def _day(day: date) -> str:
    return f"{day.day}\u00a0{MONTHS[day.month - 1]}"
