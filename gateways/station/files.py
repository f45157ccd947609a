"""CSV exports of stations: UTF-8 or cp1251; `;`, `,` or tab; Russian or English headings; Moscow times."""

import csv
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path

from gateways.station import signed
from rules import Refused
from rules.days import MOSCOW
from rules.events import event_codes
from rules.events.events import StationReport

HEADINGS = {
    "key": ("key", "ключ", "номер ключа", "ключ объекта", "объект"),
    "at": ("at", "time", "дата и время", "дата/время", "время", "дата"),
    "code": ("code", "код", "событие", "код события", "вид"),
    "who": ("who", "кто", "пользователь", "зона", "пользователь/зона"),
    "part": ("part", "раздел"),
    "id": ("id", "номер события", "№"),
}
NEEDED = ("key", "at", "code")
TIMES = ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%y %H:%M:%S")


def read(
    path: Path, on_progress: Callable[[int], None] = lambda byte: None
) -> Iterator[tuple[int, StationReport | str]]:
    """Yield (line number, report or the reason why it cannot be read).

    Raises Refused(file=…) if columns are missing. `on_progress` is called with the byte offset from time to
    time.
    """
    with path.open("rb") as raw:
        start = raw.read(1 << 16)
        raw.seek(0)
        text = TextIOWrapper(raw, encoding=_encoding(start), errors="replace", newline="")
        rows = csv.reader(_lines(text), delimiter=_delimiter(start))
        parsed = _rows(rows)
        header = next(parsed, None)
        places = _column_positions(header or [])
        for number, row in enumerate(parsed, 2):
            if number % 2000 == 0:
                on_progress(raw.tell())
            if row is None:
                yield number, "строка повреждена"
            elif any(cell.strip() for cell in row):
                yield number, _parse_row(row, places)
        on_progress(raw.tell())


def _rows(rows: Iterator[list[str]]) -> Iterator[list[str] | None]:
    """Yield rows; None for one that csv cannot parse (a quote that is never closed)."""
    while True:
        try:
            yield next(rows)
        except StopIteration:
            return
        except csv.Error:
            yield None


def _lines(text: TextIOWrapper) -> Iterator[str]:
    """Yield lines without NUL, which csv refuses, and of a limited length, to limit memory."""
    while line := text.readline(65_536):
        yield line.replace("\0", "")


def _encoding(start: bytes) -> str:
    try:
        start[: start.rfind(b"\n") + 1 or None].decode("utf-8-sig")
    except UnicodeDecodeError:
        return "cp1251"
    return "utf-8-sig"


def _delimiter(start: bytes) -> str:
    head = start.split(b"\n", 1)[0]
    return max(";,\t", key=lambda sign: head.count(sign.encode()))


def _column_positions(header: list[str]) -> dict[str, int]:
    plain = [" ".join(cell.lower().split()) for cell in header]
    found = {
        name: plain.index(word) for name, words in HEADINGS.items() for word in words[::-1] if word in plain
    }
    if missing := [HEADINGS[name][1] for name in NEEDED if name not in found]:
        raise Refused(
            file=f"В первой строке нет столбцов: {', '.join(missing)}. Нужны ключ, время и код события."
        )
    return found


def _parse_row(row: list[str], places: dict[str, int]) -> StationReport | str:
    cells = {name: row[place].strip() if place < len(row) else "" for name, place in places.items()}
    at = parse_instant(cells["at"])
    if at is None:
        return f"не понять время «{cells['at'][:40]}»"
    code = event_codes.canonical_code(cells["code"])
    if not code:
        return "нет кода события"
    key = "".join(cells["key"].split()).upper()[:64]
    if not key:
        return "нет номера ключа"
    part = cells.get("part", "")
    return StationReport(
        key,
        at,
        code,
        event_codes.kind_of(code),
        cells.get("who", "")[:32] or None,
        int(part) if part.isascii() and part.isdigit() and len(part) < 9 else 0,
        cells.get("id", "")[:64] or None,
        None if event_codes.is_listed(code) else ";".join(row)[:500],
    )


def parse_instant(text: str) -> datetime | None:
    """Parse a time: Moscow time unless the text has a zone, or seconds since 1970. None if malformed."""
    if text.isascii() and text.isdigit() and 9 <= len(text) <= 11:
        return signed.parse_instant(int(text))
    for shape in TIMES:
        try:
            return datetime.strptime(text, shape).replace(tzinfo=MOSCOW).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return signed.parse_instant(text)
