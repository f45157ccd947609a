"""Entering: what a person types at the door, and how long a wait is said in words (manual §2; SPEC Access)."""

import re
from datetime import timedelta

from rules import Refused

CONFIRMED_FOR = timedelta(minutes=10)
INITIAL_FOR = timedelta(hours=24)


def code(text: str, source: str = "SMS") -> str:
    """Six digits however they were spaced; `source` says where they are read."""
    digits = re.sub(r"[\s\u00a0-]", "", text)
    if not re.fullmatch(r"[0-9]{6}", digits):
        raise Refused(code=f"Код — шесть цифр из {source}.")
    return digits


def wait_words(wait: timedelta) -> str:
    """«через 12 минут», rounded up."""
    minutes = max(1, -(-int(wait.total_seconds()) // 60))
    if minutes > 90:
        hours = -(-minutes // 60)
        return f"через {hours} {_plural(hours, 'час', 'часа', 'часов')}"
    return f"через {minutes} {_plural(minutes, 'минуту', 'минуты', 'минут')}"


def _plural(count: int, one: str, few: str, many: str) -> str:
    if count % 10 == 1 and count % 100 != 11:
        return one
    if 2 <= count % 10 <= 4 and not 12 <= count % 100 <= 14:
        return few
    return many
