"""Suspending the channel: both days inclusive, at most six calendar months, no two at once, at half price.

Manual §3.3: «срок приостановки не должен превышать 6 месяцев, стоимость приостановки взимается в размере 50 %
от стоимости абонентской платы». 31 August + 6 months is the last day of February.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from rules import Problems, Refused
from rules.days import add_months, day_words, parse
from rules.money.accrual import Interval
from rules.requests import notice_period
from rules.requests.notice_period import Notice

MONTHS = 6
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Suspension:
    """Moscow days, both inclusive."""

    first: date
    last: date


def latest_day(first: date) -> date:
    """Return the last day allowed for a suspension that begins on `first`."""
    return add_months(first, MONTHS)


def plan(
    first: str, last: str, sent: date, others: Iterable[Suspension], channel: Iterable[Interval]
) -> Suspension:
    """Return the suspension as typed. Refused at `first`, `last`.

    `others` are suspensions in force, planned or in other open requests.
    """
    problems = Problems()
    start = problems.read(notice_period.plan, Notice.TEN_DAYS, first, sent, "first")
    end = problems.read(parse, last, "last")
    if end and start:
        problems |= _length_problem(start, end)
    if problems or not (start and end):
        raise Refused(**problems)
    _check_free(start, end, others)
    _check_working(start, end, channel)
    return Suspension(start, end)


def _length_problem(start: date, end: date) -> dict[str, str]:
    if end < start:
        return {
            "last": "Приостановка кончается раньше, чем начинается. Укажите последний день не раньше первого."
        }
    if end > (latest := latest_day(start)):
        return {"last": f"Приостановка длится не больше 6 месяцев: до {day_words(latest)} включительно."}
    return {}


def _check_free(start: date, end: date, others: Iterable[Suspension]) -> None:
    for other in others:
        if start <= other.last and other.first <= end:
            raise Refused(
                first=f"На эти дни уже есть приостановка: с {day_words(other.first)} по "
                f"{day_words(other.last)}. "
                "Выберите другие дни или отзовите ту заявку."
            )


def _check_working(start: date, end: date, channel: Iterable[Interval]) -> None:
    working = [one for one in channel if one.state == "active"]
    if not any(one.covers(start) for one in working) or not any(one.covers(end) for one in working):
        raise Refused(form="В эти дни канал связи не работает, приостанавливать нечего. Проверьте даты.")


def current_suspensions(channel: Iterable[Interval], today: date) -> list[Suspension]:
    """Return the channel's suspensions that end on `today` or later."""
    return [
        Suspension(one.first, one.last or date.max)
        for one in channel
        if one.state == "suspended" and (one.last is None or one.last >= today)
    ]


def resume(text: str, sent: date, under_way: Iterable[Suspension]) -> date:
    """Return the day the channel works again. Refused when not allowed. The suspension in force that day ends
    early.
    """
    if not (under_way := list(under_way)):
        raise Refused(form="Канал связи сейчас не приостановлен, возобновлять нечего.")
    day = notice_period.plan(Notice.ANY_DAY, text, sent)
    if any(one.first <= day <= one.last for one in under_way):
        return day
    last = max(one.last for one in under_way)
    if day > last:
        raise Refused(
            day=f"Приостановка кончится раньше сама, {day_words(last)}. Выберите день не позже неё."
        )
    first = min(one.first for one in under_way)
    raise Refused(
        day=f"Канал ещё работает: приостановка начнётся {day_words(first)}. Её заявку можно отозвать."
    )
