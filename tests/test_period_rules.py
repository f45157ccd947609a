"""Which days a list shows."""

from datetime import date

import pytest

from rules import Refused, days, periods
from rules.periods import chosen_preset, parse_period, period_words

TODAY = date(2026, 11, 22)

GOOD = [
    ({}, (date(2026, 11, 16), TODAY), "seven days are usual"),
    ({"period": "today"}, (TODAY, TODAY), "today alone"),
    ({"period": "week"}, (date(2026, 11, 16), TODAY), "seven days, today among them"),
    ({"period": "month"}, (date(2026, 10, 23), TODAY), "a month back"),
    ({"period": "hour"}, (date(2026, 11, 16), TODAY), "an unknown preset is the usual one"),
    ({"period": "today", "from": " ", "to": ""}, (TODAY, TODAY), "empty fields beside a preset"),
    (
        {"period": "week", "from": "2026-11-01", "to": "2026-11-05"},
        (date(2026, 11, 1), date(2026, 11, 5)),
        "days win",
    ),
    ({"from": "1.11.2026", "to": "05.11.26"}, (date(2026, 11, 1), date(2026, 11, 5)), "as people write it"),
    ({"from": "2026-11-20"}, (date(2026, 11, 20), TODAY), "without an end: till today"),
    ({"from": "2026-11-20", "to": "2026-12-31"}, (date(2026, 11, 20), TODAY), "the future holds no events"),
    ({"from": "2024-02-29", "to": "2024-02-29"}, (date(2024, 2, 29), date(2024, 2, 29)), "a leap day"),
]

BAD = [
    ({"from": "вчера"}, {"from"}, "words"),
    ({"from": "2026-02-30"}, {"from"}, "30 February"),
    ({"from": "31.11.2026", "to": "99"}, {"from", "to"}, "both are named at once"),
    ({"to": "2026-11-05"}, {"from"}, "an end without a beginning"),
    ({"from": "2026-11-23"}, {"from"}, "tomorrow"),
    ({"from": "2026-11-05", "to": "2026-11-01"}, {"to"}, "backwards"),
    ({"from": "0026-11-05"}, {"from"}, "year 26"),
    ({"from": "9999-12-31"}, {"from"}, "year 9999"),
    ({"from": "٢٢.١١.٢٠٢٦"}, {"from"}, "other digits"),
    ({"from": "2026-11-05'--"}, {"from"}, "quotes"),
]


@pytest.mark.parametrize(("form", "expected", "why"), GOOD, ids=[row[2] for row in GOOD])
def test_a_period_is_read(form: dict, expected: tuple, why: str) -> None:
    assert parse_period(form, TODAY) == expected


@pytest.mark.parametrize(("form", "fields", "why"), BAD, ids=[row[2] for row in BAD])
def test_bad_days_are_refused_at_their_field(form: dict, fields: set, why: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_period(form, TODAY)
    assert set(refused.value.problems) == fields
    assert all(sentence.endswith(".") for sentence in refused.value.problems.values())


def test_the_usual_preset_is_the_lists_own() -> None:
    assert parse_period({}, TODAY, usual="month") == (date(2026, 10, 23), TODAY)
    assert (
        chosen_preset({}) == "week"
        and chosen_preset({}, "month") == "month"
        and chosen_preset({"from": "x"}) == ""
    )


def test_a_month_back_from_its_last_day() -> None:
    assert parse_period({"period": "month"}, date(2027, 3, 31)) == (date(2027, 3, 1), date(2027, 3, 31))


WORDS = [
    (date(2026, 11, 22), "22\u00a0ноября 2026"),
    (date(2026, 11, 16), "16–22\u00a0ноября 2026"),
    (date(2026, 10, 23), "23\u00a0октября – 22\u00a0ноября 2026"),
    (date(2025, 12, 1), "1\u00a0декабря 2025 – 22\u00a0ноября 2026"),
]


@pytest.mark.parametrize(("first", "said"), WORDS)
def test_a_period_is_said_once(first: date, said: str) -> None:
    assert period_words(first, TODAY) == said


@pytest.mark.parametrize("typed", ["22-11-2026", "22.11.2026", "22/11/26", "2026-11-22", " 22. 11. 2026 "])
def test_a_filter_reads_a_day_however_a_form_does(typed: str) -> None:
    assert periods.typed_day(typed, "from") == days.parse(typed) == date(2026, 11, 22)
