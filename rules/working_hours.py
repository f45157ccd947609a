"""Working hours of the office and the service centre (manual §3.7), and the deadline of an answer: one
working day.

The office closes on Russian public holidays and their transferred days off, from the `holidays` library. The
operator's exceptions are the setting `moved`: a Moscow day with its hours, or None for closed.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from rules.days import MONTHS, MOSCOW

Hours = tuple[time, time]
Moved = Mapping[date, Hours | None]

AS_USUAL: Moved = {}
_LONG: Hours = (time(9), time(18))
OFFICE: list[Hours | None] = [_LONG, _LONG, _LONG, _LONG, (time(9), time(17)), None, None]
CENTRE: Hours = (time(9), time(21))
ON_WEEKDAY = "в понедельник|во вторник|в среду|в четверг|в пятницу|в субботу|в воскресенье".split("|")
MOVED = re.compile(r"(\d{4}-\d\d-\d\d)[ =]+(?:(\d{1,2})(?::(\d\d))?-(\d{1,2})(?::(\d\d))?|closed)")


def parse_changed_days(text: str) -> Moved:
    """Parse the setting «2026-12-30 9-17, 2027-02-20 9:00-16:30, 2026-12-28 closed» into days. ValueError if
    it is malformed.
    """
    days: dict[date, Hours | None] = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        match = MOVED.fullmatch(part)
        if not match:
            raise ValueError(
                f"working day is written as «2026-12-30 9-17» or «2026-12-30 closed», not «{part}»"
            )
        day, *clock = match.groups()
        opens, closes = (
            time(int(clock[0] or 0), int(clock[1] or 0)),
            time(int(clock[2] or 0), int(clock[3] or 0)),
        )
        if clock[0] is not None and opens >= closes:
            raise ValueError(f"the office would close before it opens: «{part}»")
        days[date.fromisoformat(day)] = (opens, closes) if clock[0] is not None else None
    return days


@lru_cache(maxsize=16)
def holidays_of(year: int) -> frozenset[date]:
    import holidays  # has calendars of every country, so it is imported only when a year's days are needed

    return frozenset(holidays.country_holidays("RU", years=year))


def hours_of_day(day: date, moved: Moved = AS_USUAL) -> Hours | None:
    """Return the office hours of a Moscow day, None when closed."""
    if day in moved:
        return moved[day]
    return None if day in holidays_of(day.year) else OFFICE[day.weekday()]


def next_working(day: date, moved: Moved = AS_USUAL) -> date:
    """Return the first working day after `day`."""
    day += timedelta(days=1)
    while not hours_of_day(day, moved):
        day += timedelta(days=1)
    return day


def answer_due(asked_at: datetime, moved: Moved = AS_USUAL) -> datetime:
    """Return the deadline of a first answer (UTC): the same clock time of the next working day, no later than
    its closing.

    A question sent outside office hours counts as sent on the next working day, and its answer is due by the
    end of that day.
    """
    moment = asked_at.astimezone(MOSCOW)
    open_, day = hours_of_day(moment.date(), moved), moment.date()
    if open_ and open_[0] <= moment.time() < open_[1]:
        day = next_working(day, moved)
        return moscow_instant(day, min(moment.time(), closing_time(day, moved)))
    if not open_ or moment.time() >= open_[1]:
        day = next_working(day, moved)
    return moscow_instant(day, closing_time(day, moved))


def closing_time(day: date, moved: Moved = AS_USUAL) -> time:
    """Return when the office closes on a working day."""
    return (hours_of_day(day, moved) or CENTRE)[1]


def moscow_instant(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, MOSCOW).astimezone(UTC)


def is_open(now: datetime, moved: Moved = AS_USUAL) -> bool:
    """Return whether the office is open at an instant."""
    here = now.astimezone(MOSCOW)
    open_ = hours_of_day(here.date(), moved)
    return bool(open_ and open_[0] <= here.time() < open_[1])


def opens_at(now: datetime, moved: Moved = AS_USUAL) -> str:
    """Return «открыто до 18:00» or «откроется завтра в 9:00»."""
    here = now.astimezone(MOSCOW)
    day, open_ = here.date(), hours_of_day(here.date(), moved)
    if open_ and here.time() < open_[1]:
        here_now = here.time() >= open_[0]
        return f"открыто до {o_clock(open_[1])}" if here_now else f"откроется сегодня в {o_clock(open_[0])}"
    day = next_working(day, moved)
    opens = (hours_of_day(day, moved) or CENTRE)[0]
    return f"откроется {day_words(day, here.date())} в {o_clock(opens)}"


def centre_is_open(now: datetime) -> bool:
    """Return whether the service centre answers the telephone: daily 9–21."""
    return CENTRE[0] <= now.astimezone(MOSCOW).time() < CENTRE[1]


def centre_words(now: datetime) -> str:
    """Return «отвечаем до 21:00», or when they answer again."""
    if centre_is_open(now):
        return f"отвечаем до {o_clock(CENTRE[1])}"
    soon = "сегодня" if now.astimezone(MOSCOW).time() < CENTRE[0] else "завтра"
    return f"ответим {soon} с {o_clock(CENTRE[0])}"


def day_words(day: date, today: date) -> str:
    """Return «завтра» or «в понедельник, 23 ноября,»."""
    if day - today == timedelta(days=1):
        return "завтра"
    return f"{ON_WEEKDAY[day.weekday()]}, {day.day}\u00a0{MONTHS[day.month - 1]},"


def o_clock(at: time) -> str:
    return f"{at.hour}:{at.minute:02}"
