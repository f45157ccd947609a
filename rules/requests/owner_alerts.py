"""What the owner is told at once, by SMS to the sign-in phone, when somebody cuts the alarm channel or moves
money.

No choice of notices turns these off: each says who we are, what was asked and for when, and how to undo it.
Accounts and numbers are shown by their ends only, for the phone may lie on a table.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from rules import phones
from rules.amounts import rubles
from rules.days import day_words
from rules.people import contracts
from rules.requests.requests import ALARM_NUMBER, KIND_WORDS

WITHDRAW = "Отзовите её в кабинете, в «Обращениях»"


class Office(NamedTuple):
    """Who signs these messages and where to call, E.164; "" where nobody said."""

    brand: str = ""
    phone: str = ""


def deed(kind: str, payload: Mapping[str, Any], day: date | None) -> str:
    """«приостановить канал связи с 3 декабря 2026 по 20 декабря 2026»"""
    parts = [KIND_WORDS[kind][0].lower() + KIND_WORDS[kind][1:]]
    if "amount" in payload and kind in ("refund", "transfer"):
        parts.append(rubles(int(payload["amount"])))
    if account := payload.get("account"):
        parts.append(f"на счёт •••{str(account)[-4:]}")
    if number := payload.get("to_number"):
        parts.append(f"на договор {contracts.show(int(number))}")
    if mobile := payload.get(ALARM_NUMBER.get(kind, "")):
        parts.append(f"на номер {phones.masked(str(mobile))}")
    if day:
        parts.append(f"с {day_words(day)}")
    if last := payload.get("last"):
        parts.append(f"по {day_words(date.fromisoformat(str(last)))}")
    return " ".join(parts)


def asked(office: Office, number: int, what: str, *, revocable: bool) -> str:
    """At the moment of asking; `revocable`: it may still be withdrawn in the cabinet."""
    return _signed(office, f"заявка № {number}: {what}.", WITHDRAW if revocable else "")


def reopened(office: Office, number: int, what: str, *, revocable: bool) -> str:
    return _signed(
        office, f"закрытую заявку № {number} просят рассмотреть снова: {what}.", WITHDRAW if revocable else ""
    )


def approved(office: Office, number: int, what: str, *, revocable: bool) -> str:
    """At the desk's decision: the day may be another than the one asked for."""
    return _signed(office, f"заявка № {number} одобрена сотрудником: {what}.", WITHDRAW if revocable else "")


def called_off(office: Office, number: int, kind: str) -> str:
    """What was to bring the alarm channel back will not happen."""
    return _signed(
        office, f"заявка № {number} отменена: {KIND_WORDS[kind].lower()}.", "Отправьте её снова в кабинете"
    )


def sms_moved(office: Office, number: int, mobile: str | None) -> str:
    """The operator's books name another number for alarms, or none."""
    to = f"теперь приходят на {phones.masked(mobile)}" if mobile else "больше никуда не приходят"
    return _signed(office, f"договор {contracts.show(number)}, сообщения о тревогах {to}.", "")


def sms_ended(office: Office, number: int) -> str:
    return _signed(office, f"договор {contracts.show(number)}, SMS-информирование отключено.", "")


def contract_ends(office: Office, number: int, last: date) -> str:
    return _signed(
        office,
        f"договор {contracts.show(number)} действует по {day_words(last)}, дальше тревоги не передаём.",
        "",
    )


def phone_moved(office: Office) -> str:
    """To the former sign-in phone, which may be a stranger's by now: it names no contract."""
    return _signed(office, "телефон для входа в кабинет изменён по данным договора.", "")


def _signed(office: Office, words: str, undo: str) -> str:
    call = f"позвоните {phones.show(office.phone)}" if office.phone else "позвоните нам"
    way = f"{undo} или {call}" if undo else call[0].upper() + call[1:]
    said = f"{office.brand}: {words}" if office.brand else words[0].upper() + words[1:]
    return f"{said} Не вы? {way}."
