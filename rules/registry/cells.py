"""Parsers of one cell of an export: text in, a value or None for an empty cell out, or `Refused` (key
"form").

They accept the spellings of billing systems, of 1С, and of people who edit the files in Excel.
"""

import re
from datetime import date
from functools import lru_cache

from rules import Refused, amounts, days, emails, phones
from rules.people import contracts
from rules.typed_text import clean_line, normalize_dashes

LONGEST = 300
CLOCK = re.compile(r"[ T]\d{1,2}:[\d:.]*$", re.ASCII)  # time after a day, as databases export it
CODE = re.compile(r"[\w./-]{1,40}")
KEY = re.compile(r"[0-9A-Za-z-]{1,20}")
NOTHING = {"", "-", "–", "—", "нет", "н/д", "не указан", "не указано", "<...>"}
YES = {"да", "+", "1", "истина", "true", "подключено", "подключена", "действует", "есть"}
NO = NOTHING | {"0", "ложь", "false", "отключено", "отключена", "не подключено"}


def clean_text(text: str) -> str:
    text = clean_line(text)
    if len(text) > LONGEST:
        raise Refused(form=f"длиннее {LONGEST} знаков, похоже на сбой кавычек")
    return text


def required_text(text: str) -> str:
    text = clean_text(text)
    if text.lower() in NOTHING:
        raise Refused(form="не заполнено")
    return text


def bare_number(text: str) -> str:
    """Return a code without number formatting: in Excel, codes of 1С become numbers, so «78 000 001,00» is
    78000001.
    """
    return re.sub(r"[.,]0+$", "", clean_line(text))


def contract_number(text: str) -> int:
    try:
        return contracts.parse_number(bare_number(text))
    except Refused:
        raise Refused(
            form=f"«{clean_line(text)[:40]}»: нужны восемь цифр, первые {contracts.PREFIX}"
        ) from None


def code(text: str) -> str:
    text = required_text(text)
    if not CODE.fullmatch(text):
        raise Refused(form=f"«{text[:40]}»: только буквы, цифры, точка, дефис и косая черта, до 40 знаков")
    return text


def key_number(text: str) -> str:
    text = required_text(bare_number(text)).replace(" ", "").upper()
    if not KEY.fullmatch(text):
        raise Refused(form=f"«{text[:40]}»: цифры и латинские буквы, до 20 знаков")
    return text


@lru_cache(4096)
def day(text: str) -> date | None:
    """Parse 01.02.2024 or 2024-02-01, with or without a time; a two-digit year gets its century."""
    bare = CLOCK.sub("", clean_line(text))
    if normalize_dashes(bare).lower() in NOTHING or bare in {"01.01.0001", "0001-01-01"}:
        return None  # 1С writes an empty date as 01.01.0001
    try:
        return days.parse(bare)
    except Refused:
        raise Refused(form=f"«{bare[:40]}» не похоже на день, пишите 01.02.2024 или 2024-02-01") from None


def required_day(text: str) -> date:
    found = day(text)
    if found is None:
        raise Refused(form="не заполнено")
    return found


@lru_cache(4096)
def kopecks(text: str) -> int | None:
    """Return signed kopecks (`amounts.parse_signed`), None when empty."""
    if clean_line(text).lower() in NOTHING:
        return None
    found = amounts.parse_signed(text)
    if found is None:
        raise Refused(form=f"«{clean_line(text)[:40]}» не похоже на сумму в рублях, пишите 1234,50")
    return found


def price(text: str) -> int | None:
    found = kopecks(text)
    if found is not None and found < 0:
        raise Refused(form="цена меньше нуля")
    return found


def required_price(text: str) -> int:
    found = price(text)
    if found is None:
        raise Refused(form="не заполнено")
    return found


def phone(text: str, *, mobile: bool = True) -> str | None:
    """Return E.164 of the first number, None when empty. `mobile` refuses a landline; other numbers that
    cannot receive SMS (8-800…) are accepted, so that the rest of the line is still imported.
    """
    if clean_line(text).lower() in NOTHING:
        return None
    try:
        found = phones.parse(re.split(r"[,;/]", bare_number(text))[0], mobile=False)
    except Refused:
        raise Refused(form="такого российского номера нет" if mobile else "номер не читается") from None
    if mobile and phones.is_landline(found):
        raise Refused(form="это городской номер, SMS на него не придёт: нужен мобильный")
    return found


def mobile_and_others(text: str) -> tuple[str | None, list[str]]:
    """Return the first mobile of a cell and the other numbers in it, as in «(812) 326-17-20,
    8-921-… (мама)».
    """
    bare = re.sub(r"\([^()\d]*\)", " ", text)
    found = []
    for part in re.split(r"[,;/\n]", bare):
        try:
            found.append(phone(part, mobile=False))
        except Refused:
            continue
    numbers = [number for number in found if number]
    mobile = next(filter(phones.is_mobile, numbers), None)
    if mobile is None:
        return phone(bare), []
    return mobile, [number for number in numbers if number != mobile]


def any_phone(text: str) -> str | None:
    return phone(text, mobile=False)


def email(text: str) -> str | None:
    text = clean_line(text).lower()
    if text in NOTHING:
        return None
    try:
        return emails.parse(text)
    except Refused:
        raise Refused(form="это не адрес электронной почты") from None


def inn(text: str) -> str | None:
    """Return 10 digits of a company or 12 of a person, with check digits verified; a leading zero lost in
    Excel is restored.
    """
    text = bare_number(text.partition("/")[0]).replace(" ", "")  # «ИНН/КПП» in one column
    if text.lower() in NOTHING:
        return None
    text = text.zfill(len(text) + len(text) % 2)
    if not re.fullmatch(r"[0-9]{10}|[0-9]{12}", text) or not all(map(_agrees, _tails(text), [text] * 2)):
        raise Refused(form="ИНН не сходится по контрольным цифрам")
    return text


def _tails(text: str) -> tuple[int, ...]:
    return (9,) if len(text) == 10 else (10, 11)


def _agrees(place: int, text: str) -> bool:
    weights = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)[11 - place :]
    return sum(w * int(d) for w, d in zip(weights, text, strict=False)) % 11 % 10 == int(text[place])


def parse_yes_or_mobile(text: str) -> bool | str:
    """Parse «да», «нет», or the mobile to which SMS are sent: exports use one column for both."""
    text = clean_line(text)
    if text.lower() in YES:
        return True
    if text.lower() in NO:
        return False
    return phone(text) or False
