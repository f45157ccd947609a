"""Payments through the bank (manual §3.1): what may be paid, state changes, and when to poll the status.

Money is kopecks. Coming back to the return page proves nothing; only the bank's own status of our order does.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from rules import Problems, Refused, emails, phones
from rules.amounts import kopecks, rubles
from rules.messages import MessageText
from rules.payments.banking import BankPayment
from rules.typed_text import clean

METHODS = {"card": "Банковская карта", "sbp": "СБП — через приложение вашего банка"}
# State of a payment in words: (for the subscriber, for the accountant).
STATE_WORDS = {
    "created": ("отправляем в банк", "не отправлен"),
    "pending": ("ждём банк", "ждёт"),
    "paid": ("оплачен", "оплачен"),
    "failed": ("не прошёл", "не прошёл"),
    "expired": ("банк не ответил", "брошен"),
    "settled": ("зачислен вручную", "зачислен вручную"),
    "returned": ("возвращён", "возвращён"),
}
STATES = {state: subscriber for state, (subscriber, _) in STATE_WORDS.items()}
ACCOUNTANT_STATES = {state: accountant for state, (_, accountant) in STATE_WORDS.items()}
FINAL = {"paid", "failed", "expired", "settled", "returned"}
ENDED_BY_HAND = {
    "settled",
    "returned",
}  # An accountant has ended these payments: the bank's status does not change them any more.
SBP_MOST = 70_000_000  # A rule of СБП: one payment is at most 700 000 roubles.
REASONS = {
    "insufficient_funds": "на карте не хватило денег",
    "expired_on_confirmation": "время на оплату вышло",
    "general_decline": "оплата отменена",
    "card_expired": "срок карты истёк",
    "permission_revoked": "привязка карты отозвана",
    "refused": "банк не принял платёж",
    "lost": "банк не получил наш запрос",
    "withdrawn": "автоплатёж выключен до списания",
    "mistake": "банк ошибся, денег он не получал",
}
NO_BANK = "Оплата через банк сейчас недоступна. Заплатите по QR-коду из приложения вашего банка."
# A URL without spaces, quotes or brackets, which would break out of the HTML attribute.
PAGE_URL = re.compile(r"https?://[^\x00-\x20\x7f-\U0010ffff\"'<>`\\]{1,2000}")
FINAL_AFTER = timedelta(days=3)
RECOVERED_PURPOSE = "Оплата, найденная у банка после восстановления"


@dataclass(frozen=True)
class PaymentPlan:
    """A payment that may be made. `contact` is where our receipt goes.

    It is "" where no receipt is due, as for the police.
    """

    payee: Literal["operator", "police"]
    amount: int
    method: Literal["card", "sbp"]
    contact: str
    save_card: bool = False


def plan(data: dict[str, str], *, payee: str, least: int, most: int, receipt: bool = True) -> PaymentPlan:
    """Read a payment from a form; Refused names every wrong field at once.

    If `receipt` is false (the cabinet makes no receipt), no contact is required.
    """
    problems = Problems()
    amount = problems.read(kopecks, data.get("amount", ""), least=least, most=most) or 0
    method = data.get("method", "")
    if method not in METHODS:
        problems["method"] = "Выберите, как платить: картой или через СБП."
    elif method == "sbp" and amount > SBP_MOST:
        problems["amount"] = (
            f"Через СБП за один раз — не больше {rubles(SBP_MOST)}. Выберите карту или уменьшите сумму."
        )
    to = problems.read(read_contact, data.get("contact", "")) if payee == "operator" and receipt else ""
    problems.check()
    return PaymentPlan(payee, amount, method, to or "")  # type: ignore[arg-type]


def read_contact(text: str, field: str = "contact") -> str:
    """Read an e-mail or a mobile (returned as E.164); Refused at `field`.

    54-ФЗ requires one of them before the payment.
    """
    bare = clean(text)
    if not bare:
        raise Refused(**{field: "Укажите электронную почту или мобильный телефон: на него придёт чек."})
    return emails.parse(bare, field) if "@" in bare else phones.parse(bare, field)


def choose_contact(*contacts: str | None) -> str:
    """Return the first contact that `read_contact` accepts; "" if there is none.

    A contact stored under an earlier rule might be refused now, so it must not prefill the form.
    """
    for one in contacts:
        try:
            return read_contact(one or "")
        except Refused:
            continue
    return ""


def suggested_amount(balance: int, next_fee: int, least: int) -> int:
    """Return the sum to suggest: the debt and the next month's fee less the balance, in kopecks.

    If the balance covers the next month already, it is the fee of one month. It is never below `least`.
    """
    return max(next_fee - balance if next_fee > balance else next_fee, least)


def safe_page(page: str, bank: str) -> str | None:
    """Return the payment page if it is safe to redirect to, else None.

    Safe is https, or the origin `bank` of the bank's API. A test bank may use plain http, and its origin
    comes from the operator's settings, never from the bank's answer.
    """
    if not PAGE_URL.fullmatch(page):
        return None
    try:
        parts = urlsplit(page)
    except ValueError:
        return None
    if parts.username is not None or not parts.hostname:
        return None
    return page if parts.scheme == "https" or f"{parts.scheme}://{parts.netloc}" == bank else None


def differences(amount: int, order_id: str, bank_payment: BankPayment) -> tuple[str, ...]:
    """Return the fields of the bank's answer that differ from the order; if any do, nothing is posted."""
    checks = {
        "amount": bank_payment.amount == amount,
        "currency": bank_payment.currency == "RUB",
        "order": bank_payment.order_id == order_id,
    }
    return tuple(name for name, same in checks.items() if not same)


def next_state(state: str, reported: str) -> str | None:
    """Return the state after the bank's status; None if nothing changes. Paid wins even after expiry."""
    if state == "paid" or state in ENDED_BY_HAND or reported == state:
        return None
    if reported == "paid":
        return "paid"
    if reported == "failed":
        return "failed" if state in ("created", "pending", "expired") else None
    return "pending" if state == "created" else None


def next_check_at(created: datetime, now: datetime) -> datetime | None:
    """Return when to poll an unfinished payment again: after a third of its age, 10 s to 6 h.

    Returns None once three days have passed.
    """
    age = now - created
    if age >= FINAL_AFTER:
        return None
    return now + min(max(age / 3, timedelta(seconds=10)), timedelta(hours=6))


def entry_note(method: str, card: str | None) -> str:
    """Return the note of a payment's ledger entry."""
    notes = {"card": "Оплата картой", "sbp": "Оплата через СБП", "saved": f"Автоплатёж с карты {card}"}
    return notes[method]


def failure_words(reason: str | None) -> str:
    """Return the bank's code of failure in words."""
    return REASONS.get(reason or "", "банк отказал и не сказал почему")


def describe_state(state: str, reason: str | None, amount: int, refunded: int) -> str:
    """Return the state for the subscriber, including why it failed or that all of it was refunded."""
    if state == "failed":
        return failure_words(reason)
    return STATES["returned"] if refunded >= amount else STATES[state]


def received_message(amount: int, contract: int, balance: int) -> MessageText:
    """Return the message about a received payment; `balance` is the one after it, in kopecks."""
    return MessageText(
        f"Получили {rubles(amount)} по договору {contract}. На счёте {rubles(balance)}.", "Оплата получена"
    )
