"""The audit log in words, and the period of its filter."""

from datetime import date, datetime, timedelta

from rules import Refused
from rules.days import midnight
from rules.desk.action_words import WORDS
from rules.desk.fact_words import HIDDEN, NAMES, VALUES

__all__ = ["GROUPS", "HIDDEN", "NAMES", "action_words", "fact_words", "parse_period"]
GROUPS = {
    "look": ("кто что смотрел", ("%.look", "%.search", "%.file", "%.export", "%.download")),
    "desk": ("работа с обращениями", ("desk.%", "requests.%")),
    "entry": (
        "входы",
        (
            "access.%",
            "registrations.%",
            "consents.%",
            "passwords.%",
            "staff.%",
            "confirmations.%",
            "second_factors.%",
        ),
    ),
    "money": (
        "деньги",
        (
            "ledger.%",
            "payments.%",
            "autopay.%",
            "billing.%",
            "corrections.%",
            "refunds.%",
            "receipts.%",
            "reconciliations.%",
        ),
    ),
}


def action_words(verb: str) -> str:
    """An action in Russian; one without words as is."""
    return WORDS.get(verb, verb)


def fact_words(name: str, value: str) -> tuple[str, str]:
    """A fact's name and value in words; a value that older lines wrote in another form is returned as is."""
    try:
        return NAMES.get(name, name), VALUES[name](value) if name in VALUES else value
    except (IndexError, KeyError, OSError, OverflowError, ValueError):
        return NAMES.get(name, name), value


def parse_period(first: date | None, last: date | None) -> tuple[datetime | None, datetime | None]:
    """A period of Moscow days as UTC instants, the end exclusive, either may be open; or Refused."""
    if first and last and last < first:
        raise Refused(until="Конец раньше начала. Поменяйте дни местами.")
    return midnight(first) if first else None, midnight(last + timedelta(days=1)) if last else None
