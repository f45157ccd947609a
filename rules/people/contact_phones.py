"""What a subscriber may write about themselves: where to call (manual §3.5). Name and contract are the
registry's.
"""

from rules import Problems, phones


def parse_contacts(mobile: str, landline: str) -> tuple[str | None, str | None]:
    """(mobile, landline) in E.164, each None when left empty; Refused with a sentence at each field."""
    problems = Problems()
    found: list[str | None] = []
    for field, text, only_mobile in (("contact_mobile", mobile, True), ("landline", landline, False)):
        found.append(problems.read(phones.parse, text, field, mobile=only_mobile) if text.strip() else None)
    problems.check()
    return found[0], found[1]
