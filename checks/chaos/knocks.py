"""What a stranger learns at the doors: known or not by the time it takes, and how soon guessing is
stopped.
"""

import os
import random
import time
from collections.abc import Callable
from statistics import median

from checks.chaos.abuse import Finding
from checks.chaos.client import Client
from checks.chaos.filling import FIRST
from checks.chaos.trial import Trial
from tests.kit.cast import PASSWORD

TRIES = int(os.environ.get("TRIES", "1000"))
NOBODYS = 78900000
APART = 30  # milliseconds between two medians that nobody can tell over a line
Knock = Callable[[Client, int, int], tuple[float, int]]


def timed(visitor: Client, place: str, **fields: str) -> tuple[float, int]:
    began = time.perf_counter()
    code = visitor.post(place, **fields).status_code
    return time.perf_counter() - began, code


def signing_in(visitor: Client, number: int, n: int) -> tuple[float, int]:
    return timed(visitor, "/login", number=str(number), password=f"не тот {n}")


def recovering(visitor: Client, number: int, n: int) -> tuple[float, int]:
    return timed(visitor, "/recover", number=str(number))


def registering(visitor: Client, number: int, n: int) -> tuple[float, int]:
    """With the phone of the contract, where there is one."""
    typed = {
        "number": str(number),
        "phone": f"+7921555{number % FIRST % 10000:04}",
        "email": f"a{n}@example.ru",
    }
    return timed(visitor, "/register", **typed)


def by_code(visitor: Client, number: int, n: int) -> tuple[float, int]:
    return timed(visitor, "/login/code", number=str(number))


# (what, how, from which of the people on, tries for each number before its limit, answers of the door)
DOORS: list[tuple[str, Knock, int, int, set[int]]] = [
    ("вход", signing_in, 0, 8, {422}),
    ("восстановление пароля", recovering, 0, 3, {303}),
    ("регистрация", registering, 140, 3, {303}),
    ("вход по коду", by_code, 280, 3, {303}),
]


def times(found: Trial, clients: list[Client]) -> Finding:
    """Each door asked of a contract that exists and of one that does not, in turn."""
    finding, said = Finding("по времени: есть ли такой договор; вход, восстановление, регистрация, код"), []
    for what, knock, first, each, good in DOORS:
        visitor = Client(found.house.origin)
        visitor.http.get("/login")
        spent: dict[bool, list[float]] = {True: [], False: []}
        for n in range(TRIES if each > 3 else min(TRIES, 140 * each)):
            for known in random.sample((True, False), 2):
                number = (found.people[0].contract if known else NOBODYS) + first + n // each
                took, code = knock(visitor, number, n)
                spent[known].append(took)
                finding.expect(code in good, f"{what}: {number}: {code}")
        told = [median(spent[known]) * 1000 for known in (True, False)]
        said.append(f"{what} {told[0]:.0f} и {told[1]:.0f} мс, разница {abs(told[0] - told[1]):.1f}")
        finding.expect(abs(told[0] - told[1]) <= APART, said[-1])
    finding.outcome = "медианы: " + "; ".join(said)
    return finding


def besieged(found: Trial, clients: list[Client]) -> Finding:
    """Strangers use up everything of one person that a stranger can; she comes in and confirms all the
    same.
    """
    finding, stranger = (
        Finding("чужие против одного человека: пароли, восстановления"),
        Client(found.house.origin),
    )
    victim = found.people[-2]
    own = Client(found.house.origin).enter(
        victim.contract
    )  # from her own browser, at the strangers' very address
    stranger.http.get("/login")
    codes = [
        stranger.post("/login", number=str(victim.contract), password=f"мимо {n}").status_code
        for n in range(200)
    ]
    finding.expect(codes == [422] * 10 + [429] * 190, f"подбор: {codes[:15]}")
    codes = [stranger.post("/recover", number=str(victim.contract)).status_code for _ in range(6)]
    finding.expect(codes == [303] * 3 + [429] * 3, f"восстановления: {codes}")
    place = own.post("/confirm/send", next="/autopay/new").headers.get("location", "")
    finding.expect(place.startswith("/confirm"), f"код подтверждения: {place}")
    own.post("/logout")
    code = own.post("/login", number=str(victim.contract), password=PASSWORD).status_code
    finding.expect(code == 303, f"вход хозяйки: {code}")
    finding.outcome = "чужие остановлены, хозяйка вошла и получила код"
    return finding


def guessing(found: Trial, clients: list[Client]) -> Finding:
    """The eleventh wrong password is not looked at, even the right one after it; a neighbour comes in
    unhindered.
    """
    finding, visitor = Finding("подбор пароля"), Client(found.house.origin)
    victim = found.people[-1]  # of whom `times` never asked
    visitor.http.get("/login")
    codes = [
        visitor.post("/login", number=str(victim.contract), password=f"мимо {n}").status_code
        for n in range(11)
    ]
    finding.expect(codes == [422] * 10 + [429], f"остановлено не на 11-й: {codes}")
    right = visitor.post("/login", number=str(victim.contract), password=PASSWORD)
    finding.expect(right.status_code == 429, f"верный пароль после остановки: {right.status_code}")
    finding.expect(bool(Client(found.house.origin).enter(found.people[1].contract)), "соседа не пустили")
    finding.outcome = "остановлен на 11-й попытке, сосед вошёл"
    return finding
