from datetime import UTC, datetime, timedelta

import pytest

from rules.payments.banking import BankPayment
from rules.payments.reconciliations import OurPayment, compare

START = datetime(2026, 11, 21, 21, tzinfo=UTC)
END = START + timedelta(days=1)
NOON = START + timedelta(hours=12)


def ours(id="b-1", amount=50_000, state="paid", at=NOON):
    return OurPayment(7, id, amount, state, at)


def theirs(id="b-1", amount=50_000, state="paid", at=NOON):
    return BankPayment(id, state, amount, "RUB", at=at)


@pytest.mark.parametrize(
    ("mine", "said", "kinds"),
    [
        ([ours()], [theirs()], []),
        ([ours()], [theirs(amount=1)], ["amount"]),
        ([ours(state="pending")], [theirs()], ["state"]),
        ([ours()], [theirs(state="pending")], ["state"]),
        ([ours(state="pending")], [theirs(state="failed")], []),
        ([], [theirs()], ["not_ours"]),
        ([], [theirs(state="failed")], []),
        ([ours()], [], ["not_theirs"]),
        ([ours(id=None)], [], []),
        # The bank wrote it down on the other side of midnight: found there, compared once.
        ([ours(at=END - timedelta(seconds=5))], [theirs(at=END + timedelta(seconds=5))], []),
        ([ours(at=END + timedelta(seconds=5))], [theirs(at=END - timedelta(seconds=5))], []),
        ([ours(at=END + timedelta(seconds=5))], [theirs(at=END + timedelta(seconds=5), amount=1)], []),
        ([], [theirs(at=END + timedelta(seconds=5))], []),
        ([ours(at=START - timedelta(seconds=5))], [], []),
    ],
)
def test_only_what_differs_on_that_day(mine, said, kinds):
    assert [one.kind for one in compare(mine, said, START, END)] == kinds
