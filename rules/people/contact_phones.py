"""What a subscriber may write about themselves: where to call (manual §3.5). Name and contract are the
registry's.
"""

from rules import Refused, phones
from rules.typed_text import clean


def parse_contacts(mobile: str, landline: str, known: str | None = None) -> tuple[str | None, str | None]:
    """(mobile, landline) in E.164, each None when left empty; Refused with a sentence at each field. `known`
    is the mobile as the registry has it, whatever it is.
    """
    problems: dict[str, str] = {}
    found: list[str | None] = []
    for field, text, only_mobile in (
        ("contact_mobile", clean(mobile), True),
        ("landline", clean(landline), False),
    ):
        try:
            found.append(phones.parse(text, field, mobile=only_mobile, known=known) if text else None)
        except Refused as refused:
            problems |= refused.problems
    if problems:
        raise Refused(**problems)
    return found[0], found[1]
