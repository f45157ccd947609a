"""How what nobody asked for may be closed."""

import pytest

from rules import Refused
from rules.payments import discrepancies
from rules.payments.payments import next_state


@pytest.mark.parametrize(
    ("kind", "payee", "currency", "alone", "choice"),
    [
        ("amount", "operator", "RUB", True, {"credited", "returned", "mistake"}),
        ("amount", "operator", "RUB", False, {"corrected", "returned", "mistake"}),
        ("currency", "operator", "USD", True, {"corrected", "returned", "mistake"}),
        ("order", "operator", "RUB", True, {"corrected", "returned", "mistake"}),
        ("amount", "police", "RUB", True, {"returned", "mistake"}),
        ("unknown", None, "RUB", True, {"corrected", "returned", "mistake"}),
    ],
)
def test_only_a_wrong_sum_of_our_own_may_be_credited_as_it_is(kind, payee, currency, alone, choice):
    assert set(discrepancies.allowed_outcomes(kind, payee, currency, alone)) == choice


def test_a_closing_needs_its_outcome_and_words():
    with pytest.raises(Refused) as refused:
        discrepancies.read_closing({"outcome": "credited", "note": "да"}, {"returned": ""})
    assert set(refused.value.problems) == {"outcome", "note"}


@pytest.mark.parametrize("told", ["paid", "failed", "pending"])
@pytest.mark.parametrize("state", ["settled", "returned"])
def test_what_an_accountant_ended_the_bank_does_not_move(state, told):
    assert next_state(state, told) is None


def test_a_mistake_of_the_bank_may_still_be_mended_by_the_bank():
    assert next_state(discrepancies.PAYMENT_STATE["mistake"], "paid") == "paid"
