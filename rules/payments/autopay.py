"""Autopay (manual §3.2): when the next charge is due, its amount, the retries and the end after failures.

Days are Moscow days, money is kopecks. Nothing is charged without a notice the day before, and nothing after
the owner withdraws consent (161-ФЗ art. 9 as changed by 376-ФЗ from 1 March 2026: a saved card is unlinked at
once when its owner says so).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import NAMESPACE_OID, uuid5

from rules import Problems, Refused
from rules.amounts import format_decimal, kopecks, rubles
from rules.days import MOSCOW, add_months, month_end

MODES = {"monthly": "Каждый месяц — сколько начислено", "low": "Когда на счёте останется мало"}
# Why autopay was turned off: the key is stored in its row, the text is for people.
OFF_REASONS = {
    "asked": "вы выключили",
    "failed": "не удалось списать три раза",
    "unbound": "банк не привязал карту",
    "replaced": "вы начали подключение заново",
    "changed": "вы изменили условия",
    "moved": "договор перешёл к другому абоненту",
}
RETRIES = (0, 1, 3)  # Days after the charge day for each attempt: three attempts in all.
LATE = 3
CHARGE_HOUR = 10  # Moscow hour; a message about a refused card at night would only wake its owner.
LEAST = 10_00
MOST = 100_000_00


@dataclass(frozen=True)
class AutopayTerms:
    """The terms a person chose, in kopecks; `cap` limits every charge.

    `day` (1–31) belongs to the mode monthly, `below` and `top_up` to the mode low.
    """

    mode: Literal["monthly", "low"]
    cap: int
    day: int | None = None
    below: int | None = None
    top_up: int | None = None


@dataclass(frozen=True)
class NextCharge:
    """The day and the sum of the next charge as known today.

    `day` is None if it cannot be foreseen, because it depends on the balance.
    """

    day: date | None
    amount: int


def suggested_cap(first: int) -> int:
    """Return the cap that the form suggests, in kopecks.

    It is 3 000 roubles or the first payment rounded up to a whole thousand, whichever is more.
    """
    return max(300_000, -(-first // 100_000) * 100_000)


def read_terms(data: dict[str, str]) -> AutopayTerms:
    """Read the terms from a form; Refused names every wrong field at once."""
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
    """Return the terms as form values, as a person would have typed them."""
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
    """Return day N of a month, or its last day if the month is shorter."""
    return month.replace(day=min(day, month_end(month).day))


def next_due_day(
    terms: AutopayTerms, today: date, balance: int, begun: date, last: date | None
) -> date | None:
    """Return the due day of the next charge; None while no charge is needed.

    `begun` is the day autopay was turned on, `last` the last due day. A due day missed because the jobs did
    not run is made up for within three days. `charge_day` gives the day on which money is charged.
    """
    after = max(begun, last or begun) + timedelta(days=1)
    if terms.mode == "low":
        return max(after, today + timedelta(days=1)) if balance < (terms.below or 0) else None
    after = max(after, today - timedelta(days=LATE))
    here = monthly_day(terms.day or 1, after)
    return here if here >= after else monthly_day(terms.day or 1, add_months(after.replace(day=1), 1))


def charge_day(due: date, noticed: date) -> date:
    """Return the day of the charge: at least one day after the notice."""
    return max(due, noticed + timedelta(days=1))


def notice_day(due: date) -> date:
    return due - timedelta(days=1)


def charge_amount(terms: AutopayTerms, balance: int, next_fee: int) -> int:
    """Return the kopecks to charge at this balance: at most the cap, 0 if nothing is needed."""
    if terms.mode == "low":
        wanted = terms.top_up or 0 if balance < (terms.below or 0) else 0
    else:
        wanted = max(0, next_fee - balance)
    return min(wanted, terms.cap) if wanted >= LEAST else 0


def try_day(charge: date, number: int) -> date:
    """Return the day of attempt 0, 1 or 2."""
    return charge + timedelta(days=RETRIES[number])


def order_id(contract: int, day: date, number: int) -> str:
    """Return our order id of attempt `number` (from 0) for a contract's due day.

    It is derived and not random, so that a database restored from an older copy uses the same id for the same
    charge.
    """
    return str(uuid5(NAMESPACE_OID, f"autopay:{contract}:{day.isoformat()}:{number}"))


def charge_key(contract: int, day: date, number: int) -> str:
    """Return the Idempotence-Key of the same attempt, derived in the same way."""
    return str(uuid5(NAMESPACE_OID, f"autopay key:{contract}:{day.isoformat()}:{number}"))


def within_charging_hours(now: datetime) -> bool:
    """Return whether charges and notices may be sent now: in the daytime, Moscow time."""
    return CHARGE_HOUR <= now.astimezone(MOSCOW).hour < 22


def attempts_exhausted(failures: int) -> bool:
    return failures >= len(RETRIES)


def describe_terms(terms: AutopayTerms) -> str:
    """Return the terms as a sentence."""
    if terms.mode == "low":
        when = f"Когда на счёте меньше {rubles(terms.below or 0)}, пополнять на {rubles(terms.top_up or 0)}"
    else:
        when = f"Каждый месяц {terms.day} числа платить, сколько начислено"
    return f"{when}, не больше {rubles(terms.cap)} за раз"
