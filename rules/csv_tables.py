"""CSV tables to take away: as spreadsheets here open them by a double click, and without a cell that runs as
a formula.
"""

import csv
import io
import re
from collections.abc import Iterable

BOM = "\ufeff"
# What makes a spreadsheet run a cell (OWASP, CSV Injection).
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
SUM = re.compile(r"-?\d[\d \u00a0]*([.,]\d+)?")


def cell(value: object) -> str:
    """A cell as text: None is empty, a plain number stays one, what a spreadsheet would run is told to be
    text.
    """
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(STARTS) and not SUM.fullmatch(text) else text


def line(cells: Iterable[object]) -> str:
    """One line, semicolons between its cells and its end with it."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerow([cell(one) for one in cells])
    return out.getvalue()


def text(header: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    """The whole table, without the byte order mark."""
    out = io.StringIO(newline="")
    write = csv.writer(out, delimiter=";", lineterminator="\r\n").writerow
    write([cell(one) for one in header])
    for row in rows:
        write([cell(one) for one in row])
    return out.getvalue()


def file(header: Iterable[object], rows: Iterable[Iterable[object]]) -> bytes:
    """The table as a file: UTF-8 with the mark by which spreadsheets know it."""
    return (BOM + text(header, rows)).encode()
