"""The fields of a payment to ОВО."""

from datetime import date

import pytest

from rules import Refused
from rules.payments.payment_templates import branches, purpose_text, read_fields, read_name

GOOD = {
    "payer": "Смирнова Анна Петровна",
    "branch": "spb-nev",
    "account": "12/345-Н",
    "address": "СПб, Невский пр., 1, кв. 2",
    "first": "2026-11-01",
    "last": "2026-11-30",
    "purpose": "Охрана квартиры",
}


def test_reads_every_field():
    fields = read_fields(GOOD)
    assert (fields.first, fields.last, fields.branch) == (date(2026, 11, 1), date(2026, 11, 30), "spb-nev")
    assert (
        purpose_text(fields)
        == "Охрана квартиры. Договор 12/345-Н, 01.11.2026–30.11.2026. Смирнова Анна Петровна"
    )


def test_an_empty_form_names_every_field():
    with pytest.raises(Refused) as refused:
        read_fields({})
    assert set(refused.value.problems) == set(GOOD)


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("branch", "nowhere"),
        ("account", "1" * 31),
        ("account", "12<script>"),
        ("last", "2026-10-31"),
        ("first", "31.02.2026"),
        ("first", "1026-01-01"),
        ("payer", "x" * 121),
        ("address", " "),
        ("purpose", "—"),
    ],
)
def test_one_wrong_field_is_named_alone(field, typed):
    with pytest.raises(Refused) as refused:
        read_fields(GOOD | {field: typed})
    assert list(refused.value.problems) == [field]


@pytest.mark.parametrize("typed", ["", "   ", "x" * 61])
def test_a_template_has_a_name(typed):
    with pytest.raises(Refused):
        read_name(typed)


def test_the_list_of_branches_is_whole():
    assert len(branches()) == 36 and branches()["spb-cen"] == "Центральный район"
