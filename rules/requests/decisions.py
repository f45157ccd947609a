"""What staff may decide about a request: its effective day, and whether the request is still possible.

The caller reads the facts in the transaction that writes the decision. Money is in kopecks, days are Moscow
days.
"""

from collections.abc import Iterable
from datetime import date

from rules import Refused
from rules.amounts import rubles
from rules.days import day_words
from rules.people.contracts import format_number
from rules.requests.suspensions import Suspension

MISSING_QUESTION = "Напишите, чего не хватает: абонент увидит этот вопрос."
MISSING_REASON = "Напишите причину отказа: абонент её прочитает."
SHORTEST_REASON = 5


def choose_day(planned: date, early: bool, chosen: date | None, reason: str, today: date) -> date:
    """Return the effective day of an approval: `chosen`, or the request's own day `planned` when it is None.

    Refused at `day` when the day is past. Refused at `reason` when no reason is given and the day needs one:
    it differs from `planned`, or the request was `early`.
    """
    day = chosen or planned
    if day < today:
        raise Refused(day=f"Этот день уже прошёл. Укажите {day_words(today)} или позже.")
    if (day != planned or early) and len(reason.strip()) < SHORTEST_REASON:
        raise Refused(reason="День не тот, что по правилу. Напишите, почему: причина останется в заявке.")
    return day


def check_money(amount: int, free: int) -> None:
    """Refused when `amount` is more than the `free` balance; both are kopecks."""
    if amount > free:
        raise Refused(
            form=f"На балансе столько нет: свободно {rubles(max(free, 0))}. Откажите или договоритесь."
        )


def check_suspension(first: date, last: date, others: Iterable[Suspension]) -> None:
    """Refused when the suspension would end before it begins, or would overlap another one that is in force
    or approved.
    """
    if last < first:
        raise Refused(day="Приостановка кончилась бы раньше, чем началась. Выберите другой день.")
    if any(first <= one.last and one.first <= last for one in others):
        raise Refused(form="На эти дни уже есть другая приостановка. Откажите или уточните даты у абонента.")


def check_recipient(is_known: bool) -> None:
    """Refused when there is no contract with the number that should receive the money."""
    if not is_known:
        raise Refused(form="Договора с таким номером нет. Уточните номер у абонента.")


def check_still_owned(is_owned: bool) -> None:
    """Refused when the contract has another owner now: only the present owner may reopen a request
    about it.
    """
    if not is_owned:
        raise Refused(text="Договор этой заявки оформлен на другого абонента, открыть её снова нельзя.")


def recalculation_note(number: int) -> str:
    """Return the text of the ledger entry of a recalculation."""
    return f"Перерасчёт, заявка № {number}"


def transfer_notes(payer: int, recipient: int) -> tuple[str, str]:
    """Return the texts of both ledger entries of a transfer between contracts: the payer's and the
    recipient's.
    """
    return f"Перенос на договор {format_number(recipient)}", f"Перенос с договора {format_number(payer)}"
