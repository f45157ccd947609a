"""A day's payments beside the bank's list of them: what is the same needs no eyes, what differs is named
(SPEC §5).
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from rules.payments.banking import Known

# The bank writes its own time of creation: near midnight one side may have the payment a day earlier.
EDGE = timedelta(minutes=10)
KINDS = {
    "amount": "суммы разные",
    "state": "у банка другое состояние",
    "not_ours": "у нас такого платежа нет",
    "not_theirs": "у банка такого платежа нет",
}
STATES = {
    "paid": "оплачен",
    "pending": "ждёт",
    "failed": "не прошёл",
    "created": "не отправлен",
    "expired": "брошен",
    "settled": "зачислен вручную",
    "returned": "возвращён",
}


@dataclass(frozen=True, slots=True)
class Ours:
    """A payment as we have it."""

    id: int
    bank_id: str | None
    amount: int
    state: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Difference:
    """What does not fit; kopecks and states of both sides, None where a side has nothing."""

    kind: str
    bank_id: str
    payment_id: int | None
    ours: int | None
    theirs: int | None
    our_state: str
    their_state: str

    @property
    def words(self) -> str:
        return KINDS[self.kind]

    def plain(self) -> dict:
        return asdict(self)


def compare(
    ours: Iterable[Ours], theirs: Iterable[Known], start: datetime, end: datetime
) -> list[Difference]:
    """Differences among payments made in [start, end); both lists reach `EDGE` further on each side to be
    found in.
    """
    mine, said = {one.bank_id: one for one in ours if one.bank_id}, {one.bank_id: one for one in theirs}
    found = [
        _difference(mine.get(id), known)
        for id, known in said.items()
        if (id in mine and start <= mine[id].at < end) or (id not in mine and _within(known.at, start, end))
    ]
    found += [
        Difference("not_theirs", str(id), one.id, one.amount, None, one.state, "")
        for id, one in mine.items()
        if id not in said and start <= one.at < end
    ]
    return [one for one in found if one]


def _difference(one: Ours | None, known: Known) -> Difference | None:
    if one is None:
        # What nobody paid costs nobody anything: an abandoned page of the bank is no difference.
        paid = known.state == "paid"
        return (
            Difference("not_ours", known.bank_id, None, None, known.amount, "", known.state) if paid else None
        )
    kind = (
        "amount" if one.amount != known.amount else "state" if _paid(one.state) != _paid(known.state) else ""
    )
    if not kind:
        return None
    return Difference(kind, known.bank_id, one.id, one.amount, known.amount, one.state, known.state)


def _paid(state: str) -> bool:
    """Whether the bank took the money; what an accountant ended by hand was money too."""
    return state in ("paid", "settled", "returned")


def _within(at: datetime | None, start: datetime, end: datetime) -> bool:
    return at is None or start <= at < end
