"""How one cell of an export is spelt: text in, a value or None for an empty cell, or `Refused` (key "form").

Spellings are those of billing systems, of 1С, and of people who edit their files in Excel.
"""

import re
from datetime import date
from functools import lru_cache

from phonenumbers import PhoneMetadata

from rules import Refused, amounts, emails, phones
from rules.people import contracts

LONGEST = 300
SPACE = re.compile(r"[\s\u00a0\u202f\ufeff]+")
DAY = re.compile(
    r"(?:(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})|(\d{4})-(\d{1,2})-(\d{1,2}))(?:[ T][\d:.]*)?", re.ASCII
)
CODE = re.compile(r"[\w./-]{1,40}")
KEY = re.compile(r"[0-9A-Za-z-]{1,20}")
NOTHING = {"", "-", "–", "—", "нет", "н/д", "не указан", "не указано", "<...>"}
YES = {"да", "+", "1", "истина", "true", "подключено", "подключена", "действует", "есть"}
NO = NOTHING | {"0", "ложь", "false", "отключено", "отключена", "не подключено"}


def squeeze(text: str) -> str:
    """One space for any run of spaces, no-break spaces and line ends."""
    return SPACE.sub(" ", text).strip()


def words(text: str) -> str:
    text = squeeze(text)
    if len(text) > LONGEST:
        raise Refused(form=f"длиннее {LONGEST} знаков, похоже на сбой кавычек")
    return text


def needed(text: str) -> str:
    text = words(text)
    if text.lower() in NOTHING:
        raise Refused(form="не заполнено")
    return text


def bare_number(text: str) -> str:
    """1С turns codes into numbers on the way through Excel: «78 000 001,00» is 78000001."""
    return re.sub(r"[.,]0+$", "", squeeze(text))


def contract_number(text: str) -> int:
    try:
        return contracts.parse_number(bare_number(text))
    except Refused:
        raise Refused(form=f"«{squeeze(text)[:40]}»: нужны восемь цифр, первые {contracts.PREFIX}") from None


def code(text: str) -> str:
    text = needed(text)
    if not CODE.fullmatch(text):
        raise Refused(form=f"«{text[:40]}»: только буквы, цифры, точка, дефис и косая черта, до 40 знаков")
    return text


def key_number(text: str) -> str:
    text = needed(bare_number(text)).replace(" ", "").upper()
    if not KEY.fullmatch(text):
        raise Refused(form=f"«{text[:40]}»: цифры и латинские буквы, до 20 знаков")
    return text


@lru_cache(4096)
def day(text: str) -> date | None:
    """01.02.2024, 2024-02-01, with or without a time; a century is added to 24."""
    if squeeze(text).lower() in NOTHING or text.strip() in {"01.01.0001", "01.01.0001 0:00:00", "0001-01-01"}:
        return None  # 1С writes its empty date as the first day of our era
    match = DAY.fullmatch(squeeze(text))
    try:
        d, m, y = (match[1], match[2], match[3]) if match and match[1] else (match[6], match[5], match[4])  # type: ignore[index]
        return date(int(y) + (2000 if len(y) == 2 else 0), int(m), int(d))
    except (TypeError, ValueError):
        raise Refused(
            form=f"«{squeeze(text)[:40]}» не похоже на день, пишите 01.02.2024 или 2024-02-01"
        ) from None


def needed_day(text: str) -> date:
    found = day(text)
    if found is None:
        raise Refused(form="не заполнено")
    return found


@lru_cache(4096)
def kopecks(text: str) -> int | None:
    """«1 234,50», «-500.00», «(500,00)» (an accountant's minus), «1 500 руб.» in kopecks; empty is None."""
    bare = (
        SPACE.sub("", text)
        .lower()
        .replace("−", "-")
        .removesuffix("₽")
        .removesuffix("руб.")
        .removesuffix("руб")
    )
    if bare in NOTHING:
        return None
    sign = -1 if bare.startswith(("-", "(")) else 1
    try:
        return sign * amounts.kopecks(bare.strip("-()"), least=0)
    except Refused:
        raise Refused(form=f"«{squeeze(text)[:40]}» не похоже на сумму в рублях, пишите 1234,50") from None


def price(text: str) -> int | None:
    found = kopecks(text)
    if found is not None and found < 0:
        raise Refused(form="цена меньше нуля")
    return found


def needed_price(text: str) -> int:
    found = price(text)
    if found is None:
        raise Refused(form="не заполнено")
    return found


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(getattr(PhoneMetadata.metadata_for_region("RU"), name).national_number_pattern)


MOBILE, LANDLINE = _pattern("mobile"), _pattern("fixed_line")


def phone(text: str, *, mobile: bool = True) -> str | None:
    """E.164 or None when empty. The library's own patterns are tried first: its full parser takes 40 times
    longer.
    """
    if squeeze(text).lower() in NOTHING:
        return None
    bare = re.sub(r"[\s\u00a0\u202f()+.–—-]", "", bare_number(text)).removeprefix("тел:").removeprefix("тел")
    local = bare[1:] if len(bare) == 11 and bare[0] in "78" else bare
    if local.isascii() and (MOBILE.fullmatch(local) or (not mobile and LANDLINE.fullmatch(local))):
        return "+7" + local
    if LANDLINE.fullmatch(local):
        raise Refused(form="это городской номер, SMS на него не придёт: нужен мобильный")
    try:
        # A number no SMS reaches but a landline (8-800…) must not cost its line everything else it says.
        found = phones.parse(re.split(r"[,;/]", text)[0], mobile=False)
        if mobile and LANDLINE.fullmatch(found[2:]):
            raise Refused(form="это городской номер")
        return found
    except Refused:
        raise Refused(form="такого российского номера нет" if mobile else "номер не читается") from None


def any_phone(text: str) -> str | None:
    return phone(text, mobile=False)


def email(text: str) -> str | None:
    text = squeeze(text).lower()
    if text in NOTHING:
        return None
    try:
        return emails.parse(text)
    except Refused:
        raise Refused(form="это не адрес электронной почты") from None


def inn(text: str) -> str | None:
    """10 digits of a company or 12 of a person, control digits checked; Excel's lost leading zero is put
    back.
    """
    text = bare_number(text).replace(" ", "")
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


def yes(text: str) -> bool | str:
    """«да», «нет», or the mobile to which the SMS go: exports use the one column for both."""
    text = squeeze(text)
    if text.lower() in YES:
        return True
    if text.lower() in NO:
        return False
    return phone(text) or False
