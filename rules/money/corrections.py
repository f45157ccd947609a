"""A manual correction of the ledger: a new signed entry with a reason; old entries never change.

Above a limit a second accountant must confirm it.
"""

from dataclasses import dataclass

from rules import Problems, Refused, amounts
from rules.typed_text import clean_line

ADD, TAKE = "add", "take"
DIRECTIONS = {ADD: "Добавить на счёт", TAKE: "Списать со счёта"}
STATES = {"waiting": "ждёт второго бухгалтера", "entered": "проведена", "refused": "отклонена"}
SHORTEST, LONGEST = 10, 300


@dataclass(frozen=True, slots=True)
class CorrectionPlan:
    """Signed kopecks and the reason, which the subscriber reads in the statement."""

    amount: int
    reason: str
    needs_second: bool


def plan(direction: str, amount: str, reason: str, limit: int) -> CorrectionPlan:
    """Read the form into a plan; Refused at `direction`, `amount` or `reason`.

    More than `limit` kopecks, up or down, needs a second accountant.
    """
    problems, words = Problems(), clean_line(reason)
    kopecks = problems.read(amounts.kopecks, amount, most=1_000_000_00)
    if direction not in DIRECTIONS:
        problems["direction"] = "Выберите: добавить на счёт или списать."
    if not SHORTEST <= len(words) <= LONGEST:
        problems["reason"] = (
            f"Напишите основание словами: от {SHORTEST} до {LONGEST} знаков. Абонент увидит его в выписке."
        )
    if problems or kopecks is None:
        raise Refused(**problems)
    return CorrectionPlan(kopecks if direction == ADD else -kopecks, words, kopecks > limit)


def check_waiting(state: str) -> None:
    """Raise Refused unless the correction is pending."""
    if state != "waiting":
        raise Refused(form="Эту корректировку уже решили. Обновите страницу.")


def check_second_accountant(asked_by: int, who: int) -> None:
    """Raise Refused if the author tries to confirm their own correction."""
    if asked_by == who:
        raise Refused(form="Эту корректировку внесли вы. Подтвердить её должен другой бухгалтер.")
