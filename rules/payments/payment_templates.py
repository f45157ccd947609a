"""A payment to the police guard (ОВО): the fields filled once and kept under a name (manual §3.1, fig.
3.2–3.3).
"""

import csv
import re
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from rules import Problems, Refused, days
from rules.days import short

FILE = Path(__file__).with_name("police_branches.csv")
ACCOUNT = re.compile(r"[0-9A-Za-zА-Яа-яЁё№/. -]{1,30}")
WORDS = {
    "payer": (3, 120, "Укажите, кто платит: фамилию, имя и отчество, как в договоре с ОВО."),
    "address": (5, 200, "Укажите адрес объекта, который охраняют."),
    "purpose": (3, 140, "Укажите назначение, например «Охрана квартиры»."),
}


@dataclass(frozen=True)
class TemplateFields:
    """One payment to ОВО but for its amount. `first` and `last` are the Moscow days of the period paid
    for.
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
    """Code and name of each district branch; the file is the operator's to edit."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        return {row["code"]: row["name"] for row in csv.DictReader(lines, delimiter=";")}


def read_fields(data: dict[str, str]) -> TemplateFields:
    """Fields out of a form; Refused names every wrong one at once."""
    problems = Problems(
        (name, say)
        for name, (least, most, say) in WORDS.items()
        if not least <= len(" ".join(data.get(name, "").split())) <= most
    )
    if data.get("branch", "") not in branches():
        problems["branch"] = "Выберите районный отдел из списка."
    if not ACCOUNT.fullmatch(data.get("account", "").strip()):
        problems["account"] = "Укажите номер договора с ОВО или лицевой счёт: до 30 цифр и букв."
    first = problems.read(days.parse, data.get("first", ""), "first")
    last = problems.read(days.parse, data.get("last", ""), "last")
    if first and last and not first <= last:
        problems["last"] = f"Конец периода не раньше его начала, {short(first)}."
    if problems or not first or not last:
        raise Refused(**problems)
    texts = {name: " ".join(data[name].split()) for name in ("payer", "account", "address", "purpose")}
    return TemplateFields(branch=data["branch"], first=first, last=last, **texts)


def read_name(text: str) -> str:
    """The name a template is kept under."""
    bare = " ".join(text.split())
    if not 1 <= len(bare) <= 60:
        raise Refused(name="Назовите шаблон, например «Квартира»: до 60 знаков.")
    return bare


def purpose_text(fields: TemplateFields) -> str:
    """The words that go with the money."""
    return (
        f"{fields.purpose}. Договор {fields.account}, {short(fields.first)}–{short(fields.last)}. "
        f"{fields.payer}"
    )
