"""The QR code's text, by ГОСТ Р 56042-2014."""

import pytest

from rules.payments.payment_qr import PayeeAccount, code_text, parse_code

TO = PayeeAccount(
    "ООО «Росохрана Телеком»",
    "40702810000000000001",
    "Банк",
    "044030001",
    "30101810000000000001",
    "7800000001",
)


def test_says_its_fields_in_order():
    code = code_text(TO, "Оплата по договору 78000001", 150050, PersAcc="78000001")
    assert code.startswith(
        "ST00012|Name=ООО «Росохрана Телеком»|PersonalAcc=40702810000000000001|BankName=Банк|BIC="
    )
    assert parse_code(code)["Sum"] == "150050" and parse_code(code)["PersAcc"] == "78000001"


def test_without_a_sum_the_payer_types_it():
    assert "Sum" not in parse_code(code_text(TO, "Оплата"))


def test_nothing_typed_can_add_a_field():
    assert parse_code(code_text(TO, "Охрана|Sum=1\n|Name=Я", 100))["Sum"] == "100"
    assert parse_code(code_text(TO, "Охрана|Sum=1\n|Name=Я", 100))["Name"] == TO.name


def test_what_is_no_code_is_not_read():
    with pytest.raises(ValueError):
        parse_code("https://example.ru")
