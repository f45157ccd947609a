import pytest

from rules import Refused
from rules.money.corrections import CorrectionPlan, check_second_accountant, check_waiting, plan

REASON = "Перерасчёт за ремонт линии"


@pytest.mark.parametrize(
    ("direction", "amount", "expected"),
    [
        ("add", "1500,50", CorrectionPlan(150_050, REASON, False)),
        ("take", "1 500.5", CorrectionPlan(-150_050, REASON, False)),
        ("take", "5000", CorrectionPlan(-500_000, REASON, False)),
        ("take", "5000,01", CorrectionPlan(-500_001, REASON, True)),
    ],
)
def test_a_second_accountant_above_the_limit(direction, amount, expected):
    assert plan(direction, amount, f"  {REASON} ", 500_000) == expected


@pytest.mark.parametrize(
    ("direction", "amount", "reason", "field"),
    [
        ("", "10", REASON, "direction"),
        ("add", "0", REASON, "amount"),
        ("add", "-1", REASON, "amount"),
        ("add", "1e3", REASON, "amount"),
        ("add", "١٥", REASON, "amount"),
        ("add", "10000000", REASON, "amount"),
        ("add", "10", "так надо", "reason"),
        ("add", "10", " " * 40, "reason"),
        ("add", "10", "а" * 301, "reason"),
    ],
)
def test_refuses(direction, amount, reason, field):
    with pytest.raises(Refused) as refused:
        plan(direction, amount, reason, 500_000)
    assert list(refused.value.problems) == [field]


def test_nobody_confirms_their_own():
    check_second_accountant(1, 2)
    with pytest.raises(Refused):
        check_second_accountant(1, 1)


@pytest.mark.parametrize("state", ["entered", "refused"])
def test_refuses_to_decide_a_correction_twice(state):
    check_waiting("waiting")
    with pytest.raises(Refused, match="Эту корректировку уже решили"):
        check_waiting(state)
