"""What a subscriber may write about themselves: where to call (manual §3.5). Name and contract are the
registry's.
"""

from rules import Refused, phones


def parse_contacts(mobile: str, landline: str) -> tuple[str | None, str | None]:
    """(mobile, landline) in E.164, each None when left empty; Refused with a sentence at each field."""
    problems: dict[str, str] = {}
    found: list[str | None] = []
    for field, text, only_mobile in (("contact_mobile", mobile, True), ("landline", landline, False)):
        try:
            found.append(phones.parse(text, field, mobile=only_mobile) if text.strip() else None)
        except Refused as refused:
            problems |= refused.problems
    if problems:
        raise Refused(**problems)
    return found[0], found[1]
