"""Whole numbers: read from addresses, filters and forms, and the Russian noun after one.

Python's own tests for a digit pass «²» and «٣» too.
"""


def whole_number(text: str, most: int = 2**63 - 1) -> int | None:
    """The number these ASCII digits write, at most `most`; None for anything else, a sign and an empty text
    included.
    """
    if not text.isascii() or not text.isdigit() or len(text) > 19:
        return None
    number = int(text)
    return number if number <= most else None


def plural(count: int, one: str, few: str, many: str) -> str:
    """The form of a noun after a number: 1 день, 2 дня, 5 дней, 11 дней, 21 день."""
    if count % 10 == 1 and count % 100 != 11:
        return one
    return few if count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14) else many
