"""Russian words for journal entries, and the period of the journal's filter."""

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
    """Return an action in Russian; an action without a translation is returned as is."""
    return WORDS.get(verb, verb)


def fact_words(name: str, value: str) -> tuple[str, str]:
    """Return a fact's name and value in Russian; a value in the form of older entries is returned as is."""
    try:
        return NAMES.get(name, name), VALUES[name](value) if name in VALUES else value
    except (IndexError, KeyError, OSError, OverflowError, ValueError):
        return NAMES.get(name, name), value


def parse_period(first: date | None, last: date | None) -> tuple[datetime | None, datetime | None]:
    """Return a period of Moscow days as UTC instants, the end exclusive; either may be open. Refused when
    they are reversed.
    """
    if first and last and last < first:
        raise Refused(until="Конец раньше начала. Поменяйте дни местами.")
    return midnight(first) if first else None, midnight(last + timedelta(days=1)) if last else None
