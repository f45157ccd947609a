"""A payment to the police guard (ОВО): its fields are filled in once and saved as a template.

Manual §3.1, fig. 3.2–3.3.
"""

import csv
import re
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from rules import Problems, Refused, days, names
from rules.days import add_months, short
from rules.typed_text import clean_line, normalize_dashes

FILE = Path(__file__).with_name("police_branches.csv")
ACCOUNT = re.compile(r"[0-9A-Za-zА-Яа-яЁё№/. -]{1,30}")
PAYER = "Укажите, кто платит: фамилию, имя и отчество, как в договоре с ОВО."
SHORTEST_WORDS = 5
BANK_PURPOSE, CODE_PURPOSE = 128, 210  # length limits: YooKassa's description, «Purpose» of ГОСТ Р 56042-2014
WORDS = {
    "address": (5, 200, "Укажите адрес объекта, который охраняют."),
    "purpose": (3, 140, "Укажите назначение, например «Охрана квартиры»."),
}


@dataclass(frozen=True)
class TemplateFields:
    """One payment to ОВО without its amount.

    `first` and `last` are the Moscow days of the period paid for.
    """

    payer: str
    branch: str
    account: str
    address: str
    first: date
    last: date
    purpose: str

    def as_facts(self) -> dict[str, str]:
        return {name: str(value) for name, value in asdict(self).items()}


@lru_cache(maxsize=1)
def branches() -> dict[str, str]:
    """Return code and name of each district branch, from a file that the operator may edit."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        return {row["code"]: row["name"] for row in csv.DictReader(lines, delimiter=";")}


def read_fields(data: dict[str, str], prefilled_payer: str = "") -> TemplateFields:
    """Read the fields from a form; Refused names every wrong one at once.

    `prefilled_payer` is the name that the form was prefilled with.
    """
    texts = {name: clean_line(data.get(name, "")) for name in WORDS}
    problems = Problems(
        (name, say) for name, (least, most, say) in WORDS.items() if not least <= len(texts[name]) <= most
    )
    payer = problems.read(names.parse, data.get("payer", ""), "payer", PAYER, prefilled=prefilled_payer)
    if data.get("branch", "") not in branches():
        problems["branch"] = "Выберите районный отдел из списка."
    account = normalize_dashes(clean_line(data.get("account", "")))
    if not ACCOUNT.fullmatch(account):
        problems["account"] = "Укажите номер договора с ОВО или лицевой счёт: до 30 цифр и букв."
    period = problems.read(read_period, data)
    if problems or not payer or not period:
        raise Refused(**problems)
    first, last = period
    return TemplateFields(
        payer=payer, branch=data["branch"], account=account, first=first, last=last, **texts
    )


def read_period(data: dict[str, str]) -> tuple[date, date]:
    """Read the first and the last day paid for; Refused at `first` or `last`."""
    problems = Problems()
    first = problems.read(days.parse, data.get("first", ""), "first")
    last = problems.read(days.parse, data.get("last", ""), "last")
    if first and last and last < first:
        problems["last"] = f"Конец периода не раньше его начала, {short(first)}."
    return problems.require(first), problems.require(last)


def for_period(fields: TemplateFields, data: dict[str, str], today: date) -> TemplateFields:
    """Return the template's fields with the period that was typed, or else with the offered period."""
    if not data.get("first") and not data.get("last"):
        first, last = offered_period(fields.first, fields.last, today)
    else:
        first, last = read_period(data)
    return replace(fields, first=first, last=last)


def offered_period(first: date, last: date, today: date) -> tuple[date, date]:
    """Return the next period to pay for: the template's own, moved forward until it is not over.

    A template of October offers November in November; the quarter 15.08–14.11 offers 15.11–14.02.
    """
    length, months = last - first + timedelta(days=1), _whole_months(first, last)
    start, end, step = first, last, 0
    while end < today:
        step += 1
        if not months:
            start, end = first + length * step, last + length * step
            continue
        start = add_months(first, months * step)
        end = add_months(first, months * (step + 1)) - timedelta(days=1)
    return start, end


def _whole_months(first: date, last: date) -> int:
    """Return the number of months in the period; 0 if it is not a whole number of months."""
    after = last + timedelta(days=1)
    months = (after.year - first.year) * 12 + after.month - first.month
    return months if months > 0 and add_months(first, months) == after else 0


def read_name(text: str) -> str:
    """Read the name of a template; Refused at `name`."""
    bare = clean_line(text)
    if not 1 <= len(bare) <= 60:
        raise Refused(name="Назовите шаблон, например «Квартира»: до 60 знаков.")
    return bare


def purpose_text(fields: TemplateFields, most: int) -> str:
    """Return the purpose of the payment, at most `most` characters.

    ОВО identifies the payment by contract, period and payer, so only the person's free words are shortened.
    """
    needed = f"Договор {fields.account}, {short(fields.first)}–{short(fields.last)}. {fields.payer}"
    if len(needed) > most:
        return shorten(needed, most)
    room = most - len(needed) - len(". ")
    return f"{shorten(fields.purpose, room)}. {needed}" if room >= SHORTEST_WORDS else needed


def shorten(text: str, most: int) -> str:
    """Return the text, shortened with «…» if it does not fit."""
    return text if len(text) <= most else text[: most - 1].rstrip(" .,:;") + "…"
