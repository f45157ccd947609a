"""The strip of a day: armed spans and alarms."""

from datetime import UTC, date, datetime, timedelta

import pytest

from rules.days import midnight
from rules.events.armed import Strip, day_strip, intersect, merge, site_state, strip_words

DAY = date(2026, 11, 22)
MIDNIGHT = midnight(DAY)
OVER = MIDNIGHT + timedelta(days=2)


def at(clock: str) -> datetime:
    hours, minutes = clock.split(":")
    return MIDNIGHT + timedelta(hours=int(hours), minutes=int(minutes))


def day(*events: tuple[str, str], before: str | None = "disarm", until: datetime = OVER) -> Strip:
    return day_strip(DAY, [(at(clock), kind) for clock, kind in events], before, until)


def test_midnight_is_moscows() -> None:
    assert datetime(2026, 11, 21, 21, tzinfo=UTC) == MIDNIGHT


SPANS = [
    ([], "disarm", []),
    ([], "arm", [(0, 1440)]),
    ([("7:40", "disarm"), ("19:02", "arm")], "arm", [(0, 460), (1142, 1440)]),
    ([("19:02", "arm"), ("7:40", "disarm")], "arm", [(0, 460), (1142, 1440)]),
    ([("8:00", "arm"), ("9:00", "arm"), ("10:00", "disarm")], "disarm", [(480, 600)]),
    ([("8:00", "disarm"), ("9:00", "disarm")], "arm", [(0, 480)]),
    ([("8:00", "arm"), ("8:00", "disarm")], "disarm", []),
    ([("0:00", "arm")], None, [(0, 1440)]),
    ([("5:00", "fault"), ("6:00", "test"), ("7:00", "restore")], "disarm", []),
]


@pytest.mark.parametrize(("events", "before", "armed"), SPANS)
def test_armed_spans(events: list, before: str | None, armed: list) -> None:
    assert day(*events, before=before).armed == armed


def test_what_has_not_come_yet_is_not_drawn() -> None:
    found = day(("8:00", "arm"), until=at("14:05"))
    assert found.armed == [(480, 845)] and found.until_minute == 845
    assert day(before="arm", until=MIDNIGHT - timedelta(hours=1)).armed == []


def test_alarms_fall_in_their_minute() -> None:
    found = day(("3:12", "alarm"), ("3:15", "alarm"), before="arm")
    assert found.alarms == [192, 195] and found.armed == [(0, 1440)]


def test_before_the_first_event_nothing_is_known() -> None:
    assert day(("8:00", "arm"), before=None).known_from_minute == 480
    assert day(before=None).known_from_minute == 1440
    assert strip_words(day(before=None)) == "неизвестно, был ли объект под охраной"


WORDS = [
    ([], "disarm", "без охраны"),
    ([("7:40", "disarm"), ("19:02", "arm")], "arm", "под охраной 00:00–07:40, 19:02–24:00"),
    ([("3:12", "alarm")], "arm", "под охраной 00:00–24:00; тревога 03:12"),
    ([("3:12", "alarm"), ("3:12", "alarm"), ("4:00", "alarm")], "disarm", "без охраны; тревоги 03:12, 04:00"),
]


@pytest.mark.parametrize(("events", "before", "words"), WORDS)
def test_a_strip_is_said_in_words(events: list, before: str, words: str) -> None:
    assert strip_words(day(*events, before=before)) == words


def test_a_site_is_armed_where_all_its_keys_are() -> None:
    assert intersect([(0, 100), (200, 300)], [(50, 250)]) == [(50, 100), (200, 250)]
    whole = merge([Strip([(0, 600)], [5], 900), Strip([(300, 900)], [5, 7], 800)])
    assert whole == Strip([(300, 600)], [5, 7], 800)


MORNING, NIGHT = at("8:00"), at("22:14")
STATES = [
    ({1: ("arm", NIGHT)}, [1], ("arm", NIGHT)),
    ({1: ("arm", MORNING), 2: ("arm", NIGHT)}, [1, 2], ("arm", NIGHT)),
    ({1: ("arm", NIGHT), 2: ("disarm", MORNING)}, [1, 2], ("disarm", MORNING)),
    ({1: ("arm", NIGHT)}, [1, 2], None),
    ({1: ("disarm", NIGHT)}, [1, 2], ("disarm", NIGHT)),
    ({}, [], None),
]


@pytest.mark.parametrize(("turns", "keys", "words"), STATES)
def test_a_sites_state_comes_from_all_its_keys(turns: dict, keys: list, words: tuple | None) -> None:
    assert site_state(turns, keys) == words
