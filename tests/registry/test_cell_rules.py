"""Cells of an export in every spelling seen in the wild."""

from datetime import date

import pytest

from rules import Refused
from rules.registry import cells

NBSP = "\u00a0"


@pytest.mark.parametrize(
    "text",
    [
        "01.02.2024",
        "1.2.2024",
        "2024-02-01",
        "01.02.2024 0:00:00",
        "2024-02-01T00:00:00",
        "01/02/2024",
        "01.02.24",
    ],
)
def test_a_day_is_read_in_any_spelling(text):
    assert cells.day(text) == date(2024, 2, 1)


@pytest.mark.parametrize("text", ["", " ", "-", "01.01.0001", "01.01.0001 0:00:00"])
def test_an_empty_day_is_no_day(text):
    assert cells.day(text) is None


@pytest.mark.parametrize("text", ["31.02.2024", "2024-13-01", "вчера", "1.2", "32.01.2024", "٠١.٠٢.٢٠٢٤"])
def test_refuses_what_is_no_day(text):
    with pytest.raises(Refused):
        cells.day(text)


@pytest.mark.parametrize(
    ("text", "kopecks"),
    [
        ("450", 45000),
        ("450,5", 45050),
        (f"1{NBSP}234,50", 123450),
        ("1 234.50", 123450),
        ("-500,00", -50000),
        ("−500,00", -50000),
        ("(500,00)", -50000),
        ("1 500 руб.", 150000),
        ("0,00", 0),
        ("", None),
        ("-", None),
    ],
)
def test_a_sum_is_read_in_any_spelling(text, kopecks):
    assert cells.kopecks(text) == kopecks


@pytest.mark.parametrize("text", ["1.2.3", "1e3", "по договорённости", "٥٠٠", "1,234", "NaN"])
def test_refuses_what_is_no_sum(text):
    with pytest.raises(Refused):
        cells.kopecks(text)


@pytest.mark.parametrize(
    "text",
    [
        "+79001234567",
        "89001234567",
        "9001234567",
        "8 (900) 123-45-67",
        "+7 900 123 45 67",
        "8-900-123-45-67",
        f"8{NBSP}900{NBSP}123-45-67",
        "79001234567,00",
        "тел. 8 900 123 45 67",
        "89001234567, 89007654321",
    ],
)
def test_a_mobile_is_read_in_any_spelling(text):
    assert cells.phone(text) == "+79001234567"


@pytest.mark.parametrize(
    "text", ["921-12-34", "8 (812) 326-17-20", "+375291234567", "абв", "90012345678", "٩٠٠"]
)
def test_refuses_what_is_no_mobile(text):
    with pytest.raises(Refused):
        cells.phone(text)


def test_a_landline_is_said_to_be_one():
    assert cells.any_phone("(812) 326-17-20") == "+78123261720"
    with pytest.raises(Refused, match="городской"):
        cells.phone("(812) 326-17-20")


@pytest.mark.parametrize(
    "text", ["78000001", "78 000 001", f"78{NBSP}000{NBSP}001", "№ 78-000-001", "78000001,00"]
)
def test_a_contract_number_is_read_in_any_spelling(text):
    assert cells.contract_number(text) == 78000001


@pytest.mark.parametrize("text", ["7800001", "12000001", "", "78О00001"])
def test_refuses_what_is_no_contract_number(text):
    with pytest.raises(Refused):
        cells.contract_number(text)


@pytest.mark.parametrize(
    ("text", "inn"), [("7707083893", "7707083893"), ("500100732259", "500100732259"), ("", None)]
)
def test_an_inn_is_checked_by_its_control_digits(text, inn):
    assert cells.inn(text) == inn


def test_an_inn_gets_back_the_zero_a_spreadsheet_ate():
    assert cells.inn("105018446") == "0105018446"


@pytest.mark.parametrize("text", ["7707083894", "500100732258", "77070838", "ИНН"])
def test_refuses_an_inn_that_does_not_agree(text):
    with pytest.raises(Refused):
        cells.inn(text)


@pytest.mark.parametrize(
    ("text", "told"), [("да", True), ("Нет", False), ("", False), ("8 900 123-45-67", "+79001234567")]
)
def test_the_sms_column_holds_a_word_or_a_number(text, told):
    assert cells.parse_yes_or_mobile(text) == told
