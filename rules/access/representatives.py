"""Rights of representatives: which exist, which pages each opens, and how long they last.

What is not listed here belongs to the owner alone: settings, rights, autopay and bound cards, changing keys,
confirming by a code.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from rules import Problems, Refused, days, names, phones
from rules.requests.kinds import KINDS, OWNER_ONLY

EVENTS, PAY, REQUESTS = "events", "pay", "requests"
RIGHTS = {
    EVENTS: ("Смотреть события", "Постановки, снятия и тревоги объектов; написать, чем кончилась тревога"),
    PAY: ("Платить", "Баланс, оплата, выписка, чеки и документы"),
    REQUESTS: (
        "Отправлять обращения",
        "Письма нам, перерасчёт, фамилия, возобновление канала, SMS на ваш телефон",
    ),
}
OWN = "own"
# First segment of a path → the right that opens it; None opens it to every representative.
PATH_RIGHTS: Mapping[str, str | None] = {
    "": None,
    "consent": None,
    "contracts": None,
    "notices": None,
    "help": None,
    "contacts": None,
    "events": EVENTS,
    "keys": EVENTS,
    "alarms": EVENTS,
    "supervision": EVENTS,
    "payments": PAY,
    "templates": PAY,
    "statement": PAY,
    "receipts": PAY,
    "police": PAY,
    "payment-templates": PAY,
    "requests": REQUESTS,
    "inbox": REQUESTS,
    "drafts": REQUESTS,
    "blanks": REQUESTS,
}
OWNER_ONLY_KINDS = tuple(sorted(OWNER_ONLY))  # only the owner sends these and writes in their dialogues
OWNER_ONLY_FORMS = frozenset(f"requests/new/{kind}" for kind in OWNER_ONLY_KINDS)
# A representative may pay by a template but not change it: that would redirect the owner's next payment.
OWNER_ONLY_PAGES = re.compile(r"templates/[^/]+/(edit|delete)")
READ_ONLY_PATHS = (
    "keys",
    "supervision",
)  # viewing only; adding, renaming and removing are the owner's
MAX_MONTHS = 36  # months
NAMELESS = "Напишите, как зовут этого человека: под этим именем он будет в журнале."


@dataclass(frozen=True)
class Role:
    """A named set of rights, e.g. «Бухгалтер»."""

    title: str
    hint: str
    rights: tuple[str, ...]


ROLES = {
    "accountant": Role(
        "Бухгалтер", "Платит и видит баланс, выписку, чеки и документы. Событий и обращений не видит", (PAY,)
    ),
    "guard": Role(
        "Охрана", "Видит события и пишет, чем кончилась тревога. Денег и обращений не видит", (EVENTS,)
    ),
    "assistant": Role(
        "Помощник",
        "То и другое, и пишет нам: вопросы, перерасчёт, возобновление канала",
        (EVENTS, PAY, REQUESTS),
    ),
}
# What a right no longer opens; its holders are told once.
REMOVED_RIGHTS = {
    REQUESTS: "Приостановить канал, отключить SMS-информирование или сменить его номер, перенести или "
    "вернуть деньги, "
    "расторгнуть договор теперь может только сам абонент, по коду. Отозвать представитель может только то, "
    "что отправил сам.",
    PAY: "Шаблоны платежей сохраняет и меняет только сам абонент. Платить по ним представитель может "
    "по-прежнему.",
}


@dataclass(frozen=True)
class RepresentativePlan:
    name: str
    phone: str
    until: date
    rights: tuple[str, ...]


def is_path_allowed(rights: Collection[str], method: str, path: str) -> bool:
    """Return whether a representative with these rights may open this path. Unlisted paths are closed."""
    bare = path.strip("/")
    first = bare.partition("/")[0].partition(".")[0]
    if first not in PATH_RIGHTS or bare in OWNER_ONLY_FORMS or OWNER_ONLY_PAGES.fullmatch(bare):
        return False
    if first in READ_ONLY_PATHS and (method not in ("GET", "HEAD") or bare != first):
        return False
    wanted = PATH_RIGHTS[first]
    return wanted is None or wanted in rights


def removed_rights_words(rights: str | None) -> list[str]:
    """Return a sentence for each of these rights that no longer opens something; `rights` as stored in rows,
    None for none.
    """
    return [words for right, words in REMOVED_RIGHTS.items() if right in (rights or "").split()]


def choose_rights(role: str, ticked: Collection[str]) -> tuple[str, ...]:
    """Return the rights of the role, or the ticked ones for OWN or no role; Refused when the ticks exceed the
    role.
    """
    own = tuple(one for one in RIGHTS if one in ticked)
    if role not in ROLES:
        if not own:
            raise Refused(rights="Выберите роль или отметьте хотя бы одно право.")
        return own
    if not set(own) <= set(ROLES[role].rights):
        raise Refused(
            rights=f"Отмеченных прав у роли «{ROLES[role].title}» нет. Выберите «Отметить самостоятельно»."
        )
    return ROLES[role].rights


def plan(
    name: str, phone: str, until: str, role: str, ticked: Collection[str], today: date, own: str | None
) -> RepresentativePlan:
    """Return who gets which rights until which day (inclusive), or Refused with a sentence at each field."""
    problems = Problems()
    name = problems.read(names.parse, name, "name", NAMELESS) or ""
    number = problems.read(phones.parse, phone)
    if number and number == own:
        problems["phone"] = "Это ваш телефон для входа. Укажите телефон другого человека."
    latest, last = days.add_months(today, MAX_MONTHS), problems.read(days.parse, until, "until")
    if last and not today <= last <= latest:
        problems["until"] = (
            f"Укажите день с {days.short(today)} по {days.short(latest)}: права даются на срок."
        )
    rights = problems.read(choose_rights, role, ticked)
    if problems or number is None or last is None or rights is None:
        raise Refused(**problems)
    return RepresentativePlan(name, number, last, rights)


def rights_words(rights: Collection[str]) -> str:
    """Return «смотреть события, платить», preceded by the role's name when the rights are exactly a
    role's.
    """
    words = ", ".join(RIGHTS[one][0].lower() for one in RIGHTS if one in rights)
    role = next((one.title for one in ROLES.values() if set(one.rights) == set(rights)), "")
    return f"{role}: {words}" if role else words


def owner_only_words() -> str:
    """Return «приостановить канал связи, отключить …»: the kinds of request representatives cannot send."""
    return ", ".join(kind.phrase for kind in KINDS.values() if kind.owner_only)
