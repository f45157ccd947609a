"""What an SMS about an event says, and when it may go."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import Refused
from rules.events import event_codes
from rules.events.deliveries import (
    LONGEST,
    QuietPeriod,
    is_deliverable,
    not_before,
    parse_quiet_hours,
    sms_text,
)
from rules.events.events import EventKind

NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # 12:00 in Moscow
NIGHT = QuietPeriod(23 * 60, 7 * 60)


@pytest.mark.parametrize(
    ("kind", "code", "who", "words"),
    [
        (EventKind.alarm, "E130", "3", "12:00 Тревога: проникновение. Квартира, зона 3"),
        (EventKind.alarm, "E110", None, "12:00 Тревога: пожар. Квартира"),
        (EventKind.alarm, "E121", "2", "12:00 Новое событие: Квартира"),
        (EventKind.alarm, "E122", None, "12:00 Новое событие: Квартира"),
        (EventKind.alarm, "HA", "1", "12:00 Новое событие: Квартира"),
        (EventKind.arm, "R401", "2", "12:00 Под охраной: Квартира, польз. 2"),
        (EventKind.disarm, "OP", "Анна", "12:00 Снято с охраны: Квартира, Анна"),
        (EventKind.arm, "ARM", None, "12:00 Под охраной: Квартира"),
    ],
)
def test_says_what_when_and_where(kind: EventKind, code: str, who: str | None, words: str) -> None:
    assert sms_text(kind, code, NOON, "Квартира", who, NOON) == words


def test_names_the_day_when_it_is_not_today() -> None:
    words = sms_text(EventKind.alarm, "E130", NOON - timedelta(hours=14), "Дача", None, NOON)
    assert words == "22.11 22:00 Тревога: проникновение. Дача"


@given(st.sampled_from(sorted(event_codes.MEANINGS)), st.text(max_size=200), st.none() | st.text(max_size=40))
def test_one_message_is_always_enough(code: str, site: str, who: str | None) -> None:
    for kind in (EventKind.alarm, EventKind.arm, EventKind.disarm):
        assert len(sms_text(kind, code, NOON, site, who, NOON + timedelta(days=1))) <= LONGEST


@pytest.mark.parametrize(
    ("kind", "at_moscow", "goes_moscow"),
    [
        (EventKind.alarm, (23, 30), (23, 30)),
        (EventKind.arm, (22, 59), (22, 59)),
        (EventKind.arm, (23, 0), (31, 0)),
        (EventKind.disarm, (2, 15), (7, 0)),
        (EventKind.disarm, (7, 0), (7, 0)),
    ],
)
def test_quiet_hours_hold_what_can_wait_and_never_an_alarm(
    kind: EventKind, at_moscow: tuple[int, int], goes_moscow: tuple[int, int]
) -> None:
    midnight = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
    now = midnight + timedelta(hours=at_moscow[0], minutes=at_moscow[1])
    assert not_before(kind, now, NIGHT) == midnight + timedelta(hours=goes_moscow[0], minutes=goes_moscow[1])
    assert not_before(kind, now, None) == now


@pytest.mark.parametrize(
    ("kind", "age", "is_sent"),
    [
        (EventKind.alarm, timedelta(hours=24), True),
        (EventKind.alarm, timedelta(hours=25), False),
        (EventKind.arm, timedelta(hours=3), True),
        (EventKind.disarm, timedelta(hours=4), False),
        (EventKind.test, timedelta(), False),
        (EventKind.restore, timedelta(), False),
    ],
)
def test_old_news_is_not_told(kind: EventKind, age: timedelta, is_sent: bool) -> None:
    assert is_deliverable(kind, NOON - age, NOON) is is_sent


def test_reads_quiet_hours_as_people_type_them() -> None:
    assert parse_quiet_hours("23:00", "7") == parse_quiet_hours("23.00", "07:00") == NIGHT
    assert parse_quiet_hours("", " ") is None


@pytest.mark.parametrize(
    "typed",
    [("23:00", ""), ("", "7"), ("24:00", "7"), ("ночь", "7"), ("7:60", "8"), ("7", "7:00"), ("٧", "8")],
)
def test_refuses_what_is_no_hour(typed: tuple[str, str]) -> None:
    with pytest.raises(Refused):
        parse_quiet_hours(*typed)
