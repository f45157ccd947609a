"""The phones to call a subscriber, which they may change themselves (manual §3.5). Name and contract come
from the registry.
"""

from rules import Problems, phones
from rules.typed_text import clean


def parse_contacts(mobile: str, landline: str, prefilled: str | None = None) -> tuple[str | None, str | None]:
    """Return (mobile, landline) in E.164, each None when left empty; Refused with a sentence at each field.
    `prefilled` is the mobile the form was prefilled with.
    """
    problems = Problems()
    found: list[str | None] = []
    for field, text, only_mobile in (("contact_mobile", mobile, True), ("landline", landline, False)):
        typed = clean(text)
        found.append(
            problems.read(phones.parse, typed, field, mobile=only_mobile, prefilled=prefilled)
            if typed
            else None
        )
    problems.check()
    return found[0], found[1]
