"""Whole numbers out of addresses, filters and forms: Python's own tests for a digit pass «²» and «٣» too."""


def whole_number(text: str, most: int = 2**63 - 1) -> int | None:
    """The number these ASCII digits write, at most `most`; None for anything else, a sign and an empty text
    included.
    """
    if not text.isascii() or not text.isdigit() or len(text) > 19:
        return None
    number = int(text)
    return number if number <= most else None
