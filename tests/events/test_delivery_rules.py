"""What an SMS about an event says, and when it may go."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import Refused
from rules.events import event_codes
from rules.events.deliveries import LONGEST, Quiet, not_before, quiet, words, worth_telling
from rules.events.events import Kind

NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # 12:00 in Moscow
NIGHT = Quiet(23 * 60, 7 * 60)


@pytest.mark.parametrize(
    ("kind", "code", "who", "said"),
    [
        (Kind.alarm, "E130", "3", "12:00 Тревога: проникновение. Квартира, зона 3"),
        (Kind.alarm, "E110", None, "12:00 Тревога: пожар. Квартира"),
        (Kind.alarm, "E121", "2", "12:00 Новое событие: Квартира"),
        (Kind.alarm, "E122", None, "12:00 Новое событие: Квартира"),
        (Kind.alarm, "HA", "1", "12:00 Новое событие: Квартира"),
        (Kind.arm, "R401", "2", "12:00 Под охраной: Квартира, польз. 2"),
        (Kind.disarm, "OP", "Анна", "12:00 Снято с охраны: Квартира, Анна"),
        (Kind.arm, "ARM", None, "12:00 Под охраной: Квартира"),
    ],
)
def test_says_what_when_and_where(kind: Kind, code: str, who: str | None, said: str) -> None:
    assert words(kind, code, NOON, "Квартира", who, NOON) == said


def test_names_the_day_when_it_is_not_today() -> None:
    said = words(Kind.alarm, "E130", NOON - timedelta(hours=14), "Дача", None, NOON)
    assert said == "22.11 22:00 Тревога: проникновение. Дача"


@given(st.sampled_from(sorted(event_codes.MEANINGS)), st.text(max_size=200), st.none() | st.text(max_size=40))
def test_one_message_is_always_enough(code: str, site: str, who: str | None) -> None:
    for kind in (Kind.alarm, Kind.arm, Kind.disarm):
        assert len(words(kind, code, NOON, site, who, NOON + timedelta(days=1))) <= LONGEST


@pytest.mark.parametrize(
    ("kind", "at_moscow", "goes_moscow"),
    [
        (Kind.alarm, (23, 30), (23, 30)),
        (Kind.arm, (22, 59), (22, 59)),
        (Kind.arm, (23, 0), (31, 0)),
        (Kind.disarm, (2, 15), (7, 0)),
        (Kind.disarm, (7, 0), (7, 0)),
    ],
)
def test_quiet_hours_hold_what_can_wait_and_never_an_alarm(
    kind: Kind, at_moscow: tuple[int, int], goes_moscow: tuple[int, int]
) -> None:
    midnight = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
    now = midnight + timedelta(hours=at_moscow[0], minutes=at_moscow[1])
    assert not_before(kind, now, NIGHT) == midnight + timedelta(hours=goes_moscow[0], minutes=goes_moscow[1])
    assert not_before(kind, now, None) == now


@pytest.mark.parametrize(
    ("kind", "age", "told"),
    [
        (Kind.alarm, timedelta(hours=24), True),
        (Kind.alarm, timedelta(hours=25), False),
        (Kind.arm, timedelta(hours=3), True),
        (Kind.disarm, timedelta(hours=4), False),
        (Kind.test, timedelta(), False),
        (Kind.restore, timedelta(), False),
    ],
)
def test_old_news_is_not_told(kind: Kind, age: timedelta, told: bool) -> None:
    assert worth_telling(kind, NOON - age, NOON) is told


def test_reads_quiet_hours_as_people_type_them() -> None:
    assert quiet("23:00", "7") == quiet("23.00", "07:00") == NIGHT
    assert quiet("", " ") is None


@pytest.mark.parametrize(
    "typed",
    [("23:00", ""), ("", "7"), ("24:00", "7"), ("ночь", "7"), ("7:60", "8"), ("7", "7:00"), ("٧", "8")],
)
def test_refuses_what_is_no_hour(typed: tuple[str, str]) -> None:
    with pytest.raises(Refused):
        quiet(*typed)
