"""Registry formats that are recognised but not read.

They are the encodings of DOS and old Unix, and columns separated by «|».
"""

import csv
import re
from pathlib import Path

SCAN = 64 * 1024
ENCODINGS = {"utf-8-sig": "UTF-8", "cp1251": "Windows-1251", "cp866": "cp866 (DOS)", "koi8-r": "KOI8-R"}
READ = {"utf-8-sig", "cp1251"}


def foreign_form(path: Path, titles: set[str]) -> str:
    """Return the advice for a file in an unsupported format; "" if it is in none of them.

    `titles` are normalized column titles. Two of them in one line are taken for a header.
    """
    with path.open("rb") as file:
        start = file.read(SCAN)
    for encoding, name in ENCODINGS.items():
        for line in start.decode(encoding, "replace").splitlines()[:30]:
            for delimiter in "|;,\t":
                header = {normalize_title(cell) for cell in next(csv.reader([line], delimiter=delimiter), [])}
                if len(header & titles) > 1:
                    return _advice(encoding, name, delimiter)
    return ""


def _advice(encoding: str, name: str, delimiter: str) -> str:
    if encoding not in READ:
        return f"Файл в кодировке {name}. Сохраните его в UTF-8 или Windows-1251 и загрузите ещё раз."
    if delimiter == "|":
        return "Столбцы разделены знаком «|». Выгрузите файл с разделителем «;», запятой или табуляцией."
    return ""


def normalize_title(title: str) -> str:
    """Return a column's title without case, punctuation and spaces.

    «№ договора», «Номер договора» and «НОМЕР_ДОГОВОРА» become the same.
    """
    title = title.lower().replace("ё", "е").replace("№", "номер")
    return re.sub(r"(руб|рублей|вмес)$", "", re.sub(r"\(.*?\)|[\W_]", "", title))
