"""The registry export as billing systems and 1С write it: bytes of contracts.csv or keys.csv → typed lines,
one by one.

Encoding, delimiter and header are told by content. What is not a line of data (titles, repeated headers,
totals) is passed over; a bad line comes out as `RejectedLine` and never stops the good ones. Memory does not
grow with the file.
"""

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from gateways.registry_formats import foreign_form, normalize_title
from rules import Refused
from rules.registry import lines
from rules.registry.cells import contract_number
from rules.typed_text import clean_line

# Titles of columns seen in exports, without spaces, signs and case; the first is the one we document.
CONTRACTS = {
    "number": "номердоговора договор договорномер лицевойсчет номерлс",
    "code": "кодабонента код кодклиента кодконтрагента абоненткод контрагенткод",
    "kind": "видабонента типабонента видконтрагента юрфизлицо юридическоефизическоелицо категория",
    "name": "абонент абонентфиоилинаименование фионаименование фио наименование наименованиеабонента "
    "контрагент клиент",
    "inn": "инн иннабонента инникпп иннкпп инникппабонента иннклиента иннконтрагента",
    "signed_on": "датадоговора договордата датазаключения датазаключениядоговора договорот",
    "address": "адрес адресуслуги адресоказанияуслуги адресабонента адресдоговора",
    "mobile": "мобильныйтелефон мобильный телефонмобильный телефонподоговору сотовыйтелефон телефон",
    "contact_mobile": "контактныйтелефон телефонконтактный дополнительныйтелефон доптелефон",
    "landline": "городскойтелефон стационарныйтелефон телефонстационарный телефонгородской домашнийтелефон",
    "email": "email почта электроннаяпочта адресэлектроннойпочты эпочта",
    "tariff": "тариф тарифныйплан наименованиетарифа",
    "price": "абонентскаяплата абонплата стоимость стоимостьтарифа цена ценавмесяц суммавмесяц",
    "price_since": "ценадействуетс ценас датацены датаизмененияцены",
    "sms": "smsинформирование смсинформирование услугаsms sms смс",
    "sms_mobile": "номердляsms номерsms номерсмс телефонsms телефондляsms",
    "sms_price": "стоимостьsms стоимостьсмс ценаsms ценасмс",
    "balance": "остаток сальдо баланс остатокнасчете начальныйостаток",
    "debt": "задолженность долг",
    "balance_day": "датаостатка датасальдо остатокна сальдона",
    "suspended_from": "приостановленс датаприостановки приостановкас",
    "suspended_to": "приостановленпо приостановкапо датавозобновления",
    "ends_on": "датарасторжения расторгнут датаокончания действуетдо",
    "site": "объект наименованиеобъекта объектохраны",
    "site_address": "адресобъекта объектадрес",
}
KEYS = {
    "number": "номерключа ключ ключномер пультовойномер номернапульте кодобъекта",
    "contract": "номердоговора договор договорномер лицевойсчет",
    "site": "объект наименованиеобъекта объектохраны",
    "site_address": "адресобъекта адрес объектадрес",
}
DELIMITERS = (";", ",", "\t")
SERVICE = re.compile(r"^(итог|всего|количество|сальдо на|выгру[жз]|страница|лист \d)", re.IGNORECASE)
SCAN = 64 * 1024  # bytes looked at to tell the encoding
TITLES = 30  # lines a report may say before its header
SPAN = 20  # lines one quoted cell may span; an unclosed quote must not swallow the file


class ParsedLine(NamedTuple):
    """A line that was read; `remarks` say what was left out of it."""

    line: int
    row: Any
    remarks: list[str]


class RejectedLine(NamedTuple):
    """A line that was not, and why, in words for the person who made the export."""

    line: int
    reason: str


class SkippedLine(NamedTuple):
    """A line that is no data: a total, a group's title, the header printed anew; its words."""

    line: int
    skipped: str


class Record(NamedTuple):
    line: int
    cells: list[str]


Progress = Callable[[int], None]
Read = Callable[[dict[str, str], dict[str, str]], tuple[Any, list[str]]]
Line = ParsedLine | RejectedLine | SkippedLine
Columns = tuple[list[str], str, dict[str, int]]  # the header as read, the delimiter, where each column stands


def contracts(path: Path, today: date, progress: Progress = lambda byte: None) -> Iterator[Line]:
    """Lines of contracts.csv as `rules.registry.lines.ContractLine`; Refused(file=…) when it is no such file
    at all.
    """
    return _lines(
        path, CONTRACTS, lines.NEEDED, lambda texts, own: lines.contract(texts, today, own), progress
    )


def keys(path: Path, today: date, progress: Progress = lambda byte: None) -> Iterator[Line]:
    """Lines of keys.csv as `rules.registry.lines.KeyLine`."""
    return _lines(path, KEYS, lines.KEY_NEEDED, lambda texts, own: lines.key(texts, today, own), progress)


def _lines(
    path: Path,
    titles: Mapping[str, str],
    needed: tuple[str, ...],
    read: Read,
    progress: Progress,
) -> Iterator[Line]:
    with path.open("rb") as raw, io.TextIOWrapper(raw, _encoding(path), errors="replace", newline="") as text:
        source = LineSource(text)
        header, delimiter, columns = _header(source, titles, needed, path)
        title = normalize_title(header[columns["number"]])
        for record in source.records(delimiter, len(header)):
            progress(raw.tell())
            if isinstance(record, RejectedLine):
                yield record
            elif not _is_service(record.cells, title, columns):
                yield _parse_record(record, header, columns, read)
            elif words := " ".join(filter(None, map(str.strip, record.cells))):
                yield SkippedLine(record.line, words[:80])


def _parse_record(
    record: Record, header: list[str], columns: dict[str, int], read: Read
) -> ParsedLine | RejectedLine:
    """The line, or the reasons by the columns' own titles, as they stand in the file."""
    cells = record.cells
    texts = {name: cells[place] for name, place in columns.items() if place < len(cells)}
    if any("\ufffd" in cell for cell in cells):
        return RejectedLine(record.line, "есть испорченные знаки: файл сохранён в смеси кодировок")
    try:
        return ParsedLine(record.line, *read(texts, {name: header[at] for name, at in columns.items()}))
    except Refused as refused:
        return RejectedLine(
            record.line, "; ".join(f"{column}: {why}" for column, why in refused.problems.items())
        )


def _encoding(path: Path) -> str:
    """UTF-8 when the beginning with its Cyrillic reads as UTF-8, else cp1251; UTF-16 by its mark («Юникод» in
    1С).
    """
    with path.open("rb") as file:
        start = file.read(SCAN)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while decoder.decode(start).isascii() and start:
                start = file.read(SCAN)
        except UnicodeDecodeError:
            return "cp1251"
    return "utf-8-sig"


def _header(
    source: "LineSource", titles: Mapping[str, str], needed: tuple[str, ...], path: Path
) -> tuple[list[str], str, dict[str, int]]:
    """The first line that names every needed column, by the delimiter which makes it so; lines before it are
    titles.
    """
    names = {alias: name for name, aliases in titles.items() for alias in aliases.split()}
    best: set[str] = set()
    for line in source.take(TITLES):
        for delimiter in DELIMITERS:
            header = [clean_line(cell) for cell in next(csv.reader([line], delimiter=delimiter), [])]
            columns = {
                names[title]: place
                for place, title in reversed([*enumerate(map(normalize_title, header))])
                if title in names
            }
            best = max(best, set(columns), key=len)
            if set(needed) <= set(columns):
                return header, delimiter, columns
    if form := foreign_form(path, set(names)):
        raise Refused(file=form)
    missing = [f"«{(lines.HARD | lines.KEY if titles is KEYS else lines.HARD)[name][0]}»" for name in needed]
    missing = [title for title, name in zip(missing, needed, strict=True) if name not in best]
    raise Refused(
        file=f"Не вижу строки с названиями столбцов. Не хватает: {', '.join(missing)}. См. docs/registry.md."
    )


def _is_service(cells: list[str], title: str, columns: dict[str, int]) -> bool:
    """Blank lines, totals, group titles and the header printed anew on each page are not data. A line with a
    readable contract number is, whatever else it says: «Итог-Сервис ООО».
    """
    filled = [cell.strip() for cell in cells if cell.strip()]
    if not filled:
        return True
    own = {name: cells[at].strip() for name, at in columns.items() if at < len(cells)}
    if _is_contract_number(own.get("contract") or own.get("number", "")):
        return False
    number = own.get("number", "")
    alone = len(filled) == 1 and not number[:1].isdigit()
    # Many digits where the contract stands are a number with a slip, to be rejected aloud.
    total = SERVICE.match(number) or (sum(map(str.isdigit, number)) < 6 and SERVICE.match(filled[0]))
    return alone or bool(total) or normalize_title(number) == title


def _is_contract_number(text: str) -> bool:
    try:
        return bool(contract_number(text))
    except Refused:
        return False


class LineSource:
    """Numbered lines of a text that can be put back, so that an unclosed quote costs one line and not the
    rest.
    """

    def __init__(self, text: io.TextIOBase) -> None:
        self.text, self.back, self.line = text, deque[str](), 0

    def take(self, most: int) -> Iterator[str]:
        for _ in range(most):
            if not (line := self.next()):
                return
            yield line

    def next(self) -> str:
        line = self.back.popleft() if self.back else self.text.readline()
        self.line += bool(line)
        return line

    def records(self, delimiter: str, width: int) -> Iterator[Record | RejectedLine]:
        while line := self.next():
            start = self.line
            parts = self._joined(line)
            cells = _cells(parts, delimiter, width)
            if cells is None and len(parts) > 1:
                self.back.extendleft(reversed(parts[1:]))
                self.line = start
                cells = _cells(parts[:1], delimiter, width)
            yield Record(start, cells) if cells is not None else RejectedLine(start, BROKEN)

    def _joined(self, line: str) -> list[str]:
        """The line and those after it until its quotes are even."""
        parts, quotes = [line], line.count('"')
        while quotes % 2 and len(parts) < SPAN and (line := self.next()):
            parts.append(line)
            quotes += line.count('"')
        return parts


END = "\x1f"  # stands after the last cell of a record
BROKEN = "кавычка открыта и не закрыта, или полей больше, чем столбцов"


def _cells(parts: list[str], delimiter: str, width: int) -> list[str] | None:
    """The cells of one record; None when the parts are not one, or hold more than the header has columns."""
    ended = [part.replace("\0", "") for part in parts[:-1]] + [parts[-1].rstrip("\r\n") + delimiter + END]
    try:
        rows = list(csv.reader(ended, delimiter=delimiter))
    except csv.Error:
        return None
    if len(rows) != 1 or rows[0].pop() != END:  # an open quote eats the mark
        return None
    cells = rows[0]
    return None if any(cells[width:]) else cells[:width]
