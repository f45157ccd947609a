"""Control keys against the examples the Bank of Russia published with the rule (08.09.1997 № 515) and known
accounts.
"""

import pytest

from rules import Refused
from rules.payments import bank_details, refunds


@pytest.mark.parametrize(
    ("bic", "account"),
    [
        ("049805000", "30101810800000000746"),
        ("049805746", "40602810700000000025"),
        ("044030827", "40702810900000002851"),
        ("044525225", "30101810400000000225"),
        ("044514512", "40702810900000000025"),
    ],
)
def test_published_examples_fit_and_every_other_key_does_not(bic, account):
    assert bank_details.key_fits(bic, account)
    others = [f"{account[:8]}{key}{account[9:]}" for key in range(10) if str(key) != account[8]]
    assert not any(bank_details.key_fits(bic, other) for other in others)


def test_one_wrong_digit_anywhere_is_noticed():
    bic, account = "044030827", "40702810900000002851"
    for at in range(20):
        wrong = account[:at] + str((int(account[at]) + 1) % 10) + account[at + 1 :]
        assert not bank_details.key_fits(bic, wrong), at


@pytest.mark.parametrize("text", ["", "44030827", "144030827", "0440308277", "04403082a", "٠٤٤٠٣٠٨٢٧"])
def test_refuses_what_is_no_bic(text):
    with pytest.raises(Refused):
        bank_details.read_bic(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("4276 5500 1234 5678", "не номер карты"),
        ("40702810900000002852", "контрольная цифра"),
        ("30101810400000000225", "свой расчётный счёт"),
        ("40702840900000002851", "валюте"),
        ("4070281090000000285", "двадцать цифр"),
    ],
)
def test_refuses_an_account_and_says_what_is_wrong(text, says):
    with pytest.raises(Refused) as refused:
        bank_details.read_account(text, "044030827")
    assert says in refused.value.problems["account"]


def test_takes_spaces_as_people_copy_them():
    assert (
        bank_details.read_account("4070 2810 9000 0000 2851", bank_details.read_bic("044 030 827"))
        == "40702810900000002851"
    )


@pytest.mark.parametrize("inn", ["7707083893", "500100732259"])
def test_takes_known_inns(inn):
    assert bank_details.read_inn(inn) == inn


@pytest.mark.parametrize("inn", ["7707083894", "500100732258", "500100732269", "123", ""])
def test_refuses_inns_that_do_not_add_up(inn):
    with pytest.raises(Refused):
        bank_details.read_inn(inn)


GOOD = {
    "amount": "100",
    "recipient": "Иванова Анна Петровна",
    "bic": "044030827",
    "account": "40702810900000002851",
}


def test_a_refund_up_to_what_is_free():
    assert refunds.plan(**GOOD | {"amount": "150,50"}, free=15_050, documents=1).amount == 15_050


@pytest.mark.parametrize(
    ("change", "free", "field"),
    [
        ({"amount": "150,51"}, 15_050, "amount"),
        ({"amount": "0"}, 15_050, "amount"),
        ({"amount": "-5"}, 15_050, "amount"),
        ({"amount": "1000000000000"}, 15_050, "amount"),
        ({"amount": "сто"}, 15_050, "amount"),
        ({"amount": "1,005"}, 15_050, "amount"),
        ({}, 0, "amount"),
        ({}, -500, "amount"),
        ({"recipient": "<b>"}, 15_050, "recipient"),
        ({"recipient": ""}, 15_050, "recipient"),
        ({"bic": "1"}, 15_050, "bic"),
        ({"account": "1"}, 15_050, "account"),
    ],
)
def test_refuses_a_refund_at_the_field_that_is_wrong(change, free, field):
    with pytest.raises(Refused) as refused:
        refunds.plan(**GOOD | change, free=free, documents=1)
    assert set(refused.value.problems) == {field}


def test_every_wrong_field_is_named_at_once_and_a_passport_is_needed():
    with pytest.raises(Refused) as refused:
        refunds.plan("", "", "", "", free=100, documents=0)
    assert set(refused.value.problems) == {"amount", "recipient", "bic", "account", "files"}
