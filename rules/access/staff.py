"""Who at the desk may do what: one table, read by guards, pages and tests alike."""

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
    """Whether the role's row says yes; an act that is not in the table is a mistake and raises KeyError."""
    return role in RIGHTS[act]


def may_decide(role: str | None, kind: str) -> bool:
    """Whether the role may approve or refuse a request of this kind."""
    return may(role, "decide_money" if KINDS[kind].money else "decide")


def parse_login(text: str) -> str:
    """A login: Latin letters, digits, dot, dash; else Refused."""
    bare = text.strip().lower()
    if not LOGIN.fullmatch(bare):
        raise Refused(login="Логин — от 2 до 32 латинских букв, цифр, точек и дефисов, начинается с буквы.")
    return bare
