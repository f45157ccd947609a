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


@pytest.mark.parametrize(
    ("bic", "account"),
    [
        ("014030106", "03224643400000007200"),
        ("017003983", "03100643000000018500"),
        ("004525988", "03100643000000017300"),
        ("049805746", "40602810700000000025"),
        ("044030827", "40502810100000002851"),
    ],
)
def test_takes_accounts_of_the_treasury_and_of_organisations_of_the_state(bic, account):
    assert bank_details.read_account(account, bank_details.read_bic(bic)) == account


@pytest.mark.parametrize(
    ("bic", "account", "says"),
    [
        ("044030827", "03224643400000007200", "только с БИК казначейства"),
        ("014030106", "03224810400000007200", "643"),
        ("014030106", "40102810945370000005", "Укажите казначейский"),
    ],
)
def test_refuses_what_the_treasury_has_not(bic, account, says):
    with pytest.raises(Refused, match=says):
        bank_details.read_account(account, bic)


def test_the_treasury_s_own_accounts_are_keyed_by_its_office():
    assert bank_details.key_fits("014030106", "40102810945370000005")
    assert bank_details.key_fits("017003983", "40102810445370000059")


@pytest.mark.parametrize(
    "name", ["ТСЖ «Дом № 5»", 'ООО "А+Б"', "Анна‑Мария О’Нил", "ИП Ким Б.Л.", "ГБУ «Школа № 1» (филиал)"]
)
def test_names_as_papers_have_them(name):
    assert refunds.read_recipient(f" {name}​ ") == name


@pytest.mark.parametrize("name", ["", "1", "12345", "<b>Анна</b>", "«»", "a|b", "я" * 161])
def test_refuses_what_is_no_name(name):
    with pytest.raises(Refused):
        refunds.read_recipient(name)


def test_the_name_we_filled_in_is_never_refused():
    assert refunds.read_recipient("[1] " + "я" * 200, prefilled="[1] " + "я" * 200).startswith("[1]")


GOOD = {
    "amount": "100",
    "recipient": "Иванова Анна Петровна",
    "bic": "044030827",
    "account": "40702810900000002851",
}


def test_a_refund_up_to_what_is_free():
    assert refunds.plan(**GOOD | {"amount": "150,50"}, free=15_050).amount == 15_050


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
        refunds.plan(**GOOD | change, free=free)
    assert set(refused.value.problems) == {field}


def test_every_wrong_field_is_named_at_once():
    with pytest.raises(Refused) as refused:
        refunds.plan("", "", "", "", free=100)
    assert set(refused.value.problems) == {"amount", "recipient", "bic", "account"}
