"""Maps event codes to their kinds and Russian words, using the table in rules/events/code_table.py."""

import re

from rules.events.code_table import CONTACT_ID, SIA
from rules.events.events import NAMES, EventKind

# Some stations export words instead of codes.
WORDS = {
    "постановка": "ARM", "взятие": "ARM", "взят": "ARM", "под охраной": "ARM", "arm": "ARM",
    "снятие": "DISARM", "снят": "DISARM", "disarm": "DISARM",
    "тревога": "ALARM", "alarm": "ALARM",
    "восстановление": "RESTORE", "сброс тревоги": "RESTORE", "restore": "RESTORE",
    "неисправность": "FAULT", "fault": "FAULT",
    "тест": "TEST", "проверка связи": "TEST", "test": "TEST",
}  # fmt: skip

# The kind of a code that is not in the table, by its first digit: an unlisted alarm is still an alarm.
CLASSES = {
    "1": (EventKind.alarm, EventKind.restore),
    "2": (EventKind.fault, EventKind.restore),
    "3": (EventKind.fault, EventKind.restore),
}


def _meanings() -> dict[str, tuple[EventKind, str]]:
    table = {word: (EventKind[word.lower()], "") for word in WORDS.values()}
    for line in CONTACT_ID.strip().splitlines():
        code, new, restore, about = line.split(maxsplit=3)
        table |= {
            f"E{code}": (EventKind[new], about.strip("-")),
            f"R{code}": (EventKind[restore], about.strip("-")),
        }
        table[f"P{code}"] = (EventKind.other, f"всё ещё: {about}" if about != "-" else "")
    for line in SIA.strip().splitlines():
        code, kind, about = line.split(maxsplit=2)
        table[code] = (EventKind[kind], about.strip("-"))
    return table


MEANINGS = _meanings()
_CONTACT_ID = re.compile(r"([136ERP])([0-9A-F]{3})")
_LETTERS = {"1": "E", "3": "R", "6": "P"}


def canonical_code(text: str) -> str:
    """Return the stored form of `1401`, `e401`, `OP`, `постановка`. Any other text is upper-cased and cut to
    16 characters.
    """
    plain = " ".join(text.split())
    if plain.lower() in WORDS:
        return WORDS[plain.lower()]
    plain = plain.upper()
    if found := _CONTACT_ID.fullmatch(plain):
        return _LETTERS.get(found[1], found[1]) + found[2]
    return plain[:16].strip()


def is_listed(code: str) -> bool:
    """Return whether this canonical code is in the table."""
    return code in MEANINGS


def kind_of(code: str) -> EventKind:
    """Return the kind of a canonical code. A code that is not in the table has the kind of its class, or
    `other`.
    """
    if code in MEANINGS:
        return MEANINGS[code][0]
    if _CONTACT_ID.fullmatch(code) and code[0] in "ER" and code[1] in CLASSES:
        return CLASSES[code[1]][code[0] == "R"]
    return EventKind.other


def detail_words(code: str) -> str:
    """Return the words that follow the kind: «пожар», «по расписанию»; the code itself when it is not in the
    table.
    """
    return MEANINGS[code][1] if code in MEANINGS else f"код {code}" if code else ""


def event_words(kind_: int, code: str) -> str:
    """Return the event in words: «Тревога: проникновение», «Постановка по расписанию», «Снятие»."""
    name, words = NAMES[EventKind(kind_)], detail_words(code)
    if not words:
        return name
    if words.startswith("="):
        return words[1:]
    return (
        f"{name} {words}"
        if kind_ in (EventKind.arm, EventKind.disarm) and is_listed(code)
        else f"{name}: {words}"
    )
