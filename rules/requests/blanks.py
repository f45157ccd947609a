"""The six paper forms of the manual (§3.6): turns an editable text into the pieces of a printed sheet.

`texts/blanks/README.md` describes the markup. A variable in braces is filled from the contract; without a
value it becomes a line to fill in by hand.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

TEXTS = Path(__file__).parent.parent.parent / "texts" / "blanks"
# The title of each form, and the kind of request that does the same online.
KINDS = {
    "sms_number": "Изменение номера в услуге SMS-информирование",
    "transfer": "Перенос денежных средств с договора на договор",
    "refund": "Возврат денежных средств",
    "sms_on": "Подключение услуги SMS-информирование",
    "recalculation": "Перерасчёт",
    "surname": "Изменение фамилии",
}
# The number of underscores that replace a missing value inside a sentence.
LENGTHS = {
    "абонент": 40,
    "договор": 12,
    "дата договора": 14,
    "адрес": 40,
    "телефон": 22,
    "номер sms": 22,
    "почта": 28,
    "инн": 16,
    "остаток": 14,
    "компания": 30,
    "адрес офиса": 40,
    "сегодня": 16,
    "самое раннее": 16,
}
WORD = re.compile(r"\{([^{}]*)\}")
CELLS = re.compile(r"\[(\d{1,2})\]")


@dataclass(frozen=True)
class Piece:
    """One piece of a sheet. `kind` is title, subtitle, text, write, cells, tip, tick, small, gap, rule, sign
    or marks.

    `aside` puts the piece in the right half. `cells` holds (label, number of cells) pairs.
    """

    kind: str
    text: str = ""
    value: str = ""
    cells: tuple[tuple[str, int], ...] = ()
    aside: bool = False


class Unknown(ValueError):
    """A variable or markup in the text that does not exist; the message names it."""


def text(kind: str) -> str:
    """Return the form's text with the common heading inserted; KeyError for an unknown form."""
    KINDS[kind]
    return (
        (TEXTS / f"{kind}.txt").read_text("utf-8").replace("@шапка", (TEXTS / "_head.txt").read_text("utf-8"))
    )


def pieces(source: str, facts: Mapping[str, str]) -> list[Piece]:
    """Return the pieces of the sheet from top to bottom, with the known values filled in."""
    found: list[Piece] = []
    for line in source.splitlines():
        piece = _piece(line.strip(), facts)
        if found and _runs_on(found[-1], piece):
            found[-1] = Piece("text", f"{found[-1].text} {piece.text}")
        elif piece.kind != "gap" or (found and found[-1].kind != "gap"):
            found.append(piece)
    return found


def _runs_on(last: Piece, piece: Piece) -> bool:
    """Return whether the piece continues the paragraph of `last`.

    Lines of plain text are joined. A line to fill in, text in the right half, and a line after a colon are
    not.
    """
    plain = last.kind == piece.kind == "text" and not (last.aside or piece.aside)
    return plain and "__" not in last.text + piece.text and not last.text.endswith(":")


MARKS = (("##", "subtitle"), ("#", "title"), ("*", "small"), ("(", "tip"), ("[ ]", "tick"))


def _piece(line: str, facts: Mapping[str, str]) -> Piece:
    if line.startswith(">"):
        inner = _piece(line[1:].strip(), facts)
        return Piece(inner.kind, inner.text, inner.value, inner.cells, aside=True)
    if line in WHOLE:
        return Piece(WHOLE[line])
    if line.startswith("@"):
        raise Unknown(f"нет такой вставки: {line}")
    for mark, kind in MARKS:
        if line.startswith(mark):
            return Piece(kind, fill(line if mark == "(" else line.removeprefix(mark).strip(), facts))
    return _parse_paragraph(line, facts)


WHOLE = {"": "gap", "---": "rule", "@подпись": "sign", "@отметки": "marks"}


def _parse_paragraph(line: str, facts: Mapping[str, str]) -> Piece:
    """Return the line as a paragraph, a line to fill in, or a row of cells."""
    if CELLS.search(line):
        parts = CELLS.split(line)
        return Piece(
            "cells", cells=tuple((parts[n].strip(), int(parts[n + 1])) for n in range(0, len(parts) - 1, 2))
        )
    if line.endswith("____") and not line.endswith(" ______ коп."):
        label, _, last = line.rstrip("_").strip().rpartition("{")
        word = last.removesuffix("}") if label or last.endswith("}") else ""
        if last.endswith("}"):
            return Piece("write", fill(label.strip(), facts), _value(word, facts))
        return Piece("write", fill(line.rstrip("_").strip(), facts))
    return Piece("text", fill(line, facts))


def fill(words: str, facts: Mapping[str, str]) -> str:
    """Replace each variable in braces by its value, or by underscores when there is no value."""
    return WORD.sub(lambda found: _value(found[1], facts) or "_" * LENGTHS[found[1]], words)


def _value(word: str, facts: Mapping[str, str]) -> str:
    if word not in LENGTHS:
        raise Unknown(f"неизвестное слово в скобках: {{{word}}}")
    return facts.get(word, "")
