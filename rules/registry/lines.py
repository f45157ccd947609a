"""Parses one line of the registry's export: raw texts in, a typed line out, or `Refused` with the reasons.

The registry (billing or 1С) is where the operator keeps its contracts.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from rules import Problems, Refused, days, phones
from rules.registry import cells

COMPANY = re.compile(
    r"\b(ООО|АО|ЗАО|ПАО|ОАО|НАО|ТСЖ|ТСН|ЖСК|СНТ|ГБУ|ГБОУ|ГБДОУ|МБОУ|ФГБУ|ФГУП|НКО|АНО|ФОНД)\b"
)
TRADER = re.compile(r"^(ИП|Индивидуальный предприниматель)\b", re.IGNORECASE)
KINDS = {
    "person": "физлицо физическоелицо фл частноелицо гражданин население person",
    "sole_trader": "ип индивидуальныйпредприниматель предприниматель",
    "company": "юрлицо юридическоелицо юл организация компания корпоративныйклиент company",
}
KIND_OF = {word: kind for kind, words in KINDS.items() for word in words.split()}


class ContractLine(NamedTuple):
    """A line about a contract. Money in kopecks (`balance`: debt negative), phones E.164, Moscow days."""

    number: int
    code: str
    kind: str
    name: str
    signed_on: date
    address: str
    mobile: str | None = None
    contact_mobile: str | None = None
    landline: str | None = None
    email: str | None = None
    inn: str | None = None
    tariff: str = "Канал связи"
    price: int = 0
    price_since: date | None = None
    sms: bool = False
    sms_mobile: str | None = None
    sms_price: int | None = None
    balance: int | None = None
    balance_day: date | None = None
    suspended_from: date | None = None
    suspended_to: date | None = None
    ends_on: date | None = None
    site: str = ""
    site_address: str = ""


class KeyLine(NamedTuple):
    """A line about a key of the station: its contract and site."""

    number: str
    contract: int
    site: str = ""
    site_address: str = ""


Cell = tuple[str, Callable[[str], Any]]  # the column's title in Russian, and the parser of its cell

# Required columns: an unreadable cell rejects the line.
HARD: dict[str, Cell] = {
    "number": ("номер договора", cells.contract_number),
    "code": ("код абонента", cells.code),
    "name": ("абонент", cells.required_text),
    "signed_on": ("дата договора", cells.required_day),
    "address": ("адрес", cells.required_text),
    "mobile": ("мобильный телефон", cells.mobile_and_others),
    "tariff": ("тариф", cells.clean_text),
    "price": ("абонентская плата", cells.required_price),
    "price_since": ("цена действует с", cells.day),
    "sms": ("SMS-информирование", cells.parse_yes_or_mobile),
    "sms_mobile": ("номер для SMS", cells.phone),
    "sms_price": ("стоимость SMS", cells.price),
    "balance": ("остаток", cells.kopecks),
    "debt": ("задолженность", cells.kopecks),
    "balance_day": ("дата остатка", cells.day),
    "suspended_from": ("приостановлен с", cells.day),
    "suspended_to": ("приостановлен по", cells.day),
    "ends_on": ("дата расторжения", cells.day),
    "site": ("объект", cells.clean_text),
    "site_address": ("адрес объекта", cells.clean_text),
}
# Optional columns: an unreadable cell is ignored with a remark in the report.
SOFT: dict[str, Cell] = {
    "inn": ("ИНН", cells.inn),
    "email": ("e-mail", cells.email),
    "contact_mobile": ("контактный телефон", cells.any_phone),
    "landline": ("городской телефон", cells.any_phone),
}
KIND: dict[str, Cell] = {"kind": ("вид абонента", cells.clean_text)}
KEY: dict[str, Cell] = {
    "number": ("номер ключа", cells.key_number),
    "contract": ("номер договора", cells.contract_number),
    "site": ("объект", cells.clean_text),
    "site_address": ("адрес объекта", cells.clean_text),
}
NEEDED = ("number", "code", "name", "signed_on", "address", "mobile", "price")
KEY_NEEDED = ("number", "contract")


def contract(
    texts: Mapping[str, str], today: date, own: Mapping[str, str] | None = None
) -> tuple[ContractLine, list[str]]:
    """Return the line and remarks about ignored cells. Refused names each unreadable cell by its column's
    title in the file (`own`: field → title), or by our title.
    """
    titles = {title: (own or {}).get(name, title) for name, (title, _) in (HARD | SOFT | KIND).items()}
    try:
        line, missed = _contract(texts, today)
    except Refused as refused:
        raise Refused(**{titles.get(name, name): why for name, why in refused.problems.items()}) from None
    remarks = [f"{titles.get(name, name)}: {why}, взято без него" for name, why in missed.items()]
    return line, remarks + ([] if line.mobile else [NO_MOBILE])


def _contract(texts: Mapping[str, str], today: date) -> tuple[ContractLine, Problems]:
    hard, problems = _read(HARD, texts)
    soft, missed = _read(SOFT, texts)
    problems.check()
    hard["mobile"], others = hard["mobile"]
    found = {**hard, **soft, **_sms(hard), **_kind(texts.get("kind", ""), hard["name"], soft["inn"])}
    found["balance"] = _balance(found.pop("balance"), found.pop("debt"))
    found["tariff"] = found["tariff"] or ContractLine._field_defaults["tariff"]
    found["name"] = _name(found["name"], found["kind"])
    _days(found, today)
    _keep_other_phones(found, others)
    return ContractLine(**found), missed


def _keep_other_phones(found: dict[str, Any], others: list[str]) -> None:
    """Store the other numbers of the mobile's cell as contacts, where the line names no contact."""
    for phone in others:
        name = "landline" if phones.is_landline(phone) else "contact_mobile"
        found[name] = found[name] or phone


def key(
    texts: Mapping[str, str], today: date, own: Mapping[str, str] | None = None
) -> tuple[KeyLine, list[str]]:
    """Return the key's line; the list of remarks is always empty."""
    found, problems = _read(KEY, texts)
    if problems:
        titles = {title: (own or {}).get(name, title) for name, (title, _) in KEY.items()}
        raise Refused(**{titles[name]: why for name, why in problems.items()})
    return KeyLine(**found), []


NO_MOBILE = "мобильный телефон пуст: абонент не сможет зарегистрироваться в кабинете"


def _read(columns: dict[str, Cell], texts: Mapping[str, str]) -> tuple[dict[str, Any], Problems]:
    found: dict[str, Any] = {}
    problems = Problems()
    for name, (title, read) in columns.items():
        try:
            found[name] = read(texts.get(name, ""))
        except Refused as refused:
            found[name], problems[title] = None, refused.problems["form"]
    return found, problems


def _sms(found: dict[str, Any]) -> dict[str, Any]:
    """Turn the SMS service on when its column says so, contains a number, or a number is in the number's own
    column.
    """
    sms = found["sms"]
    to = found["sms_mobile"] or (sms if isinstance(sms, str) else found["mobile"] if sms else None)
    return {"sms": to is not None, "sms_mobile": to, "sms_price": found["sms_price"] if to else None}


def _balance(balance: int | None, debt: int | None) -> int | None:
    """Return the balance, debt negative. Exports have one of the two columns, or both with one empty in each
    line.
    """
    if balance and debt:
        raise Refused(остаток="заполнены и остаток, и задолженность: оставьте одно")
    return -debt if debt else balance


def _days(found: dict[str, Any], today: date) -> None:
    if not OLDEST <= found["signed_on"] <= today + timedelta(days=31):
        raise Refused(**{"дата договора": f"{found['signed_on']:%d.%m.%Y} не может быть днём подписания"})
    if found["ends_on"] and found["ends_on"] < found["signed_on"]:
        raise Refused(**{"дата расторжения": "раньше даты договора"})
    first, last = found["suspended_from"], found["suspended_to"]
    if bool(first) != bool(last) or (first and first > last):
        raise Refused(**{"приостановлен с": "нужны оба дня, и первый не позже последнего"})


OLDEST = date(1991, 1, 1)


def _kind(text: str, name: str, number: str | None) -> dict[str, str]:
    """Return the kind from its column, else from the form of the name, else from the length of the ИНН."""
    word = re.sub(r"[\W_]", "", text.lower().replace("ё", "е"))
    if word and word not in KIND_OF:
        raise Refused(**{"вид абонента": f"«{cells.clean_line(text)[:40]}»: бывает физлицо, ИП или юрлицо"})
    if word:
        return {"kind": KIND_OF[word]}
    if TRADER.match(name):
        return {"kind": "sole_trader"}
    return {"kind": "company" if COMPANY.search(name) or (number and len(number) == 10) else "person"}


def _name(text: str, kind: str) -> str:
    """Return «СОКОЛОВА АННА» as Соколова Анна; quotes in a company's name are made uniform."""
    if kind == "person":
        return text.title() if text.isupper() else text
    return re.sub(r'"([^"]*)"', r"«\1»", text).replace('"', "")


def opening_note(day: date) -> str:
    """Return the words of the ledger entry for an opening balance from the registry."""
    return f"Остаток по данным реестра на {days.short(day)}"
