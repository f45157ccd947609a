"""What adding a key number leads to (manual §3.4, SPEC §3.4).

A key number tells when somebody's home is empty. So a number the registry gives to this contract is shown at
once; any other waits, and a number of another contract waits with the very same words as a number nobody
knows: the answer must not tell a stranger that the number is alive. Only the desk sees the difference.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rules import Refused

TRIES_A_DAY = 5
CHECKS_A_DAY = 5
PROOF = timedelta(minutes=5)
LATE = timedelta(minutes=10)  # what was done in time may reach us so much later
PROVING = frozenset({"arm", "disarm"})
# Nobody lives so: the true owner goes out in the morning and comes home in the evening.
SEQUENCES = (("arm", "disarm", "arm"), ("disarm", "arm", "disarm"))
STEPS = {"arm": "поставьте под охрану", "disarm": "снимите с охраны"}
LONGEST_NAME = 40

VERIFIED, FOREIGN, WAITING = "verified", "foreign", "waiting"

# Stations write account numbers in hexadecimal; a Russian keyboard types its letters so that nobody sees the
# mistake.
LOOKALIKES = str.maketrans("АВСЕАабсе", "ABCEAABCE")
SAY = "Номер ключа — от 3 до 16 цифр, его назовёт районный отдел вневедомственной охраны."


@dataclass(frozen=True)
class Facts:
    """What is known about a number when a contract tries it."""

    contract_id: int
    registered_to: (
        int | None
    )  # the contract the registry names, None when the registry does not know the number
    held_by: frozenset[int] = frozenset()  # contracts that see the number already
    waits: bool = False  # this contract's own earlier try is not decided yet
    tries: int = 0  # this contract's tries this Moscow day


@dataclass(frozen=True)
class Plan:
    """`outcome` is what is written; what the person is told depends on `at_once` alone."""

    number: str
    outcome: str
    name: str = ""

    @property
    def at_once(self) -> bool:
        return self.outcome == VERIFIED


def plan(typed: str, name: str, facts: Facts) -> Plan:
    """Verified, foreign or waiting; Refused when the try itself may not be made."""
    key, name = number(typed), named(name)
    if facts.contract_id in facts.held_by:
        raise Refused(number="Этот ключ уже добавлен, он есть в списке ниже.")
    if facts.waits:
        raise Refused(number="Этот номер уже ждёт проверки, второй раз добавлять его не нужно.")
    if facts.tries >= TRIES_A_DAY:
        raise Refused(
            number="Сегодня было пять попыток, больше нельзя. Уточните номер в отделе охраны и добавьте "
            "его завтра."
        )
    return Plan(key, outcome(facts), name)


def outcome(facts: Facts) -> str:
    if facts.registered_to == facts.contract_id:
        return VERIFIED
    return FOREIGN if facts.registered_to is not None or facts.held_by else WAITING


def number(text: str, field: str = "number") -> str:
    """The number as the station writes it: 3–16 hexadecimal digits, leading zeros kept; else Refused."""
    bare = re.sub(r"[\s\u00a0\u202f№#.–—−-]", "", text).translate(LOOKALIKES).upper()
    if not bare:
        raise Refused(**{field: f"Укажите номер ключа. {SAY}"})
    if not re.fullmatch(r"[0-9A-F]{3,16}", bare):
        raise Refused(**{field: SAY})
    return bare


def named(text: str, field: str = "name") -> str:
    """A name a person gives to a key or to a user of it: one line, at most 40 characters, may be empty."""
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if len(text) > LONGEST_NAME:
        raise Refused(**{field: f"Слишком длинно: не больше {LONGEST_NAME} знаков. Сократите."})
    return text


def masked(number: str) -> str:
    """•••56: enough for the owner to tell keys apart, not enough to add it elsewhere; the length is hidden
    too.
    """
    return f"•••{number[-2:]}"


def check_challenge(checks: int) -> None:
    """Refused when this contract has begun enough checks today; alike for every number, or the words would
    tell.
    """
    if checks >= CHECKS_A_DAY:
        raise Refused(
            form="Сегодня было пять проверок, больше нельзя. Номер проверит сотрудник, или начните "
            "проверку завтра."
        )


def proof_ends(started_at: datetime) -> datetime:
    return started_at + PROOF


def proved(
    outcome: str,
    started_at: datetime,
    sequence: Sequence[str],
    events: Iterable[tuple[str, datetime]],
    rivals: int = 0,
) -> datetime | None:
    """The instant at which the panel had done what we asked, in our order and nothing between; None until
    then.

    `events` oldest first. Only who holds the key knows the order and when it was asked for: the true owner's
    evening disarm opens nothing to a stranger. A foreign number is never proved, nor is one that `rivals`
    other contracts wait for as well: one of them is at the panel, and we cannot see which.
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


def steps(sequence: Sequence[str]) -> list[str]:
    """«Поставьте под охрану», «Снимите с охраны»… as the person at the panel reads them."""
    return [STEPS[one][0].upper() + STEPS[one][1:] for one in sequence]


def before(sequence: Sequence[str]) -> str:
    """What to do first when the site is already in the state the first step leads to; it does not spoil the
    order.
    """
    if sequence[0] == "arm":
        return "Если объект уже под охраной, сначала снимите его."
    return "Если объект снят с охраны, сначала поставьте его."


def user_number(text: str, field: str = "user") -> str:
    """The number of a user at the panel, 1–999, without leading zeros; else Refused."""
    if not re.fullmatch(r"\d{1,3}", text.strip(), re.ASCII) or not int(text):
        raise Refused(
            **{field: "Номер пользователя — число от 1 до 999, оно видно в ленте: «пользователь 3»."}
        )
    return plain(text.strip())


def plain(who: str) -> str:
    """A user or zone number as people say it: stations pad it with zeros."""
    return who.lstrip("0") or "0"
