"""Office hours, the service centre and by when an answer is owed."""

from datetime import UTC, date, datetime, time

import pytest

from rules.days import MOSCOW
from rules.working_hours import (
    answer_due,
    centre_is_open,
    centre_words,
    hours_of_day,
    is_open,
    next_working,
    opens_at,
    parse_changed_days,
)


def moscow(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=MOSCOW).astimezone(UTC)


DUE = [
    ("2026-11-23 10:00", "2026-11-24 10:00", "a Monday morning is owed by Tuesday morning"),
    ("2026-11-26 17:30", "2026-11-27 17:00", "Thursday after five: Friday closes at five"),
    ("2026-11-27 16:59", "2026-11-30 16:59", "the weekend does not count"),
    ("2026-11-27 17:00", "2026-11-30 18:00", "at the moment of closing it is the next day's"),
    ("2026-11-28 12:00", "2026-11-30 18:00", "a Saturday letter is Monday's"),
    ("2026-11-23 08:59", "2026-11-23 18:00", "before opening it is this day's, whole"),
    ("2026-11-23 09:00", "2026-11-24 09:00", "opening itself is within hours"),
    ("2026-11-22 23:59", "2026-11-23 18:00", "Sunday's last minute"),
    ("2026-11-03 12:00", "2026-11-05 12:00", "4 November is a holiday"),
    ("2026-12-30 12:00", "2027-01-11 12:00", "31 December is transferred, the holidays are long"),
    ("2026-12-31 12:00", "2027-01-11 18:00", "asked on a day off"),
    ("2026-05-08 16:00", "2026-05-12 16:00", "Victory Day on a Saturday gives Monday off"),
]


@pytest.mark.parametrize(("asked", "due", "why"), DUE, ids=[row[2] for row in DUE])
def test_an_answer_is_owed_within_one_working_day(asked: str, due: str, why: str) -> None:
    assert answer_due(moscow(asked)) == moscow(due)


def test_the_due_instant_is_utc() -> None:
    assert answer_due(moscow("2026-11-23 10:00")).utcoffset().total_seconds() == 0


def test_moscow_midnight_not_utc_decides_the_day() -> None:
    # 22:30 UTC of Thursday is already Friday in Moscow, before opening.
    assert answer_due(datetime(2026, 11, 26, 22, 30, tzinfo=UTC)) == moscow("2026-11-27 17:00")


OPEN = [
    ("2026-11-23 08:59", False, "откроется сегодня в 9:00"),
    ("2026-11-23 09:00", True, "открыто до 18:00"),
    ("2026-11-23 17:59", True, "открыто до 18:00"),
    ("2026-11-23 18:00", False, "откроется завтра в 9:00"),
    ("2026-11-27 16:00", True, "открыто до 17:00"),
    ("2026-11-27 17:00", False, "откроется в понедельник, 30\u00a0ноября, в 9:00"),
    ("2026-11-29 12:00", False, "откроется завтра в 9:00"),
    ("2026-11-03 18:30", False, "откроется в четверг, 5\u00a0ноября, в 9:00"),
    ("2026-12-31 10:00", False, "откроется в понедельник, 11\u00a0января, в 9:00"),
]


@pytest.mark.parametrize(("at", "open_", "words"), OPEN)
def test_the_office_says_whether_it_is_open(at: str, open_: bool, words: str) -> None:
    assert is_open(moscow(at)) is open_
    assert opens_at(moscow(at)) == words


CENTRE = [
    ("2026-11-22 08:59", False, "ответим сегодня с 9:00"),
    ("2026-11-22 09:00", True, "отвечаем до 21:00"),
    ("2026-11-22 20:59", True, "отвечаем до 21:00"),
    ("2026-11-22 21:00", False, "ответим завтра с 9:00"),
    ("2027-01-01 12:00", True, "отвечаем до 21:00"),
]


@pytest.mark.parametrize(("at", "open_", "words"), CENTRE)
def test_the_service_centre_answers_daily(at: str, open_: bool, words: str) -> None:
    assert centre_is_open(moscow(at)) is open_
    assert centre_words(moscow(at)) == words


def test_the_operator_moves_days_by_a_setting() -> None:
    days = parse_changed_days("2026-12-30 9-17, 2026-11-24 closed, 2027-02-20=10:00-16:30")
    assert days == {
        date(2026, 12, 30): (time(9), time(17)),
        date(2026, 11, 24): None,
        date(2027, 2, 20): (time(10), time(16, 30)),
    }
    assert hours_of_day(date(2026, 12, 30), days) == (time(9), time(17))
    assert next_working(date(2026, 11, 23), days) == date(2026, 11, 25)
    assert answer_due(moscow("2026-11-23 10:00"), days) == moscow("2026-11-25 10:00")
    assert is_open(moscow("2027-02-20 12:00"), days) and not is_open(moscow("2027-02-20 12:00"))


@pytest.mark.parametrize("text", ["30.12.2026 9-17", "2026-12-30", "2026-12-30 17-9", "2026-13-01 closed"])
def test_an_unclear_setting_is_refused_at_start(text: str) -> None:
    with pytest.raises(ValueError):
        parse_changed_days(text)


def test_no_moved_days_by_default() -> None:
    assert parse_changed_days("") == {}
    assert hours_of_day(date(2026, 11, 28)) is None
