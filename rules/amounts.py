"""Money is whole kopecks; roubles exist only on the screen and in what people type."""

import re

from rules import Refused

NBSP = "\u00a0"
TYPED = re.compile(r"(\d{1,12})(?:[.,](\d{1,2}))?", re.ASCII)


def rubles(kopecks: int) -> str:
    """1 234,50 ₽ with no-break spaces; a debt carries a true minus."""
    whole, rest = divmod(abs(kopecks), 100)
    grouped = f"{whole:,}".replace(",", NBSP)
    return f"{'−' if kopecks < 0 else ''}{grouped},{rest:02}{NBSP}₽"


def format_decimal(kopecks: int) -> str:
    """-1234,50: as a spreadsheet here reads a number."""
    whole, rest = divmod(abs(kopecks), 100)
    return f"{'-' if kopecks < 0 else ''}{whole},{rest:02}"


def format_entered(kopecks: int) -> str:
    """1234,50 or 1234: as a person types it into a field."""
    return format_decimal(kopecks).removesuffix(",00")


def kopecks(text: str, field: str = "amount", *, least: int = 1, most: int = 100_000_000) -> int:
    """What a person typed as roubles («1 500,50», «1500.5», «1500 ₽») in kopecks, within bounds; else
    Refused.
    """
    bare = re.sub(r"[\s\u00a0\u202f]", "", text).removesuffix("₽").removesuffix("руб.").removesuffix("р.")
    if not bare:
        raise Refused(**{field: "Укажите сумму в рублях, например 1500 или 1500,50."})
    match = TYPED.fullmatch(bare)
    if not match:
        raise Refused(**{field: "Сумма пишется цифрами, копейки через запятую, например 1500,50."})
    amount = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
    if amount < least:
        raise Refused(**{field: f"Сумма должна быть не меньше {rubles(least)}."})
    if amount > most:
        raise Refused(**{field: f"Сумма должна быть не больше {rubles(most)}."})
    return amount


def round_half_up(numerator: int, denominator: int) -> int:
    """numerator / denominator to a whole kopeck, halves away from zero; done once, at the end of a
    calculation.
    """
    sign = -1 if (numerator < 0) != (denominator < 0) else 1
    numerator, denominator = abs(numerator), abs(denominator)
    return sign * ((2 * numerator + denominator) // (2 * denominator))
