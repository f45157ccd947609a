"""The journal in words."""

from datetime import UTC, date, datetime

import pytest

from rules import Refused
from rules.journal import cell, period, words


def test_a_period_is_whole_moscow_days() -> None:
    assert period(date(2026, 11, 22), date(2026, 11, 22)) == (
        datetime(2026, 11, 21, 21, tzinfo=UTC),
        datetime(2026, 11, 22, 21, tzinfo=UTC),
    )


def test_a_period_may_be_open() -> None:
    assert period(None, None) == (None, None)


def test_refuses_an_end_before_the_beginning() -> None:
    with pytest.raises(Refused):
        period(date(2026, 11, 22), date(2026, 11, 21))


@pytest.mark.parametrize("text", ["=1+1", "+7", "-1", "@x", "\t="])
def test_a_spreadsheet_sees_no_formula(text: str) -> None:
    assert cell(text) == "'" + text


def test_plain_text_stays_and_an_unknown_verb_is_itself() -> None:
    assert cell("Иванова") == "Иванова" and cell("") == ""
    assert words("desk.look") == "открыто обращение" and words("moon.landed") == "moon.landed"
