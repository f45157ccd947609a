"""Discrepancies with the bank: how an accountant may close one, and the payment's state after that.

The sum credited is always the one that the bank reported, never a typed one: anything else is a correction.
"""

from dataclasses import dataclass
from typing import TypeVar

from rules import Problems, Refused
from rules.amounts import rubles
from rules.messages import MessageText
from rules.typed_text import clean_line

T = TypeVar("T")

KINDS = {
    "amount": "сумма не та",
    "currency": "валюта не та",
    "order": "заказ не наш",
    "unknown": "платёж нам неизвестен",
    "refund": "возврат, о котором мы не просили",
}
OUTCOMES = {
    "credited": "Зачислить на счёт то, что назвал банк",
    "corrected": "Зачислено корректировкой",
    "returned": "Деньги возвращены плательщику",
    "mistake": "Ошибка банка: денег не было",
}
# The payment's state after closing; `failed` may still become paid if the bank reports the right sum later.
PAYMENT_STATE = {"credited": "paid", "corrected": "settled", "returned": "returned", "mistake": "failed"}


@dataclass(frozen=True)
class DiscrepancyClosing:
    """The outcome and the accountant's note."""

    outcome: str
    note: str


def allowed_outcomes(kind: str, payee: str | None, currency: str, alone: bool) -> dict[str, str]:
    """Return the outcomes an accountant may choose.

    `payee` is None if we have no such payment; `alone` means that the payment has no other open discrepancy.
    """
    credit = kind == "amount" and payee == "operator" and currency == "RUB" and alone
    left = dict(OUTCOMES)
    left.pop("corrected" if credit else "credited")
    if payee == "police":  # money for the police is never in our ledger
        left.pop("corrected", None)
    return left


def read_closing(data: dict[str, str], choice: dict[str, str]) -> DiscrepancyClosing:
    """Read the closing form; Refused at `outcome` or `note`."""
    problems = Problems()
    note = clean_line(data.get("note", ""))
    if data.get("outcome") not in choice:
        problems["outcome"] = "Выберите, чем кончилось."
    if not 5 <= len(note) <= 300:
        problems["note"] = "Напишите, что сделано: письмо банка, номер поручения, номер корректировки."
    problems.check()
    return DiscrepancyClosing(data["outcome"], note)


def require_open(row: T | None) -> T:
    """Return the discrepancy; Refused if it is None, because somebody has closed it first."""
    if row is None:
        raise Refused(form="Этого расхождения уже нет в списке: его закрыли.")
    return row


def closing_message(number: int, outcome: str, reported: int, ordered: int) -> MessageText:
    """Return the message for the subscriber; both sums are kopecks."""
    text = _closing_texts(number, rubles(reported), rubles(ordered))[outcome]
    return MessageText(text, "О вашем платеже")


def _closing_texts(number: int, reported: str, ordered: str) -> dict[str, str]:
    return {
        "credited": f"Разобрались с платежом № {number}: банк принял {reported} вместо {ordered}, зачислили "
        f"{reported}.",
        "corrected": f"Разобрались с платежом № {number}: деньги зачислены на счёт договора вручную.",
        "returned": f"Разобрались с платежом № {number}: деньги возвращаются туда, откуда пришли. На счёт "
        "они не зачислены.",
        "mistake": f"Разобрались с платежом № {number}: банк ошибся, денег он не получал. Заплатите ещё раз.",
    }
