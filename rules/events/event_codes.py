"""From a code on the wire to a kind and Russian words, by the table in rules/events/code_table.py."""

import re

from rules.events.code_table import CONTACT_ID, SIA
from rules.events.events import NAMES, Kind

# Stations that export words rather than codes
WORDS = {
    "постановка": "ARM", "взятие": "ARM", "взят": "ARM", "под охраной": "ARM", "arm": "ARM",
    "снятие": "DISARM", "снят": "DISARM", "disarm": "DISARM",
    "тревога": "ALARM", "alarm": "ALARM",
    "восстановление": "RESTORE", "сброс тревоги": "RESTORE", "restore": "RESTORE",
    "неисправность": "FAULT", "fault": "FAULT",
    "тест": "TEST", "проверка связи": "TEST", "test": "TEST",
}  # fmt: skip

# What a code we do not list is, by its first digit: an unlisted alarm is still an alarm.
CLASSES = {"1": (Kind.alarm, Kind.restore), "2": (Kind.fault, Kind.restore), "3": (Kind.fault, Kind.restore)}


def _meanings() -> dict[str, tuple[Kind, str]]:
    table = {word: (Kind[word.lower()], "") for word in WORDS.values()}
    for line in CONTACT_ID.strip().splitlines():
        code, new, restore, about = line.split(maxsplit=3)
        table |= {f"E{code}": (Kind[new], about.strip("-")), f"R{code}": (Kind[restore], about.strip("-"))}
        table[f"P{code}"] = (Kind.other, f"всё ещё: {about}" if about != "-" else "")
    for line in SIA.strip().splitlines():
        code, kind, about = line.split(maxsplit=2)
        table[code] = (Kind[kind], about.strip("-"))
    return table


MEANINGS = _meanings()
_CONTACT_ID = re.compile(r"([136ERP])([0-9A-F]{3})")
_LETTERS = {"1": "E", "3": "R", "6": "P"}


def canonical(text: str) -> str:
    """`1401`, `e401`, `OP`, `постановка` as the file keeps them; anything else in capitals, at most 16
    characters.
    """
    plain = " ".join(text.split())
    if plain.lower() in WORDS:
        return WORDS[plain.lower()]
    plain = plain.upper()
    if found := _CONTACT_ID.fullmatch(plain):
        return _LETTERS.get(found[1], found[1]) + found[2]
    return plain[:16].strip()


def known(code: str) -> bool:
    """Whether the table names this canonical code."""
    return code in MEANINGS


def kind(code: str) -> Kind:
    """What a canonical code is to us; unknown ones are `other`, but for the classes that speak for
    themselves.
    """
    if code in MEANINGS:
        return MEANINGS[code][0]
    if _CONTACT_ID.fullmatch(code) and code[0] in "ER" and code[1] in CLASSES:
        return CLASSES[code[1]][code[0] == "R"]
    return Kind.other


def about(code: str) -> str:
    """The words beside the kind: «пожар», «по расписанию»; empty when nothing is to add, the code when
    unknown.
    """
    return MEANINGS[code][1] if code in MEANINGS else f"код {code}" if code else ""


def say(kind_: int, code: str) -> str:
    """«Тревога: проникновение», «Постановка по расписанию», «Снятие»."""
    name, words = NAMES[Kind(kind_)], about(code)
    if not words:
        return name
    if words.startswith("="):
        return words[1:]
    return f"{name} {words}" if kind_ in (Kind.arm, Kind.disarm) and known(code) else f"{name}: {words}"
