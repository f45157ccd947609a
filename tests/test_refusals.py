"""Problems: everything wrong in a form is said at once."""

import pytest

from rules import Problems, Refused, amounts, days


def test_collects_what_readers_refuse_and_what_is_added():
    problems = Problems()
    assert problems.read(amounts.kopecks, "много") is None
    assert problems.read(days.parse, "02.11.2026").isoformat() == "2026-11-02"
    problems["reason"] = "Напишите основание."
    with pytest.raises(Refused) as refused:
        problems.check()
    assert set(refused.value.problems) == {"amount", "reason"}


def test_nothing_collected_refuses_nothing():
    Problems().check()
    assert Problems().require(0) == 0


def test_a_value_is_not_given_while_another_field_is_wrong():
    problems = Problems(form="Банк не подключён.")
    with pytest.raises(Refused, match="Банк"):
        problems.require(1)
