"""Which staff role may do what: one table, read by route guards, pages and tests."""

import re

from rules import Refused
from rules.requests.kinds import KINDS

ROLES = {
    "manager": "менеджер",
    "accountant": "бухгалтер",
    "engineer": "инженер",
    "admin": "администратор",
}

TABLE = """
              manager  accountant  engineer  admin
look          yes      yes         -         yes    open requests and subscribers' cards, search
answer        yes      yes         -         yes    write to a subscriber, ask, note, take and assign
decide        yes      -           -         yes    requests and papers; a lost application of codes
decide_money  yes      yes         -         yes    approve and refuse refunds, transfers and recalculations
override      yes      -           -         yes    approve on a day the notice does not allow, with a reason
correct       -        yes         -         yes    correct the ledger, close unreconciled payments
keys          yes      -           yes       yes    review keys that wait and events of unknown keys
work          -        -           yes       yes    outbox, jobs, imports, station; send again what died
notices       yes      -           -         yes    tell all subscribers something
canned        yes      -           -         yes    keep the ready-made answers
journal       -        -           -         yes    read who saw and did what
staff         -        -           -         yes    let people in and out of the desk
"""

LOGIN = re.compile(r"[a-z][a-z0-9._-]{1,31}", re.ASCII)


def _parse_table(table: str) -> dict[str, frozenset[str]]:
    head, *rows = table.strip().splitlines()
    roles = head.split()
    cells = [row.split(maxsplit=len(roles) + 1) for row in rows]
    return {
        act: frozenset(r for r, yes in zip(roles, marks, strict=False) if yes == "yes")
        for act, *marks in cells
    }


RIGHTS = _parse_table(TABLE)


def may(role: str | None, act: str) -> bool:
    """Return whether the role is allowed the act; KeyError for an act that is not in the table."""
    return role in RIGHTS[act]


def may_decide(role: str | None, kind: str) -> bool:
    """Return whether the role may approve or refuse a request of this kind."""
    return may(role, "decide_money" if KINDS[kind].money else "decide")


def parse_login(text: str) -> str:
    """Return the login in lower case: Latin letters, digits, dots, dashes; else Refused."""
    bare = text.strip().lower()
    if not LOGIN.fullmatch(bare):
        raise Refused(login="Логин — от 2 до 32 латинских букв, цифр, точек и дефисов, начинается с буквы.")
    return bare
