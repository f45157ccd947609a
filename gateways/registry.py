"""Parser of registry exports of billing systems and 1С: contracts.csv or keys.csv → typed lines.

Lines come one by one. Encoding, delimiter and header are detected from the content. Lines that are not data
(titles, repeated headers, totals) are skipped; a bad line becomes a `RejectedLine` and does not stop the
others. Memory use does not grow with the file.
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

# Column titles seen in exports, without spaces and punctuation, in lower case; the first one is documented.
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
SCAN = 64 * 1024  # bytes read at a time to detect the encoding
TITLES = 30  # how many lines may precede the header
SPAN = 20  # maximum lines of one quoted cell, so that an unclosed quote does not swallow the file


class ParsedLine(NamedTuple):
    """A line that was read; `remarks` name the values that were left out."""

    line: int
    row: Any
    remarks: list[str]


class RejectedLine(NamedTuple):
    """A line that could not be read, and the reason in words for the person who made the export."""

    line: int
    reason: str


class SkippedLine(NamedTuple):
    """A line without data (a total, a group title, a repeated header) and its words."""

    line: int
    skipped: str


class Record(NamedTuple):
    line: int
    cells: list[str]


Progress = Callable[[int], None]
Read = Callable[[dict[str, str], dict[str, str]], tuple[Any, list[str]]]
Line = ParsedLine | RejectedLine | SkippedLine
Columns = tuple[list[str], str, dict[str, int]]  # the header as read, the delimiter, the index of each column


def contracts(path: Path, today: date, progress: Progress = lambda byte: None) -> Iterator[Line]:
    """Yield the lines of contracts.csv as `rules.registry.lines.ContractLine`.

    Raises Refused(file=…) if the file as a whole is not such an export.
    """
    return _lines(
        path, CONTRACTS, lines.NEEDED, lambda texts, own: lines.contract(texts, today, own), progress
    )


def keys(path: Path, today: date, progress: Progress = lambda byte: None) -> Iterator[Line]:
    """Yield the lines of keys.csv as `rules.registry.lines.KeyLine`."""
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
    """Return the parsed line, or the reasons for rejecting it, with column titles as in the file."""
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
    """Detect the encoding: UTF-16 by its byte order mark («Юникод» in 1С), else UTF-8 or cp1251.

    It is UTF-8 if the file decodes as UTF-8 up to and including the first block with Cyrillic letters.
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
    """Find the header: the first line that has every needed column, with the delimiter that gives it.

    Lines before it are titles. Raises Refused(file=…) if there is no such line.
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
    """Return whether a line is no data: blank, a total, a group title or a repeated header.

    A line with a readable contract number is always data, whatever else it says: «Итог-Сервис ООО».
    """
    filled = [cell.strip() for cell in cells if cell.strip()]
    if not filled:
        return True
    own = {name: cells[at].strip() for name, at in columns.items() if at < len(cells)}
    if _is_contract_number(own.get("contract") or own.get("number", "")):
        return False
    number = own.get("number", "")
    alone = len(filled) == 1 and not number[:1].isdigit()
    # Many digits in the contract column are a mistyped number, not a total: reject the line with a message.
    total = SERVICE.match(number) or (sum(map(str.isdigit, number)) < 6 and SERVICE.match(filled[0]))
    return alone or bool(total) or normalize_title(number) == title


def _is_contract_number(text: str) -> bool:
    try:
        return bool(contract_number(text))
    except Refused:
        return False


class LineSource:
    """Numbered lines of a text with push-back, so that an unclosed quote costs only one line."""

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
        """Return the line and the following ones until the number of quotes is even."""
        parts, quotes = [line], line.count('"')
        while quotes % 2 and len(parts) < SPAN and (line := self.next()):
            parts.append(line)
            quotes += line.count('"')
        return parts


END = "\x1f"  # marks the end of the last cell of a record
BROKEN = "кавычка открыта и не закрыта, или полей больше, чем столбцов"


def _cells(parts: list[str], delimiter: str, width: int) -> list[str] | None:
    """Return the cells of one record; None if `parts` are not one record or have too many cells."""
    ended = [part.replace("\0", "") for part in parts[:-1]] + [parts[-1].rstrip("\r\n") + delimiter + END]
    try:
        rows = list(csv.reader(ended, delimiter=delimiter))
    except csv.Error:
        return None
    if len(rows) != 1 or rows[0].pop() != END:  # an open quote swallows the mark
        return None
    cells = rows[0]
    return None if any(cells[width:]) else cells[:width]
