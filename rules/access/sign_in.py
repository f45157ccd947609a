"""Sign-in: lifetimes and the format of codes (manual §2)."""

import re
from datetime import timedelta

from rules import Refused
from rules.typed_text import read_digits

CONFIRMATION_LIFETIME = timedelta(minutes=10)
INITIAL_PASSWORD_LIFETIME = timedelta(hours=24)


def parse_code(text: str, source: str = "SMS") -> str:
    """Return the six digits without spaces and dashes, else Refused; `source` names where the code is
    read.
    """
    digits = read_digits(text)
    if not re.fullmatch(r"[0-9]{6}", digits):
        raise Refused(code=f"Код — шесть цифр из {source}.")
    return digits
