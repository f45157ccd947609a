"""Autopay: when the next charge is due, how much it may be, when it tries again and when it gives up (manual
§3.2).

Days are Moscow days, money is kopecks. Nothing is charged without a notice the day before and never after a
refusal (161-ФЗ art. 9 as changed by 376-ФЗ from 1 March 2026: a saved card is unlinked at once when its owner
says so).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import NAMESPACE_OID, uuid5

from rules import Problems, Refused
from rules.amounts import format_decimal, kopecks, rubles
from rules.days import MOSCOW, add_months, month_end

MODES = {"monthly": "Каждый месяц — сколько начислено", "low": "Когда на счёте останется мало"}
# Why it was turned off, as its row keeps it and as people read it.
OFF_REASONS = {
    "asked": "вы выключили",
    "failed": "не удалось списать три раза",
    "unbound": "банк не привязал карту",
    "replaced": "вы начали подключение заново",
    "changed": "вы изменили условия",
    "moved": "договор перешёл к другому абоненту",
}
RETRIES = (0, 1, 3)  # Days after the due day on which it tries: three tries in all.
LATE = 3
CHARGE_HOUR = 10  # Moscow; a refused card at night would only wake its owner.
LEAST = 10_00
MOST = 100_000_00


@dataclass(frozen=True)
class AutopayTerms:
    """What a person asked for. `day` 1–31 for monthly; `below` and `top_up` for low; `cap` bounds every
    charge.
    """

    mode: Literal["monthly", "low"]
    cap: int
    day: int | None = None
    below: int | None = None
    top_up: int | None = None


@dataclass(frozen=True)
class NextCharge:
    """The next charge as known today: its day and sum; None day: not foreseeable (the balance decides)."""

    day: date | None
    amount: int


def suggested_cap(first: int) -> int:
    """The limit of one charge that a form begins with: 3 000 roubles, or the first payment up to a whole
    thousand.
    """
    return max(300_000, -(-first // 100_000) * 100_000)


def read_terms(data: dict[str, str]) -> AutopayTerms:
    """Terms out of a form; Refused names every wrong field at once."""
    problems = Problems()
    mode = data.get("mode", "")
    if mode not in MODES:
        problems["mode"] = "Выберите, когда платить: каждый месяц или когда денег мало."
    cap = problems.read(kopecks, data.get("cap", ""), "cap", least=LEAST, most=MOST)
    day = problems.read(read_day, data.get("day", "")) if mode == "monthly" else None
    below = top_up = None
    if mode == "low":
        below = problems.read(kopecks, data.get("below", ""), "below", least=LEAST, most=MOST)
        top_up = problems.read(kopecks, data.get("top_up", ""), "top_up", least=LEAST, most=MOST)
        if top_up and cap and top_up > cap:
            problems["top_up"] = (
                f"Это больше, чем предел одного списания, {rubles(cap)}. Уменьшите сумму или поднимите "
                "предел."
            )
    if problems or cap is None:
        raise Refused(**problems)
    return AutopayTerms(mode, cap, day, below, top_up)  # type: ignore[arg-type]


def form_values(terms: AutopayTerms) -> dict[str, str]:
    """The terms as a person would have typed them."""
    money = {"cap": terms.cap, "below": terms.below, "top_up": terms.top_up}
    typed = {name: format_decimal(sum).removesuffix(",00") for name, sum in money.items() if sum is not None}
    return typed | {"mode": terms.mode} | ({"day": str(terms.day)} if terms.day else {})


def read_day(text: str) -> int:
    bare = text.strip()
    if not (bare.isascii() and bare.isdigit() and len(bare) <= 2 and 1 <= int(bare) <= 31):
        raise Refused(
            day="Укажите число месяца от 1 до 31. Если в месяце столько дней нет, платим в последний."
        )
    return int(bare)


def monthly_day(day: int, month: date) -> date:
    """Day N of a month, or its last where it is shorter."""
    return month.replace(day=min(day, month_end(month).day))


def next_due_day(
    terms: AutopayTerms, today: date, balance: int, begun: date, last: date | None
) -> date | None:
    """The day the next charge belongs to, None while nothing calls for one.

    `begun` is the day it was turned on, `last` the last such day. A day missed (the jobs stood still) is made
    up for within three days; when money is charged: `charge_day`.
    """
    after = max(begun, last or begun) + timedelta(days=1)
    if terms.mode == "low":
        return max(after, today + timedelta(days=1)) if balance < (terms.below or 0) else None
    after = max(after, today - timedelta(days=LATE))
    here = monthly_day(terms.day or 1, after)
    return here if here >= after else monthly_day(terms.day or 1, add_months(after.replace(day=1), 1))


def charge_day(due: date, noticed: date) -> date:
    """The day of the charge itself: a whole day lies between the notice and the money."""
    return max(due, noticed + timedelta(days=1))


def notice_day(due: date) -> date:
    return due - timedelta(days=1)


def charge_amount(terms: AutopayTerms, balance: int, next_fee: int) -> int:
    """What to charge at this balance: never above the cap, 0 when nothing is owed any more."""
    if terms.mode == "low":
        wanted = terms.top_up or 0 if balance < (terms.below or 0) else 0
    else:
        wanted = max(0, next_fee - balance)
    return min(wanted, terms.cap) if wanted >= LEAST else 0


def try_day(charge: date, number: int) -> date:
    """The day of try 0, 1 or 2."""
    return charge + timedelta(days=RETRIES[number])


def order_id(contract: int, day: date, number: int) -> str:
    """Our id at the bank of try `number` (from 0) of a contract's due day.

    Derived, not random: a file put back from an older copy names the same charge by the same id.
    """
    return str(uuid5(NAMESPACE_OID, f"autopay:{contract}:{day.isoformat()}:{number}"))


def charge_key(contract: int, day: date, number: int) -> str:
    """The Idempotence-Key of the same try, derived likewise."""
    return str(uuid5(NAMESPACE_OID, f"autopay key:{contract}:{day.isoformat()}:{number}"))


def within_charging_hours(now: datetime) -> bool:
    """Whether charges and notices may go now: by day, Moscow time."""
    return CHARGE_HOUR <= now.astimezone(MOSCOW).hour < 22


def attempts_exhausted(failures: int) -> bool:
    return failures >= len(RETRIES)


def describe_terms(terms: AutopayTerms) -> str:
    """The terms as a sentence."""
    if terms.mode == "low":
        when = f"Когда на счёте меньше {rubles(terms.below or 0)}, пополнять на {rubles(terms.top_up or 0)}"
    else:
        when = f"Каждый месяц {terms.day} числа платить, сколько начислено"
    return f"{when}, не больше {rubles(terms.cap)} за раз"
