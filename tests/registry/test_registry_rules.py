"""A line of the registry: what it becomes, and why it is refused."""

from datetime import date

import pytest

from rules import Refused
from rules.registry import lines

TODAY = date(2026, 11, 22)
LINE = {
    "number": "78 000 001",
    "code": "Ф-000001",
    "name": "Соколова Анна Петровна",
    "signed_on": "01.02.2024",
    "address": "Санкт-Петербург, ул. Марата, д. 10, кв. 5",
    "mobile": "8 (900) 123-45-67",
    "price": "450,00",
}


def read(**cells: str) -> lines.ContractLine:
    return lines.contract({**LINE, **cells}, TODAY)[0]


def problems(**cells: str) -> dict[str, str]:
    with pytest.raises(Refused) as refused:
        read(**cells)
    return refused.value.problems


def test_a_full_line_is_typed():
    line = read()
    assert (line.number, line.price, line.mobile, line.kind) == (78000001, 45000, "+79001234567", "person")


@pytest.mark.parametrize("column", ["number", "code", "name", "signed_on", "address", "price"])
def test_refuses_a_line_without_what_a_contract_cannot_be_without(column):
    assert list(problems(**{column: ""})) == [lines.HARD[column][0]]


def test_every_unreadable_cell_is_named_at_once():
    assert list(problems(signed_on="31.02.2024", price="даром")) == ["дата договора", "абонентская плата"]


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ({"kind": "Юр. лицо"}, "company"),
        ({"kind": "Физическое лицо"}, "person"),
        ({"kind": "И.П."}, "sole_trader"),
        ({"name": "ИП Соколова Анна Петровна"}, "sole_trader"),
        ({"name": 'ООО "Ромашка"'}, "company"),
        ({"name": "Северная лавка", "inn": "7707083893"}, "company"),
    ],
)
def test_the_kind_of_subscriber_is_told_or_guessed(cells, kind):
    assert read(**cells).kind == kind


def test_refuses_a_kind_it_does_not_know():
    assert "вид абонента" in problems(kind="кооператив")


def test_a_name_in_capitals_is_written_as_people_write_it():
    assert read(name="РИМСКАЯ-КОРСАКОВА АННА").name == "Римская-Корсакова Анна"
    assert read(name='ООО "ЛЕНТА СЕВЕР"').name == "ООО «ЛЕНТА СЕВЕР»"


@pytest.mark.parametrize("column", ["inn", "email", "landline", "contact_mobile"])
def test_a_bad_secondary_cell_is_left_out_with_a_remark(column):
    line, remarks = lines.contract({**LINE, column: "абракадабра"}, TODAY)
    assert getattr(line, column) is None
    assert remarks[0].startswith(lines.SOFT[column][0])


def test_a_missing_mobile_is_remarked_on():
    line, remarks = lines.contract({**LINE, "mobile": ""}, TODAY)
    assert line.mobile is None and "не сможет зарегистрироваться" in remarks[0]


@pytest.mark.parametrize(
    ("cells", "to"),
    [
        ({"sms": "да"}, "+79001234567"),
        ({"sms": "да", "sms_mobile": "89007654321"}, "+79007654321"),
        ({"sms": "89007654321"}, "+79007654321"),
        ({"sms_mobile": "89007654321"}, "+79007654321"),
        ({"sms": "нет"}, None),
        ({}, None),
    ],
)
def test_sms_goes_to_its_number_or_to_the_contracts(cells, to):
    assert read(**cells).sms_mobile == to


def test_debt_is_negative_in_either_column():
    assert read(debt="500,00").balance == read(balance="-500,00").balance == -50000
    assert "остаток" in problems(debt="500", balance="300")


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"signed_on": "01.01.1980"}, "дата договора"),
        ({"signed_on": "01.01.2028"}, "дата договора"),
        ({"ends_on": "01.01.2024"}, "дата расторжения"),
        ({"suspended_from": "01.10.2026"}, "приостановлен с"),
        ({"suspended_from": "01.10.2026", "suspended_to": "30.09.2026"}, "приостановлен с"),
    ],
)
def test_refuses_days_that_cannot_be(cells, column):
    assert list(problems(**cells)) == [column]


def test_a_key_is_typed():
    key, _ = lines.key({"number": " 00 123,00", "contract": "78000001", "site": "Квартира"}, TODAY)
    assert key == lines.KeyLine("00123", 78000001, "Квартира", "")


def test_refuses_a_key_without_a_number():
    with pytest.raises(Refused):
        lines.key({"number": "", "contract": "78000001"}, TODAY)
