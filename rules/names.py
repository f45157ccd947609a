"""Names of people and organisations, as documents and the bank write them: one parser for every form.

«ТСЖ «Дом № 5»», ООО "А+Б" and Анна‑Мария (U+2011) are names; characters of HTML, tables and payment codes are
refused, because no name contains them.
"""

import re

from rules import Refused
from rules.typed_text import clean_line

LONGEST = 160  # the limit of «Name» in ГОСТ Р 56042-2014 and in payment orders
_FOREIGN = re.compile(r"[<>{}\[\]|\\^~=$*;_]")


def parse(text: str, field: str, sentence: str, *, prefilled: str = "") -> str:
    """Return the name in one line. Refused at `field` with `sentence` otherwise. `prefilled` is the value we
    put into the form ourselves: never refused, however the registry spells it.
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
