"""When an approved refund may be paid out, and what its entry says."""

from datetime import date

import pytest

from rules import Refused
from rules.payments import refunds


@pytest.mark.parametrize("attempt", [None, "failed"])
def test_an_approved_refund_is_paid_once_or_again_after_the_bank_refused(attempt):
    refunds.check_payable("refund", "approved", attempt)


@pytest.mark.parametrize(
    ("kind", "state", "attempt"),
    [
        ("letter", "approved", None),
        ("refund", "new", None),
        ("refund", "done", "paid"),
        ("refund", "approved", "asked"),
        ("refund", "approved", "paid"),
    ],
)
def test_refuses_a_refund_in_any_other_state(kind, state, attempt):
    with pytest.raises(Refused) as refused:
        refunds.check_payable(kind, state, attempt)
    assert refused.value.problems == {"form": "Этот возврат уже в другом состоянии. Обновите страницу."}


@pytest.mark.parametrize("balance", [50_000, 50_001])
def test_a_refund_up_to_the_whole_balance_is_covered(balance):
    refunds.check_balance(50_000, balance)


@pytest.mark.parametrize("balance", [49_999, 0, -100])
def test_refuses_a_refund_of_money_that_services_have_used(balance):
    with pytest.raises(Refused, match="На балансе меньше 500,00\u00a0₽: пока заявка ждала"):
        refunds.check_balance(50_000, balance)


def test_refuses_a_payment_the_bank_cannot_refund_along():
    refunds.check_payment("b1", {"b1", "b2"})
    with pytest.raises(Refused) as refused:
        refunds.check_payment("b3", {"b1", "b2"})
    assert set(refused.value.problems) == {"payment"}


@pytest.mark.parametrize(
    ("typed", "stored"), [("  118  от 22.11.2026 ", "118 от 22.11.2026"), ("1" * 60, "1" * 60)]
)
def test_a_document_is_stored_without_stray_spaces(typed, stored):
    assert refunds.read_document(typed) == stored
    assert refunds.transfer_note(stored) == f"Возврат, платёжное поручение {stored}"


@pytest.mark.parametrize("typed", ["", "   ", "1" * 61])
def test_refuses_a_document_without_number_or_too_long(typed):
    with pytest.raises(Refused) as refused:
        refunds.read_document(typed)
    assert set(refused.value.problems) == {"document"}


def test_a_payment_is_offered_by_its_means_and_day():
    assert refunds.payment_choice("sbp", None, date(2026, 11, 2)) == (
        "Оплата через СБП, 2\u00a0ноября\u00a02026"
    )
