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


def test_only_an_open_discrepancy_is_closed():
    assert discrepancies.require_open("row") == "row"
    with pytest.raises(Refused) as refused:
        discrepancies.require_open(None)
    assert refused.value.problems == {"form": "Этого расхождения уже нет в списке: его закрыли."}


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("credited", "банк принял 400,00 ₽ вместо 500,00 ₽, зачислили 400,00 ₽."),
        ("corrected", "деньги зачислены на счёт договора вручную."),
        ("returned", "деньги возвращаются туда, откуда пришли. На счёт они не зачислены."),
        ("mistake", "банк ошибся, денег он не получал. Заплатите ещё раз."),
    ],
)
def test_the_subscriber_reads_how_it_ended(outcome, words):
    message = discrepancies.closing_message(7, outcome, 40_000, 50_000)
    assert message.text.replace("\u00a0", " ") == f"Разобрались с платежом № 7: {words}"
    assert message.subject == "О вашем платеже"


@pytest.mark.parametrize("told", ["paid", "failed", "pending"])
@pytest.mark.parametrize("state", ["settled", "returned"])
def test_what_an_accountant_ended_the_bank_does_not_move(state, told):
    assert next_state(state, told) is None


def test_a_mistake_of_the_bank_may_still_be_mended_by_the_bank():
    assert next_state(discrepancies.PAYMENT_STATE["mistake"], "paid") == "paid"
