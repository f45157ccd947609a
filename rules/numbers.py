"""Whole numbers from URLs, filters and forms, and the Russian noun after a number.

Python's own digit tests also accept «²» and «٣».
"""


def whole_number(text: str, most: int = 2**63 - 1) -> int | None:
    """Return the number written in ASCII digits, at most `most`; None for anything else, including a sign or
    an empty text.
    """
    if not text.isascii() or not text.isdigit() or len(text) > 19:
        return None
    number = int(text)
    return number if number <= most else None


def plural(count: int, one: str, few: str, many: str) -> str:
    """Return the form of a noun after a number: 1 день, 2 дня, 5 дней, 11 дней, 21 день."""
    if count % 10 == 1 and count % 100 != 11:
        return one
    return few if count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14) else many
