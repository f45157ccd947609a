"""Names of people and organisations, as they stand in papers and at the bank: one reader for every form.

«ТСЖ «Дом № 5»», ООО "А+Б" and Анна‑Мария (U+2011) are names; what no name holds is what pages, tables and
payment codes are built of.
"""

import re

from rules import Refused
from rules.typed_text import clean_line

LONGEST = 160  # the «Name» of ГОСТ Р 56042-2014, and of payment orders
_FOREIGN = re.compile(r"[<>{}\[\]|\\^~=$*;_]")


def parse(text: str, field: str, sentence: str, *, prefilled: str = "") -> str:
    """The name in one line, else Refused at `field` with `sentence`. `prefilled` is what we filled in
    ourselves: never refused, however the registry spells it.
    """
    name = clean_line(text)
    if prefilled and name == clean_line(prefilled):
        return name
    if len(name) > LONGEST:
        raise Refused(**{field: f"Слишком длинно: {len(name)} знаков. Сократите до {LONGEST}."})
    letters = sum(sign.isalpha() for sign in name)
    if len(name) < 2 or not letters or _FOREIGN.search(name) or not name.isprintable():
        raise Refused(**{field: sentence})
    return name
