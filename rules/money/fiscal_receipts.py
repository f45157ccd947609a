"""The content of a fiscal receipt: 54-ФЗ art. 4.7, ФФД 1.2.

Money paid before the service is an advance, at the calculated VAT rate (22/122). Money for days already
served is a full payment at the plain rate (22 %). Once a month one receipt settles the part of the advance
that was used (54-ФЗ art. 1.2 п. 2.1, within ten days of the month's end). A refund receipt repeats the kind
of payment it returns.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Literal

from rules import Refused
from rules.amounts import round_half_up
from rules.days import month_words, short

PaymentMode = Literal["advance", "full_payment"]
TITLES = {"prepayment": "Оплата", "closing": "Услуги за месяц", "refund": "Возврат"}
# (mark, words) for the subscriber; the accountant sees the error itself.
STATES = {
    "waiting": ("wait", "готовится"),
    "sent": ("wait", "готовится"),
    "done": ("good", "отправлен"),
    "failed": ("warn", "задерживается"),
}
# Why a receipt failed, as the accountant reads it.
TURNED_OFF = "Касса выключена настройкой CABINET_RECEIPTS: этот чек пробейте сами."
DECLINED = "Касса не приняла чек."
NOT_PRINTED = "Касса приняла чек, но не напечатала его за три дня."
PRINTED_BEFORE = (
    "Файл восстановлен из копии: чек мог уйти раньше. Проверьте в личном кабинете кассы, "
    "прежде чем повторять."
)
NEVER_FISCAL = (
    "Номера этому чеку выдумала учебная касса: фискальным он не был. Решите, пробить его или чек коррекции."
)
RATES = (0, 5, 7, 10, 20, 22)
SANDBOX_ID_PREFIX = (
    "own-"  # Ids of the demonstration's register begin with this: no tax office knows its receipts.
)


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One position of a receipt.

    `amount` is kopecks including VAT; `vat` is a percent, None for «без НДС»; `calculated` means 22/122 and
    not 22 %.
    """

    text: str
    amount: int
    mode: PaymentMode
    vat: int | None
    calculated: bool = False

    @property
    def tax(self) -> int:
        return round_half_up(self.amount * self.vat, 100 + self.vat) if self.vat else 0

    @property
    def rate(self) -> str:
        if self.vat is None:
            return "без НДС"
        return f"НДС {self.vat}/{100 + self.vat}" if self.calculated else f"НДС {self.vat}\u00a0%"


@dataclass(frozen=True, slots=True)
class ReceiptDocument:
    """A whole receipt. `direction` is the fiscal "приход" (payment) or "возврат прихода" (refund).

    `settled` says what paid for it: money (card or СБП) or an earlier advance. `bank_id` is the bank's own id
    of the payment or refund that it belongs to, if there is one.
    """

    direction: Literal["payment", "refund"]
    settled: Literal["money", "advance"]
    contact: str
    lines: tuple[ReceiptLine, ...]
    bank_id: str | None = None

    @property
    def total(self) -> int:
        return sum(line.amount for line in self.lines)


def parse_rates(text: str) -> dict[date, int | None]:
    """Parse "2019-01-01=20 2026-01-01=22" into {first day: percent}; "none" gives None («без НДС»).

    Raises ValueError if the text is malformed.
    """
    return {
        date.fromisoformat(day): _percent(rate) for day, rate in (part.split("=") for part in text.split())
    }


def _percent(text: str) -> int | None:
    if text == "none":
        return None
    if int(text) not in RATES:
        raise ValueError(f"VAT is one of {RATES} or none, not {text}")
    return int(text)


def vat_rate(day: date, rates: dict[date, int | None]) -> int | None:
    """Return the VAT percent in force on a Moscow day.

    It is None before the first date and where VAT is not charged.
    """
    begun = [since for since in rates if since <= day]
    return rates[max(begun)] if begun else None


def prepayment_lines(
    amount: int, balance: int, day: date, rates: dict[date, int | None]
) -> tuple[ReceiptLine, ...]:
    """Return the lines of an incoming payment, in kopecks.

    The part that covers a debt (`balance` below 0) pays for past days; the rest is an advance.
    """
    debt = min(amount, max(0, -balance))
    rate = vat_rate(day, rates)
    lines = [
        ReceiptLine("Услуги связи: оплата долга", debt, "full_payment", rate),
        ReceiptLine("Услуги связи: аванс", amount - debt, "advance", rate, calculated=rate is not None),
    ]
    return tuple(line for line in lines if line.amount)


def closing_lines(
    fee: int, balance: int, month: date, day: date, rates: dict[date, int | None]
) -> tuple[ReceiptLine, ...]:
    """Return the line for the part of a month's `fee` that an advance paid; empty if there was none.

    `balance` is the balance before the fee, in kopecks. The VAT rate is that of the last day served, not of
    the day when the advance was paid.
    """
    spent = min(fee, max(0, balance))
    return (
        (ReceiptLine(f"Услуги связи за {month_words(month)}", spent, "full_payment", vat_rate(day, rates)),)
        if spent
        else ()
    )


def refund_lines(amount: int, day: date, rates: dict[date, int | None]) -> tuple[ReceiptLine, ...]:
    """Return the line of a refund of unspent money."""
    rate = vat_rate(day, rates)
    return (
        ReceiptLine(f"Возврат аванса, {short(day)}", amount, "advance", rate, calculated=rate is not None),
    )


def receipt_contact(email: str | None, mobile: str | None) -> str:
    """Return where the receipt is sent: the e-mail, else the mobile (E.164).

    Raises Refused at `contact` if there is neither: 54-ФЗ requires one before the payment.
    """
    if not (found := email or mobile):
        raise Refused(contact="Укажите электронную почту или мобильный телефон: на него придёт чек.")
    return found


def no_answer(error: str) -> str:
    """Return why a receipt failed after three days without an answer; `error` is the last one."""
    return f"Касса не ответила за три дня ({error})."


def lines_json(lines: Iterable[ReceiptLine]) -> str:
    """Return the lines as JSON, the form in which a receipt's row stores them."""
    return json.dumps([asdict(line) for line in lines], ensure_ascii=False)
