"""The period of a list: a preset or from–to (manual §3.4). Days are Moscow days, both ends inclusive.

The form sends `period` (a preset), `from` and `to`. Typed dates win over the preset, so that the form works
the same with and without JavaScript.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from rules import Problems, Refused, days
from rules.days import MONTHS, add_months

TODAY, WEEK, MONTH = "today", "week", "month"
PRESETS = {TODAY: "Сегодня", WEEK: "7\u00a0дней", MONTH: "Месяц"}
SAY = "Напишите день, месяц и год, например 22.11.2026."
EARLIEST = date(2000, 1, 1)

Days = tuple[date, date]


def parse_period(form: Mapping[str, str], today: date, usual: str = WEEK) -> Days:
    """Return the first and the last day requested. Refused at "from", "to". Empty and unknown presets mean
    `usual`.
    """
    if name := chosen_preset(form, usual):
        return preset_period(name, today)
    problems = Problems()
    first = problems.read(typed_day, form.get("from", ""), "from")
    last = problems.read(typed_day, form.get("to", ""), "to")
    problems.check()
    return typed_period(first, last or today, today)


def typed_period(first: date | None, last: date, today: date) -> Days:
    """Return two typed days as a period that ends no later than today."""
    if first is None:
        raise Refused(**{"from": "Укажите и первый день: с какого дня показать."})
    if first > today:
        raise Refused(**{"from": "Этот день ещё не наступил. Выберите сегодняшний или более ранний."})
    if last < first:
        raise Refused(to="Последний день раньше первого. Поменяйте их местами.")
    return first, min(last, today)


def chosen_preset(form: Mapping[str, str], usual: str = WEEK) -> str:
    """Return the preset in use, "" when days were typed."""
    if form.get("from", "").strip() or form.get("to", "").strip():
        return ""
    return name if (name := form.get("period", "")) in PRESETS else usual


def preset_period(name: str, today: date) -> Days:
    """Return the days of a preset; all of them end today."""
    if name == TODAY:
        return today, today
    if name == MONTH:
        return add_months(today, -1) + timedelta(days=1), today
    return today - timedelta(days=6), today


def typed_day(text: str, field: str) -> date | None:
    """Parse a day as a date field sends it (2026-11-22) or as people write it (22.11.2026, 22-11-26); None
    when empty.
    """
    if not text.strip():
        return None
    found = days.parse(text, field)
    if not EARLIEST <= found < date(2100, 1, 1):
        raise Refused(**{field: f"Проверьте год. {SAY}"})
    return found


def period_words(first: date, last: date) -> str:
    """Return «22 ноября 2026», «16–22 ноября 2026», «23 октября – 22 ноября 2026»; both years are shown when
    they differ.
    """
    end = f"{last.day}\u00a0{MONTHS[last.month - 1]} {last.year}"
    if first == last:
        return end
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{end}"
    start = f"{first.day}\u00a0{MONTHS[first.month - 1]}"
    return f"{start} – {end}" if first.year == last.year else f"{start} {first.year} – {end}"
