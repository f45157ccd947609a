"""Refunds: never more than the free balance, to the subscriber's own account, with a passport attached
(manual §3.3).

Free = balance − what other refund requests reserve, in kopecks; the caller passes it in.
"""

from dataclasses import dataclass
from uuid import NAMESPACE_OID, uuid5

from rules import Problems, Refused, names
from rules.amounts import kopecks, rubles
from rules.payments import bank_details

STATES = {"asked": "банк возвращает", "paid": "выплачено", "failed": "банк отказал"}


@dataclass(frozen=True, slots=True)
class RefundPlan:
    amount: int
    recipient: str
    bic: str
    account: str


def bank_key(request: int, payment_bank_id: str, amount: int, series: int) -> str:
    """The Idempotence-Key of a refund by the bank; `series` counts how often it was asked for anew after a
    refusal.

    Derived, not random: a file put back from an older copy asks for the same refund by the same key.

    """
    return str(uuid5(NAMESPACE_OID, f"refund:{request}:{payment_bank_id}:{amount}:{series}"))


def description(request: int) -> str:
    """What the bank shows the refund as, and what we know it by when the file has lost it."""
    return f"Возврат по заявке {request}"


def plan(
    amount: str, recipient: str, bic: str, account: str, *, free: int, prefilled: str = ""
) -> RefundPlan:
    """The refund asked for; Refused names every field that is wrong at once. `prefilled` is the recipient the
    form was prefilled with.
    """
    problems = Problems()
    total = problems.read(read_amount, amount, free)
    name = problems.read(read_recipient, recipient, prefilled=prefilled)
    bank = problems.read(bank_details.read_bic, bic)
    number = problems.read(bank_details.read_account, account, bank)
    if problems or total is None or name is None or bank is None or number is None:
        raise Refused(**problems)
    return RefundPlan(total, name, bank, number)


def require_passport(documents: int) -> int:
    """Who asks for money is known by a passport; an organisation by `rules.requests.authority`."""
    if not documents:
        raise Refused(files="Приложите копию разворота паспорта с фотографией: PDF, JPEG, PNG или HEIC.")
    return documents


def read_amount(text: str, free: int) -> int:
    """Kopecks not above what is free."""
    if free <= 0:
        raise Refused(amount="Сейчас возвращать нечего: свободного остатка на балансе нет.")
    amount = kopecks(text, most=10**14)
    if amount > free:
        raise Refused(
            amount=f"Столько вернуть нельзя. Свободно {rubles(free)}, укажите эту сумму или меньше."
        )
    return amount


def read_recipient(text: str, field: str = "recipient", prefilled: str = "") -> str:
    """Whom the bank pays; `prefilled` is the subscriber's own name, which the form fills in."""
    return names.parse(
        text,
        field,
        "Укажите получателя, как он записан в банке: фамилия, имя, отчество или название.",
        prefilled=prefilled,
    )
