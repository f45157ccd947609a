"""Ending the contract: the day, and for a representative a name, a basis and documents (manual §3.3).

The notice period and the request for an earlier day are in rules/requests/notice_period.py.
"""

from dataclasses import dataclass
from datetime import date

from rules import Problems, Refused, names
from rules.days import day_words
from rules.requests import notice_period
from rules.requests.notice_period import Notice
from rules.typed_text import clean_line

BASES = {
    "power": "доверенность",
    "law": "законный представитель",
    "heir": "наследник",
    "head": "руководитель организации",  # only in old requests; organisations have their own form now
}


@dataclass(frozen=True, slots=True)
class Termination:
    """The termination. `early`: before the notice period ends, so staff decide. The two texts are "" when the
    subscriber sends it in person.
    """

    day: date
    early: bool
    representative: str
    basis: str


def plan(
    day: str, by: str, name: str, basis: str, sent: date, *, documents: int, ends_on: date | None
) -> Termination:
    """Return the termination as typed; `by` is "self" or "representative". Refused names every wrong
    field.
    """
    problems = Problems()
    chosen = problems.read(notice_period.plan, Notice.TEN_DAYS_OR_EARLIER, day, sent)
    if by == "representative":
        problems |= _representative_problems(name, basis, documents)
    elif by != "self":
        problems["by"] = "Отметьте, кто отправляет заявку: абонент или его представитель."
    if ends_on:
        problems["form"] = f"Договор уже расторгается: последний день — {day_words(ends_on)}."
    if problems or chosen is None:
        raise Refused(**problems)
    apart = by == "representative"
    return Termination(
        chosen,
        notice_period.is_early(Notice.TEN_DAYS_OR_EARLIER, chosen, sent),
        clean_line(name) if apart else "",
        basis if apart else "",
    )


def _representative_problems(name: str, basis: str, documents: int) -> dict[str, str]:
    problems = Problems()
    problems.read(names.parse, name, "representative", "Укажите фамилию, имя и отчество представителя.")
    if basis not in BASES:
        problems["basis"] = "Выберите, на каком основании действует представитель."
    if not documents:
        problems["files"] = "Приложите документы представителя: доверенность или другое подтверждение."
    return problems
