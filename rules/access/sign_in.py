"""Entering: what a person types at the door (manual §2)."""

import re
from datetime import timedelta

from rules import Refused

CONFIRMATION_LIFETIME = timedelta(minutes=10)
INITIAL_PASSWORD_LIFETIME = timedelta(hours=24)


def parse_code(text: str, source: str = "SMS") -> str:
    """Six digits however they were spaced; `source` says where they are read."""
    digits = re.sub(r"[\s\u00a0-]", "", text)
    if not re.fullmatch(r"[0-9]{6}", digits):
        raise Refused(code=f"Код — шесть цифр из {source}.")
    return digits
