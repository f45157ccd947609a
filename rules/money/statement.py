"""The statement: charges and payments month by month, with the balance after each line.

Entries are signed kopecks, oldest first, as in the ledger: a fee is negative, a payment positive.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from rules import Refused, periods
from rules.amounts import rubles
from rules.days import MONTH_NAMES, add_months, month_start, short

PRESETS = {"month": "Этот месяц", "half": "Полгода", "year": "Год", "three": "Три года"}
USUAL = "half"
BACK = {"month": 0, "half": 5, "year": 11, "three": 35}
KINDS = {
    "fee": "Абонентская плата",
    "payment": "Оплата",
    "refund": "Возврат",
    "correction": "Корректировка",
    "transfer": "Перенос между договорами",
    "opening": "Перенесённый остаток",
}
# The one line with the sum of all entries made before the contract passed to its present owner.
BALANCE_AT_TRANSFER = "Остаток на день передачи договора"
BASES = {
    "payment": "платёж № {}",
    "refund": "возврат по заявке № {}",
    "correction": "корректировка № {}",
    "request": "заявка № {}",
    "transfer": "банковский перевод",
    "fee": "тариф",
    "opening": "реестр",
    "registry": "реестр",
}


def describe_source(source: str) -> str:
    """Return the basis of an entry in an accountant's words: «payment:12» → «платёж № 12».

    An unknown source is returned unchanged.
    """
    kind, _, rest = source.partition(":")
    return BASES[kind].format(rest.partition(":")[0]) if kind in BASES else source


@dataclass(frozen=True, slots=True)
class Entry:
    """The fields of a ledger row that the statement needs."""

    day: date
    kind: str
    amount: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class StatementLine:
    """An entry and the balance after it."""

    entry: Entry
    balance: int

    @property
    def title(self) -> str:
        return KINDS[self.entry.kind]


@dataclass(frozen=True, slots=True)
class StatementMonth:
    """A month's lines, newest first, and their totals.

    `accrued` is the present month's fee so far, not yet posted.
    """

    first: date
    before: int
    lines: list[StatementLine] = field(default_factory=list)
    accrued: int = 0

    @property
    def charged(self) -> int:
        return self.accrued - sum(line.entry.amount for line in self.lines if line.entry.kind == "fee")

    @property
    def paid(self) -> int:
        return sum(line.entry.amount for line in self.lines if line.entry.kind == "payment")

    @property
    def brought(self) -> int:
        return sum(line.entry.amount for line in self.lines if line.entry.kind == "opening")

    @property
    def other(self) -> int:
        return sum(
            line.entry.amount for line in self.lines if line.entry.kind not in ("fee", "payment", "opening")
        )

    @property
    def after(self) -> int:
        return self.before + self.brought - self.charged + self.paid + self.other

    @property
    def name(self) -> str:
        return f"{MONTH_NAMES[self.first.month - 1].capitalize()}\u00a0{self.first.year}"


@dataclass(frozen=True, slots=True)
class Statement:
    """The months of a period, newest first. Months without lines are included, so that a gap is visible."""

    first: date
    last: date
    before: int
    months: list[StatementMonth]

    @property
    def after(self) -> int:
        return self.months[0].after if self.months else self.before

    @property
    def charged(self) -> int:
        return sum(month.charged for month in self.months)

    @property
    def paid(self) -> int:
        return sum(month.paid for month in self.months)

    @property
    def brought(self) -> int:
        return sum(month.brought for month in self.months)

    @property
    def other(self) -> int:
        return sum(month.other for month in self.months)

    @property
    def empty(self) -> bool:
        return not any(month.lines or month.accrued for month in self.months)


def read_period(form: Mapping[str, str], today: date) -> tuple[date, date]:
    """Return the first and last day of the period asked for: typed days, or else a preset.

    Raises Refused for wrong days and for a start more than ten years ago.
    """
    first, last = (
        periods.parse_period(form, today)
        if not chosen_preset(form)
        else preset_period(chosen_preset(form), today)
    )
    if first < add_months(today, -120):
        raise Refused(**{"from": "За один раз — не больше десяти лет. Выберите день поближе."})
    return first, last


def clip_to_ownership(period: tuple[date, date], since: date | None) -> tuple[date, date]:
    """Return the part of a period since the contract passed to its present owner.

    Raises Refused if the whole period is earlier.
    """
    first, last = period
    if since and last < since:
        raise Refused(to=f"Договор оформлен на вас {short(since)}: за более ранние дни выписки нет.")
    return max(first, since or first), last


def preset_period(name: str, today: date) -> tuple[date, date]:
    """Return the period of a preset: from the 1st of a month, so many months back, to today."""
    return add_months(month_start(today), -BACK[name]), today


def chosen_preset(form: Mapping[str, str]) -> str:
    """Return the preset in force; "" if days were typed."""
    if form.get("from", "").strip() or form.get("to", "").strip():
        return ""
    return name if (name := form.get("period", "")) in PRESETS else USUAL


def build_statement(
    first: date, last: date, before: int, entries: Iterable[Entry], accrued: int = 0
) -> Statement:
    """Build the statement of a period; `before` is the balance in kopecks at its start.

    `accrued` is added to the month of `last`.
    """
    rows = {month: list(group) for month, group in groupby(entries, lambda entry: month_start(entry.day))}
    found, balance, month = [], before, month_start(first)
    while month <= last:
        one = _month(month, balance, rows.get(month, []), accrued if month == month_start(last) else 0)
        found.append(one)
        balance, month = one.after, add_months(month, 1)
    return Statement(first, last, before, found[::-1])


def _month(first: date, before: int, entries: list[Entry], accrued: int) -> StatementMonth:
    lines, balance = [], before
    for entry in entries:
        balance += entry.amount
        lines.append(StatementLine(entry, balance))
    return StatementMonth(first, before, lines[::-1], accrued)


def fee_note(service: str, month: date, price: int, amount: int) -> str:
    """Return the text of a monthly fee entry; it says so if the fee was charged for a part of the month."""
    text = f"{service}, {MONTH_NAMES[month.month - 1]}\u00a0{month.year}"
    return text if amount == price else f"{text}, по дням: {rubles(price)} за полный месяц"


BAR, GAP, SLOT, TALL = 14, 4, 48, 120


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the chart; SVG units from the top left."""

    kind: str
    x: int
    y: int
    height: int
    title: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Charges and payments by month, oldest first.

    `labels` are (x, text); `top` is the kopecks of the upper line.
    """

    width: int
    height: int
    top: int
    bars: list[Bar]
    labels: list[tuple[int, str]]


def build_chart(statement: Statement, most: int = 24) -> Chart:
    """Draw the last `most` months as pairs of bars; any positive sum is at least two units high."""
    months = statement.months[:most][::-1]
    top = _round_up(max([max(month.charged, month.paid) for month in months], default=0))
    bars, labels = [], []
    for n, month in enumerate(months):
        x = n * SLOT + (SLOT - 2 * BAR - GAP) // 2
        bars += [_bar("charged", "начислено", x, month.charged, top, month)]
        bars += [_bar("paid", "оплачено", x + BAR + GAP, month.paid, top, month)]
        labels.append((n * SLOT + SLOT // 2, _label(month.first, n)))
    return Chart(len(months) * SLOT, TALL, top, bars, labels)


def _bar(kind: str, words: str, x: int, kopecks: int, top: int, month: StatementMonth) -> Bar:
    height = max(2, kopecks * TALL // top) if kopecks > 0 else 0
    return Bar(kind, x, TALL - height, height, f"{month.name}: {words} {rubles(kopecks)}")


def _label(month: date, n: int) -> str:
    name = MONTH_NAMES[month.month - 1][:3]
    return f"{name} {month:%y}" if n == 0 or month.month == 1 else name


def _round_up(kopecks: int) -> int:
    """Return the next round sum (1, 2 or 5 with zeros, in whole roubles) that is not below `kopecks`."""
    step = 100
    while True:
        for factor in (1, 2, 5):
            if kopecks <= factor * step:
                return factor * step
        step *= 10
