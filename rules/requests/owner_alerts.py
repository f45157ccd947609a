"""Texts of the SMS to the owner's sign-in phone when somebody cuts the alarm channel or moves money.

Notification preferences do not turn them off. Each text gives the sender, the change, its day and the way to
undo it. Account and phone numbers are shown by their last digits only, because other people may see the
phone's screen.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from rules import phones
from rules.amounts import rubles
from rules.days import day_words
from rules.people import contracts
from rules.requests.kinds import KINDS

SUBJECT = "Важное изменение по договору"  # used when the alert is sent by e-mail
WITHDRAW = "Отзовите её в кабинете, в «Обращениях»"


class Office(NamedTuple):
    """The brand that signs these messages, and the phone number to call, E.164; each is "" when not set."""

    brand: str = ""
    phone: str = ""


NO_OFFICE = Office()


def describe(kind: str, payload: Mapping[str, Any], day: date | None) -> str:
    """Return the request in words: «приостановить канал связи с 3 декабря 2026 по 20 декабря 2026»."""
    spec = KINDS[kind]
    parts = [spec.phrase]
    if "amount" in payload and spec.holds_money:
        parts.append(rubles(int(payload["amount"])))
    if account := payload.get("account"):
        parts.append(f"на счёт •••{str(account)[-4:]}")
    if number := payload.get("to_number"):
        parts.append(f"на договор {contracts.format_number(int(number))}")
    if mobile := payload.get(spec.alarm_number):
        parts.append(f"на номер {phones.mask_phone(str(mobile))}")
    if day:
        parts.append(f"с {day_words(day)}")
    if last := payload.get("last"):
        parts.append(f"по {day_words(date.fromisoformat(str(last)))}")
    return " ".join(parts)


def request_sent(office: Office, number: int, what: str, *, revocable: bool) -> str:
    """Return the text about a request that was sent; `revocable` means it can still be withdrawn in the
    cabinet.
    """
    return _signed(office, f"заявка № {number}: {what}.", WITHDRAW if revocable else "")


def request_reopened(office: Office, number: int, what: str, *, revocable: bool) -> str:
    return _signed(
        office, f"закрытую заявку № {number} просят рассмотреть снова: {what}.", WITHDRAW if revocable else ""
    )


def request_approved(office: Office, number: int, what: str, *, revocable: bool) -> str:
    """Return the text about an approval by staff, whose day may differ from the requested one."""
    return _signed(office, f"заявка № {number} одобрена сотрудником: {what}.", WITHDRAW if revocable else "")


def request_cancelled(office: Office, number: int, kind: str) -> str:
    """Return the text about a request that would have brought the alarm channel back and will not be carried
    out.
    """
    return _signed(
        office, f"заявка № {number} отменена: {KINDS[kind].title.lower()}.", "Отправьте её снова в кабинете"
    )


def sms_number_changed(office: Office, number: int, mobile: str | None) -> str:
    """Return the text about another number for alarms in the registry; `mobile` is None when there is none
    now.
    """
    to = f"теперь приходят на {phones.mask_phone(mobile)}" if mobile else "больше никуда не приходят"
    return _signed(office, f"договор {contracts.format_number(number)}, сообщения о тревогах {to}.", "")


def sms_ended(office: Office, number: int) -> str:
    return _signed(office, f"договор {contracts.format_number(number)}, SMS-информирование отключено.", "")


def contract_ends(office: Office, number: int, last: date) -> str:
    return _signed(
        office,
        f"договор {contracts.format_number(number)} действует по {day_words(last)}, дальше тревоги не "
        "передаём.",
        "",
    )


def phone_changed(office: Office) -> str:
    """Return the text to the former sign-in phone. It may belong to a stranger by now, so no contract is
    named.
    """
    return _signed(office, "телефон для входа в кабинет изменён по данным договора.", "")


def _signed(office: Office, words: str, undo: str) -> str:
    call = f"позвоните {phones.format_phone(office.phone)}" if office.phone else "позвоните нам"
    way = f"{undo} или {call}" if undo else call[0].upper() + call[1:]
    text = f"{office.brand}: {words}" if office.brand else words[0].upper() + words[1:]
    return f"{text} Не вы? {way}."
