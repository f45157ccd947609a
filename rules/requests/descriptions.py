"""Describes a request's payload in words for the review page, the inbox and the desk."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from rules import phones
from rules.amounts import rubles
from rules.days import day_words
from rules.people import contracts
from rules.requests import authority
from rules.requests.kinds import KINDS
from rules.requests.terminations import BASES


def describe(
    kind: str, payload: Mapping[str, Any], day: date | None, early: bool = False
) -> list[tuple[str, str]]:
    """Return (term, value) pairs in reading order. The effective day is first, or follows the mobile
    number.
    """
    pairs = [
        (words, show(payload[name]) or "") for name, words, show in FACTS if payload.get(name) is not None
    ]
    if day:
        value = day_words(day) + (" — раньше срока по договору, прошу согласовать" if early else "")
        pairs.insert(1 if "mobile" in payload else 0, (KINDS[kind].day_words, value))
    return pairs


def _day(text: str) -> str:
    return day_words(date.fromisoformat(text))


def _account(text: str) -> str:
    """Return the account number as «40817 810 0 0000 0000000», the grouping that bank pages use."""
    return f"{text[:5]}\u00a0{text[5:8]}\u00a0{text[8]}\u00a0{text[9:13]}\u00a0{text[13:]}"


FACTS = (
    ("mobile", "Мобильный номер", phones.format_phone),
    ("new_mobile", "Новый номер", phones.format_phone),
    ("first", "С какого дня", _day),
    ("last", "По какой день", lambda text: f"{_day(text)} включительно"),
    ("amount", "Сумма", rubles),
    ("recipient", "Получатель", str),
    ("bic", "БИК", str),
    ("account", "Счёт", _account),
    ("to_number", "На договор", contracts.format_number),
    ("name", "Новые фамилия, имя, отчество", str),
    ("representative", "Представитель", str),
    ("basis", "Основание", lambda basis: BASES.get(basis, basis)),
    ("signer", "Подписывает", lambda signer: authority.SIGNERS.get(signer, signer)),
    ("attorney_number", "Доверенность №", str),
    ("attorney_day", "Доверенность от", _day),
    ("attorney_until", "Доверенность действует по", _day),
    ("text", "Текст", str),
)


def summary(payload: Mapping[str, Any], day: date | None) -> str:
    """Return one line for lists: «с 2 декабря 2026 по 20 декабря 2026», an amount, or the first words of a
    letter.
    """
    if day and "last" in payload:
        return f"с {day_words(day)} по {_day(payload['last'])}"
    if day:
        return f"с {day_words(day)}"
    if "amount" in payload:
        return rubles(int(payload["amount"]))
    text = " ".join(str(payload.get("text") or payload.get("name") or "").split())
    return text if len(text) <= 90 else text[:88].rstrip() + "…"
