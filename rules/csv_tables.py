"""CSV downloads that Russian spreadsheets open by a double click, without cells that run as formulas."""

import csv
import io
import re
from collections.abc import Iterable

BOM = "\ufeff"
# First characters that make a spreadsheet run a cell as a formula (OWASP, CSV Injection).
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
SUM = re.compile(r"-?\d[\d \u00a0]*([.,]\d+)?")


def cell(value: object) -> str:
    """Return a cell as text: None is empty, a plain number stays a number, a possible formula is marked as
    text.
    """
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(STARTS) and not SUM.fullmatch(text) else text


def line(cells: Iterable[object]) -> str:
    """Return one line, with semicolons between cells and the line end."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerow([cell(one) for one in cells])
    return out.getvalue()


def text(header: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    """Return the whole table, without the byte order mark."""
    out = io.StringIO(newline="")
    write = csv.writer(out, delimiter=";", lineterminator="\r\n").writerow
    write([cell(one) for one in header])
    for row in rows:
        write([cell(one) for one in row])
    return out.getvalue()


def file(header: Iterable[object], rows: Iterable[Iterable[object]]) -> bytes:
    """Return the table as a file in UTF-8 with the byte order mark, by which spreadsheets recognise it."""
    return (BOM + text(header, rows)).encode()
