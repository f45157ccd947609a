"""Compare a day's payments with the bank's list and name the differences."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from rules.payments.banking import BankPayment

# Each side has its own time of creation: near midnight it may fall on different days.
EDGE = timedelta(minutes=10)
KINDS = {
    "amount": "суммы разные",
    "state": "у банка другое состояние",
    "not_ours": "у нас такого платежа нет",
    "not_theirs": "у банка такого платежа нет",
}


@dataclass(frozen=True, slots=True)
class OurPayment:
    """A payment as we have it."""

    id: int
    bank_id: str | None
    amount: int
    state: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ReconciliationDifference:
    """A difference: kopecks and states of both sides, None where a side has no such payment."""

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
    ours: Iterable[OurPayment], theirs: Iterable[BankPayment], start: datetime, end: datetime
) -> list[ReconciliationDifference]:
    """Return the differences among payments made in [start, end).

    Both lists must reach `EDGE` further on each side, so that a payment near the edge is found in both.
    """
    mine, theirs_by_id = (
        {one.bank_id: one for one in ours if one.bank_id},
        {one.bank_id: one for one in theirs},
    )
    found = [
        _difference(mine.get(id), bank_payment)
        for id, bank_payment in theirs_by_id.items()
        if (id in mine and start <= mine[id].at < end)
        or (id not in mine and _within(bank_payment.at, start, end))
    ]
    found += [
        ReconciliationDifference("not_theirs", str(id), one.id, one.amount, None, one.state, "")
        for id, one in mine.items()
        if id not in theirs_by_id and start <= one.at < end
    ]
    return [one for one in found if one]


def _difference(one: OurPayment | None, bank_payment: BankPayment) -> ReconciliationDifference | None:
    if one is None:
        # A payment page that was opened and abandoned at the bank is no difference, because nobody paid.
        paid = bank_payment.state == "paid"
        return (
            ReconciliationDifference(
                "not_ours", bank_payment.bank_id, None, None, bank_payment.amount, "", bank_payment.state
            )
            if paid
            else None
        )
    kind = (
        "amount"
        if one.amount != bank_payment.amount
        else "state"
        if _paid(one.state) != _paid(bank_payment.state)
        else ""
    )
    if not kind:
        return None
    return ReconciliationDifference(
        kind, bank_payment.bank_id, one.id, one.amount, bank_payment.amount, one.state, bank_payment.state
    )


def _paid(state: str) -> bool:
    """Return whether the bank took the money; this includes payments that an accountant ended by hand."""
    return state in ("paid", "settled", "returned")


def _within(at: datetime | None, start: datetime, end: datetime) -> bool:
    return at is None or start <= at < end
