"""Amounts are whole kopecks; roubles exist only on pages and in typed text."""

import re

from rules import Refused
from rules.typed_text import clean_line, normalize_dashes

NBSP = "\u00a0"
# Thousands are separated by spaces or apostrophes, by dots before a decimal comma, or by commas before a
# decimal dot.
_WHOLE = r"\d{1,3}(?:[ '’]\d{3})+|\d{1,3}(?:\.\d{3})+(?=,)|\d{1,3}(?:,\d{3})+(?=\.)|\d+"
_WORD = r"(?:₽|рубл(?:ь|я|ей)|руб\.?|р\.?)"
_SUM = re.compile(
    rf"(?P<front>[-+]?) ?(?P<whole>{_WHOLE})(?:[.,](?P<part>\d{{1,2}}))?(?P<inner>-?)"
    rf"(?: ?{_WORD}(?: ?(?P<coins>\d{{1,2}}) ?коп(?:\.|е[а-я]+)?)?)? ?(?P<back>-?)",
    re.ASCII,
)
_IN_BRACKETS = re.compile(rf"\((?P<sum>[^()]*)\)(?P<word> ?{_WORD})?")


def rubles(kopecks: int) -> str:
    """Return 1 234,50 ₽ with no-break spaces; a negative amount has a true minus."""
    whole, rest = divmod(abs(kopecks), 100)
    grouped = f"{whole:,}".replace(",", NBSP)
    return f"{'−' if kopecks < 0 else ''}{grouped},{rest:02}{NBSP}₽"


def format_decimal(kopecks: int) -> str:
    """Return -1234,50, as Russian spreadsheets read a number."""
    whole, rest = divmod(abs(kopecks), 100)
    return f"{'-' if kopecks < 0 else ''}{whole},{rest:02}"


def format_entered(kopecks: int) -> str:
    """Return 1234,50 or 1234, as a person types it into a field."""
    return format_decimal(kopecks).removesuffix(",00")


def parse_signed(text: str) -> int | None:
    """Parse roubles as people, billing systems and spreadsheets write them into kopecks; None if it is not an
    amount.

    «1 500,50», «1500 рублей», «1.500,00 ₽», «1500 руб. 50 коп.»; negative «−500», «500,00-» and the
    accounting form «(500,00)».
    """
    bare = normalize_dashes(clean_line(text)).lower()
    bracketed = _IN_BRACKETS.fullmatch(bare)
    match = _SUM.fullmatch(bracketed["sum"].strip() + (bracketed["word"] or "") if bracketed else bare)
    if not match or (match["part"] and match["coins"]):
        return None
    signs = [sign for sign in (match["front"], match["inner"], match["back"], "-" * bool(bracketed)) if sign]
    digits = re.sub(r"\D", "", match["whole"])
    if len(signs) > 1 or len(digits) > 12:
        return None
    part = match["coins"].zfill(2) if match["coins"] else (match["part"] or "").ljust(2, "0")
    amount = int(digits) * 100 + int(part)
    return -amount if "-" in signs else amount


def kopecks(text: str, field: str = "amount", *, least: int = 1, most: int = 100_000_000) -> int:
    """Parse an amount typed into a form (`parse_signed`) into kopecks between `least` and `most`, never
    negative. Refused otherwise.
    """
    if not clean_line(text):
        raise Refused(**{field: "Укажите сумму в рублях, например 1500 или 1500,50."})
    amount = parse_signed(text)
    if amount is None:
        raise Refused(**{field: "Сумма пишется цифрами, копейки через запятую, например 1500,50."})
    if amount < 0:
        raise Refused(**{field: "Сумма не бывает меньше нуля. Напишите её без минуса, например 1500,50."})
    if amount < least:
        raise Refused(**{field: f"Сумма должна быть не меньше {rubles(least)}."})
    if amount > most:
        raise Refused(**{field: f"Сумма должна быть не больше {rubles(most)}."})
    return amount


def round_half_up(numerator: int, denominator: int) -> int:
    """Return numerator / denominator rounded to a whole kopeck, halves away from zero; call it once, at the
    end of a calculation.
    """
    sign = -1 if (numerator < 0) != (denominator < 0) else 1
    numerator, denominator = abs(numerator), abs(denominator)
    return sign * ((2 * numerator + denominator) // (2 * denominator))
