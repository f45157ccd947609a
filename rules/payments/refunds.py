"""Refunds (manual §3.3): to the subscriber's own account, with a passport, at most the free balance.

Free = balance − what other refund requests reserve, in kopecks; the caller passes it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import NAMESPACE_OID, uuid5

from rules import Problems, Refused, names
from rules.amounts import kopecks, rubles
from rules.days import day_words
from rules.payments import bank_details
from rules.payments.payments import entry_note
from rules.typed_text import clean_line

TRANSFERRED_TO_CARD = "Возврат на карту, с которой платили"
BANK_SILENT, NO_REASON = "банк молчит", "без причины"
STATES = {"asked": "банк возвращает", "paid": "выплачено", "failed": "банк отказал"}


@dataclass(frozen=True, slots=True)
class RefundPlan:
    amount: int
    recipient: str
    bic: str
    account: str


def bank_key(request: int, payment_bank_id: str, amount: int, series: int) -> str:
    """Return the Idempotence-Key of a refund by the bank.

    `series` counts the new requests after a refusal. The key is derived and not random, so that a database
    restored from an older copy asks for the same refund with the same key.
    """
    return str(uuid5(NAMESPACE_OID, f"refund:{request}:{payment_bank_id}:{amount}:{series}"))


def description(request: int) -> str:
    """Return the refund's description at the bank, by which a restored database recognises a lost refund."""
    return f"Возврат по заявке {request}"


def plan(
    amount: str, recipient: str, bic: str, account: str, *, free: int, prefilled: str = ""
) -> RefundPlan:
    """Read the refund form; Refused names every wrong field at once.

    `prefilled` is the recipient that the form was prefilled with; `free` is kopecks.
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
    """Return the number of documents; Refused at `files` if there is none.

    The passport proves who asks for the money; for organisations see `rules.requests.authority`.
    """
    if not documents:
        raise Refused(files="Приложите копию разворота паспорта с фотографией: PDF, JPEG, PNG или HEIC.")
    return documents


def read_amount(text: str, free: int) -> int:
    """Read the kopecks to refund, at most `free`; Refused at `amount`."""
    if free <= 0:
        raise Refused(amount="Сейчас возвращать нечего: свободного остатка на балансе нет.")
    amount = kopecks(text, most=10**14)
    if amount > free:
        raise Refused(
            amount=f"Столько вернуть нельзя. Свободно {rubles(free)}, укажите эту сумму или меньше."
        )
    return amount


def read_recipient(text: str, field: str = "recipient", prefilled: str = "") -> str:
    """Read the recipient; `prefilled` is the subscriber's own name, which the form fills in."""
    return names.parse(
        text,
        field,
        "Укажите получателя, как он записан в банке: фамилия, имя, отчество или название.",
        prefilled=prefilled,
    )


def read_document(text: str, field: str = "document") -> str:
    """Read the number and day of the accountant's payment order."""
    value = clean_line(text)
    if not 1 <= len(value) <= 60:
        raise Refused(**{field: "Укажите номер и день платёжного поручения, например «118 от 22.11.2026»."})
    return value


def transfer_note(document: str) -> str:
    """Return the note of the ledger entry of a transfer."""
    return f"Возврат, платёжное поручение {document}"


def payment_choice(method: str, card: str | None, paid_on: date) -> str:
    """Return how the accountant sees a payment that the bank can refund."""
    return f"{entry_note(method, card)}, {day_words(paid_on)}"


def check_payment(payment_bank_id: str, refundable: Collection[str]) -> None:
    """Raise Refused unless the bank can refund this sum against the payment."""
    if payment_bank_id not in refundable:
        raise Refused(
            payment="По этому платежу банк столько не вернёт. Выберите другой или запишите выплату."
        )


def check_payable(kind: str, state: str, attempt: str | None) -> None:
    """Raise Refused unless the request is an approved refund, neither paid nor at the bank.

    `attempt` is the state of the refund's row; None if there is no row.
    """
    if kind != "refund" or state != "approved" or attempt not in (None, "failed"):
        raise Refused(form="Этот возврат уже в другом состоянии. Обновите страницу.")


def check_balance(amount: int, balance: int) -> None:
    """Raise Refused if services have used up the money while the request waited."""
    if balance < amount:
        raise Refused(
            form=f"На балансе меньше {rubles(amount)}: пока заявка ждала, деньги ушли на оплату услуг."
        )
