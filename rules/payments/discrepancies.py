"""Discrepancies with the bank: how an accountant may close one, and what the payment then becomes.

Money is credited by the very sum the bank reported, never by one typed in: anything else is a correction.
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
# What a payment becomes; `failed` may still become paid if the bank later speaks of the right sum.
PAYMENT_STATE = {"credited": "paid", "corrected": "settled", "returned": "returned", "mistake": "failed"}


@dataclass(frozen=True)
class DiscrepancyClosing:
    """How it was closed and in what words."""

    outcome: str
    note: str


def allowed_outcomes(kind: str, payee: str | None, currency: str, alone: bool) -> dict[str, str]:
    """The outcomes an accountant may choose; `payee` None: we have no such payment, `alone`: nothing else is
    odd in it.
    """
    credit = kind == "amount" and payee == "operator" and currency == "RUB" and alone
    left = dict(OUTCOMES)
    left.pop("corrected" if credit else "credited")
    if payee == "police":  # its money never touches our ledger
        left.pop("corrected", None)
    return left


def read_closing(data: dict[str, str], choice: dict[str, str]) -> DiscrepancyClosing:
    """The accountant's word, or Refused."""
    problems = Problems()
    note = clean_line(data.get("note", ""))
    if data.get("outcome") not in choice:
        problems["outcome"] = "Выберите, чем кончилось."
    if not 5 <= len(note) <= 300:
        problems["note"] = "Напишите, что сделано: письмо банка, номер поручения, номер корректировки."
    problems.check()
    return DiscrepancyClosing(data["outcome"], note)


def require_open(row: T | None) -> T:
    """The discrepancy that is still open; Refused when somebody closed it first (None)."""
    if row is None:
        raise Refused(form="Этого расхождения уже нет в списке: его закрыли.")
    return row


def closing_message(number: int, outcome: str, reported: int, ordered: int) -> MessageText:
    """What the subscriber reads; both sums are kopecks."""
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
