"""Days are Moscow days, instants are UTC; the current time is always passed by the caller."""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from rules import Refused
from rules.typed_text import clean_line, normalize_dashes

MOSCOW = ZoneInfo("Europe/Moscow")
MONTHS = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split()
MONTH_NAMES = "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь".split()
WEEKDAYS = "понедельник вторник среда четверг пятница суббота воскресенье".split()

_YEAR_FIRST = re.compile(r"(\d{4}) ?[./-] ?(\d{1,2}) ?[./-] ?(\d{1,2})", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})(?: ?[./-] ?| )(\d{1,2})(?: ?[./-] ?| )(\d{4}|\d\d)", re.ASCII)
_IN_WORDS = re.compile(rf"(\d{{1,2}}) ({'|'.join(MONTHS)}) (\d{{4}})", re.ASCII)
_YEAR_WORD = re.compile(r" ?(?:г\.?|года?)$")


def today(now: datetime) -> date:
    """Return the Moscow day of an instant."""
    return now.astimezone(MOSCOW).date()


def midnight(day: date) -> datetime:
    """Return the UTC instant at which a Moscow day begins."""
    return datetime.combine(day, time(), MOSCOW).astimezone(UTC)


def parse(text: str, field: str = "day") -> date:
    """Parse a day as browsers send it (2026-11-02) or as people write it (02.11.2026, 2.11.26, 2 ноября 2026
    г.). Refused otherwise.
    """
    bare = _YEAR_WORD.sub("", normalize_dashes(clean_line(text)).lower())
    if not bare:
        raise Refused(**{field: "Укажите дату, например 02.11.2026."})
    parts = _day_parts(bare)
    if parts is None:
        raise Refused(**{field: "Дата пишется числом, месяцем и годом, например 02.11.2026."})
    try:
        found = date(*parts)
    except ValueError:
        raise Refused(**{field: "Такого дня в календаре нет. Проверьте число и месяц."}) from None
    if not 1900 <= found.year < 2200:
        raise Refused(**{field: "Проверьте год: он пишется четырьмя цифрами, например 2026."})
    return found


def _day_parts(bare: str) -> tuple[int, int, int] | None:
    """Return year, month and day; a two-digit year is of this century."""
    if match := _YEAR_FIRST.fullmatch(bare):
        return int(match[1]), int(match[2]), int(match[3])
    if match := _IN_WORDS.fullmatch(bare):
        return int(match[3]), MONTHS.index(match[2]) + 1, int(match[1])
    if match := _DAY_FIRST.fullmatch(bare):
        return int(match[3]) + (2000 if len(match[3]) == 2 else 0), int(match[2]), int(match[1])
    return None


def format_iso(text: str) -> str:
    """Return a typed day in the form of a browser's date field (2026-11-02); other text is returned as is."""
    try:
        return parse(text).isoformat()
    except Refused:
        return text


def month_start(day: date) -> date:
    return day.replace(day=1)


@lru_cache(maxsize=4096)
def month_end(day: date) -> date:
    """Return the last day of the month. Cached, like `add_months`: a page of money asks for the same few
    months dozens of times.
    """
    return day.replace(day=monthrange(day.year, day.month)[1])


@lru_cache(maxsize=4096)
def add_months(day: date, count: int) -> date:
    """Return the same day `count` months later; in a shorter month its last day (31 Aug + 6 =
    28 or 29 Feb).
    """
    month = day.month - 1 + count
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def each_day(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def day_words(day: date) -> str:
    """Return 2 ноября 2026, with a no-break space between day and month."""
    return f"{day.day}\u00a0{MONTHS[day.month - 1]}\u00a0{day.year}"


def short(day: date) -> str:
    """Return 02.11.2026."""
    return f"{day.day:02}.{day.month:02}.{day.year}"


def month_words(day: date) -> str:
    """Return ноябрь 2026."""
    return f"{MONTH_NAMES[day.month - 1]}\u00a0{day.year}"


def clock(at: datetime) -> str:
    """Return 14:05, Moscow time."""
    there = at.astimezone(MOSCOW)
    return f"{there.hour:02}:{there.minute:02}"


def moment(at: datetime) -> str:
    """Return 22 ноября 2026, 14:05 (Moscow time) with no-break spaces."""
    return f"{day_words(today(at))},\u00a0{clock(at)}"
