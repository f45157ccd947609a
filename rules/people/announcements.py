"""An announcement as staff type it: text, days, and the contracts it concerns."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rules import Problems, Refused, days
from rules.people import contracts
from rules.typed_text import clean, clean_line

LONGEST_TITLE, LONGEST_TEXT = 120, 1000


@dataclass(frozen=True)
class AnnouncementPlan:
    """`place` is a part of an address, `numbers` are contracts; both empty means everyone. Days are
    inclusive.
    """

    title: str
    text: str
    first: date
    last: date
    place: str = ""
    numbers: tuple[int, ...] = ()
    send: bool = False

    @property
    def everyone(self) -> bool:
        return not self.place and not self.numbers

    @property
    def whom(self) -> str:
        """The filter in words, for staff."""
        parts = [f"адрес со словами «{self.place}»"] if self.place else []
        if self.numbers:
            parts.append("договоры " + ", ".join(contracts.format_number(one) for one in self.numbers))
        return " или ".join(parts) or "все абоненты"


def plan(
    title: str,
    text: str,
    first: date,
    last: date,
    today: date,
    place: str = "",
    numbers: str = "",
    send: bool = False,
) -> AnnouncementPlan:
    """Return the announcement, or Refused with a sentence at each field."""
    title, text, place = clean_line(title), clean(text), clean_line(place)
    problems = Problems()
    if not title or len(title) > LONGEST_TITLE:
        problems["title"] = f"Напишите, о чём уведомление, до {LONGEST_TITLE} знаков."
    if not text or len(text) > LONGEST_TEXT:
        problems["text"] = f"Напишите, что будет и что делать абоненту, до {LONGEST_TEXT} знаков."
    if last < first:
        problems["last"] = "Последний день раньше первого. Поменяйте дни местами."
    elif last < today:
        problems["last"] = (
            f"Этот день прошёл, уведомление никто не увидит. Укажите {days.short(today)} или позже."
        )
    if place and len(place) < 3:
        problems["place"] = "Слишком короткое слово: подойдут почти все адреса. Напишите хотя бы три буквы."
    try:
        listed = tuple(dict.fromkeys(contracts.parse_number(one) for one in _split_numbers(numbers)))
    except Refused:
        problems["numbers"] = "Перечислите договоры через запятую: 78 123 456, 78 123 457."
        listed = ()
    problems.check()
    return AnnouncementPlan(title, text, first, last, place, listed, send)


def _split_numbers(numbers: str) -> list[str]:
    return [part for part in re.split(r"[,;\n]+", numbers) if part.strip()]


def concerns_contract(plan: AnnouncementPlan, number: int, addresses: Sequence[str]) -> bool:
    """Return whether the announcement concerns a contract of this number with these addresses."""
    if plan.everyone or number in plan.numbers:
        return True
    return bool(plan.place) and any(plan.place.casefold() in address.casefold() for address in addresses)
