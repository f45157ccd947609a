"""Contract numbers: eight digits with a configured prefix (78), shown as «78 123 456» (manual §2)."""

import re

from rules import Refused
from rules.typed_text import read_digits

PREFIX = "78"
UNNAMED_SITE = "объект"


def parse_number(text: str, field: str = "number", *, prefix: str = PREFIX) -> int:
    """Return the number as an int, ignoring spaces and dashes; else Refused."""
    digits = re.sub(r"[№#]", "", read_digits(text))
    if not digits:
        raise Refused(
            **{field: "Укажите номер договора: восемь цифр, он напечатан на первой странице договора."}
        )
    if not re.fullmatch(r"[0-9]{8}", digits) or not digits.startswith(prefix):
        raise Refused(
            **{field: f"Номер договора — восемь цифр и начинается с {prefix}, например {prefix} 123 456."}
        )
    return int(digits)


def format_number(number: int) -> str:
    """Return «78 123 456» with no-break spaces."""
    digits = f"{number:08}"
    return f"{digits[:2]}\u00a0{digits[2:5]}\u00a0{digits[5:]}"
