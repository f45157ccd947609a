"""Adding a key number to a contract (manual §3.4).

The events of a key show when a home is empty. So a number that the registry assigns to this contract is added
at once, and any other number waits for a decision. A number of another contract gets the same answer as an
unknown number, so that the answer does not reveal that the number exists; only staff see the difference.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rules import Refused
from rules.people import contracts
from rules.typed_text import clean_line, read_digits

TRIES_A_DAY = 5
CHECKS_A_DAY = 5
PROOF = timedelta(minutes=5)
LATE = timedelta(minutes=10)  # an event that happened in time may arrive this late
PROVING = frozenset({"arm", "disarm"})
# Three switches within a few minutes do not happen by accident: usually an owner arms in the morning and
# disarms in the evening.
SEQUENCES = (("arm", "disarm", "arm"), ("disarm", "arm", "disarm"))
STEPS = {"arm": "поставьте под охрану", "disarm": "снимите с охраны"}
LONGEST_NAME = 40

VERIFIED, FOREIGN, WAITING = "verified", "foreign", "waiting"

# Account numbers are hexadecimal; with a Russian keyboard layout people type Cyrillic letters that look the
# same.
LOOKALIKES = str.maketrans("АВСЕАабсе", "ABCEAABCE")
NUMBER_HINT = "Номер ключа — от 3 до 16 цифр, его назовёт районный отдел вневедомственной охраны."


@dataclass(frozen=True)
class KeyFacts:
    """What the rule needs to know about a number that a contract tries to add."""

    contract_id: int
    registered_to: (
        int | None
    )  # the contract the registry names, None when the registry does not know the number
    held_by: frozenset[int] = frozenset()  # contracts that already see the number
    is_waiting: bool = False  # an earlier try of this contract is undecided
    tries: int = 0  # tries of this contract on this Moscow day


@dataclass(frozen=True)
class KeyPlan:
    """The decision on a try. `outcome` is stored; the answer to the subscriber depends only on `at_once`."""

    number: str
    outcome: str
    name: str = ""

    @property
    def at_once(self) -> bool:
        return self.outcome == VERIFIED


def plan(typed: str, name: str, facts: KeyFacts) -> KeyPlan:
    """Return the outcome of a try (verified, foreign or waiting). Refused when the try is not allowed."""
    key, name = parse_number(typed), clean_name(name)
    if facts.contract_id in facts.held_by:
        raise Refused(number="Этот ключ уже добавлен, он есть в списке ниже.")
    if facts.is_waiting:
        raise Refused(number="Этот номер уже ждёт проверки, второй раз добавлять его не нужно.")
    if facts.tries >= TRIES_A_DAY:
        raise Refused(
            number="Сегодня было пять попыток, больше нельзя. Уточните номер в отделе охраны и добавьте "
            "его завтра."
        )
    return KeyPlan(key, outcome(facts), name)


def outcome(facts: KeyFacts) -> str:
    if facts.registered_to == facts.contract_id:
        return VERIFIED
    return FOREIGN if facts.registered_to is not None or facts.held_by else WAITING


def parse_number(text: str, field: str = "number") -> str:
    """Return the number as the station writes it: 3–16 hexadecimal digits, leading zeros kept. Refused at
    `field`.
    """
    bare = re.sub(r"[№#.]", "", read_digits(text)).translate(LOOKALIKES).upper()
    if not bare:
        raise Refused(**{field: f"Укажите номер ключа. {NUMBER_HINT}"})
    if not re.fullmatch(r"[0-9A-F]{3,16}", bare):
        raise Refused(**{field: NUMBER_HINT})
    return bare


def clean_name(text: str, field: str = "name") -> str:
    """Return the name of a key or of its user: one line of at most 40 characters, possibly empty. Refused at
    `field`.
    """
    text = clean_line(text)
    if len(text) > LONGEST_NAME:
        raise Refused(**{field: f"Слишком длинно: не больше {LONGEST_NAME} знаков. Сократите."})
    return text


def mask(number: str) -> str:
    """Return «•••56»: enough to recognise one's own key, not enough to add the key to another contract."""
    return f"•••{number[-2:]}"


def added_sms(contract_number: int, number: str) -> str:
    """Return the SMS that tells the contract's phone that a key was added."""
    contract = contracts.format_number(contract_number)
    return f"К договору {contract} добавлен ключ {mask(number)}. Не вы? Уберите в кабинете."


def check_challenge(checks: int) -> None:
    """Refused when the daily limit of checks is used up.

    The answer is the same for every number, so that it does not reveal whether the number exists.
    """
    if checks >= CHECKS_A_DAY:
        raise Refused(
            form="Сегодня было пять проверок, больше нельзя. Номер проверит сотрудник, или начните "
            "проверку завтра."
        )


def proof_ends(started_at: datetime) -> datetime:
    return started_at + PROOF


def proved_at(
    outcome: str,
    started_at: datetime,
    sequence: Sequence[str],
    events: Iterable[tuple[str, datetime]],
    rivals: int = 0,
) -> datetime | None:
    """Return the instant when the switches at the panel completed the requested order; None until then.

    `events` are oldest first, and no other switch may come between. A foreign number is never proved. Nor is
    a number that `rivals` other contracts are waiting for: one of them is at the panel, but it is not known
    which.
    """
    if outcome != WAITING or rivals:
        return None
    seen = [
        (kind, at) for kind, at in events if kind in PROVING and started_at <= at <= proof_ends(started_at)
    ]
    for start in range(len(seen) - len(sequence) + 1):
        part = seen[start : start + len(sequence)]
        if [kind for kind, _ in part] == list(sequence):
            return part[-1][1]
    return None


def step_sentences(sequence: Sequence[str]) -> list[str]:
    """Return the steps for the person at the panel: «Поставьте под охрану», «Снимите с охраны»…"""
    return [STEPS[one][0].upper() + STEPS[one][1:] for one in sequence]


def first_step_hint(sequence: Sequence[str]) -> str:
    """Return the hint for a site that is already in the state of the first step."""
    if sequence[0] == "arm":
        return "Если объект уже под охраной, сначала снимите его."
    return "Если объект снят с охраны, сначала поставьте его."


def parse_user_number(text: str, field: str = "user") -> str:
    """Return the number of a user at the panel, 1–999, without leading zeros. Refused at `field`."""
    if not re.fullmatch(r"\d{1,3}", text.strip(), re.ASCII) or not int(text):
        raise Refused(
            **{field: "Номер пользователя — число от 1 до 999, оно видно в ленте: «пользователь 3»."}
        )
    return strip_zeros(text.strip())


def strip_zeros(who: str) -> str:
    """Return a user or zone number without the leading zeros that the station adds."""
    return who.lstrip("0") or "0"
