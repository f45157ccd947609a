"""The fields of a payment to ОВО."""

from datetime import date

import pytest

from rules import Refused, days
from rules.payments.payment_templates import branches, offered_period, purpose_text, read_fields, read_name

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
        purpose_text(fields, 128)
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
        ("payer", "x" * 161),
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


@pytest.mark.parametrize(
    ("first", "last", "today", "offered"),
    [
        ("01.10.2026", "31.10.2026", "30.11.2026", ("2026-11-01", "2026-11-30")),
        ("01.10.2026", "31.10.2026", "31.10.2026", ("2026-10-01", "2026-10-31")),
        ("01.01.2026", "31.01.2026", "05.02.2026", ("2026-02-01", "2026-02-28")),
        ("01.07.2026", "30.09.2026", "01.11.2026", ("2026-10-01", "2026-12-31")),
        ("15.08.2026", "14.11.2026", "20.11.2026", ("2026-11-15", "2027-02-14")),
        ("31.01.2026", "27.02.2026", "05.03.2026", ("2026-02-28", "2026-03-30")),
        ("05.11.2026", "09.11.2026", "12.11.2026", ("2026-11-10", "2026-11-14")),
        ("01.10.2016", "31.10.2016", "30.11.2026", ("2026-11-01", "2026-11-30")),
    ],
)
def test_the_period_offered_is_the_next_of_the_same_length(first, last, today, offered):
    found = offered_period(days.parse(first), days.parse(last), days.parse(today))
    assert tuple(day.isoformat() for day in found) == offered


@pytest.mark.parametrize("most", [128, 210])
def test_contract_period_and_payer_are_whole_whatever_else_is_written(most):
    fields = read_fields(GOOD | {"purpose": "о" * 132})
    text = purpose_text(fields, most)
    assert len(text) <= most
    assert text.endswith("Договор 12/345-Н, 01.11.2026–30.11.2026. Смирнова Анна Петровна")


def test_a_payer_of_a_hundred_signs_leaves_no_words_rather_than_be_cut():
    text = purpose_text(read_fields(GOOD | {"account": "1", "payer": "Я" * 90}), 128)
    assert text == "Договор 1, 01.11.2026–30.11.2026. " + "Я" * 90
