"""Wording of the states on the home page."""

from collections.abc import Sequence
from datetime import date, timedelta

from rules import days
from rules.money import accrual

CHANGE = {"active": "Приостановить или изменить", "suspended": "Возобновить или изменить"}
STATES = {"active": "подключена", "suspended": "приостановлена", "off": "не подключена"}


def channel_state(
    intervals: Sequence[accrual.Interval], today: date, ends_on: date | None
) -> tuple[str, str, str]:
    """Return (mark, words, label of the link that changes it) of the channel on this day: working, suspended,
    ending, or off.
    """
    state = accrual.state_on(today, intervals)
    return *_channel(state, intervals, today, ends_on), CHANGE.get(state, "Изменить услуги")


def _channel(
    state: str, intervals: Sequence[accrual.Interval], today: date, ends_on: date | None
) -> tuple[str, str]:
    if state == "off" and ends_on and ends_on < today:
        return "alarm", f"Не работает: договор расторгнут, последний день — {days.day_words(ends_on)}"
    if state == "off":
        return "alarm", "Не работает: сигналы на пульт не передаются"
    if state == "suspended":
        return "warn", f"Приостановлен по {_last_of(intervals, today)}: тревога на пульт не придёт"
    if ends_on:
        return "warn", f"Работает. Договор действует по {days.day_words(ends_on)}"
    return "good", "Работает"


def _last_of(intervals: Sequence[accrual.Interval], today: date) -> str:
    last = max(
        (one.last for one in intervals if one.state == "suspended" and one.covers(today) and one.last),
        default=today + timedelta(0),
    )
    return days.day_words(last)
