"""When to say that a site was not armed or not disarmed in time."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from rules import Refused
from rules.days import MOSCOW
from rules.events.supervision import (
    ARM,
    DISARM,
    SiteFacts,
    SupervisionWish,
    missed_day,
    parse_wish,
    warning_text,
    weekdays_words,
)

EVENING = SupervisionWish(ARM, time(22), frozenset(range(5)))
MORNING = SupervisionWish(DISARM, time(9), frozenset(range(5)))
FRIDAY = date(2026, 11, 20)


def moscow(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=MOSCOW).astimezone(UTC)


OPEN = SiteFacts(("disarm", moscow("20 08:50")), "disarm", contact=moscow("20 22:00"))
SHUT = SiteFacts(("arm", moscow("19 22:14")), "arm", contact=moscow("20 09:00"))

WARNED = [
    (EVENING, OPEN, "20 22:00", FRIDAY, "not armed at ten"),
    (EVENING, OPEN, "20 21:59", None, "not yet ten"),
    (EVENING, OPEN, "20 23:59", FRIDAY, "the job was late"),
    (EVENING, OPEN, "21 00:40", FRIDAY, "Friday's, said after midnight"),
    (EVENING, OPEN, "21 01:01", None, "three hours later nobody wants to know"),
    (EVENING, OPEN, "21 22:00", None, "Saturday was not chosen"),
    (EVENING, replace(OPEN, turn=("arm", moscow("20 22:03"))), "20 22:05", None, "armed a little late"),
    (EVENING, replace(OPEN, at_deadline="arm"), "20 22:30", None, "armed in time, opened again since"),
    (EVENING, replace(OPEN, turn=None, at_deadline=None), "20 22:00", FRIDAY, "has never been armed"),
    (EVENING, replace(OPEN, channel_active=False), "20 22:00", None, "the channel is suspended"),
    (
        EVENING,
        replace(OPEN, contact=moscow("20 21:29")),
        "20 22:00",
        None,
        "the station is silent: not known",
    ),
    (EVENING, replace(OPEN, contact=None), "20 22:00", None, "the station was never heard"),
    (MORNING, SHUT, "20 09:00", FRIDAY, "nobody came to open"),
    (
        MORNING,
        replace(SHUT, turn=("disarm", moscow("20 09:10")), at_deadline="arm"),
        "20 09:15",
        None,
        "opened late",
    ),
    (
        MORNING,
        replace(SHUT, turn=None, at_deadline=None),
        "20 09:00",
        None,
        "never armed, so not «not disarmed»",
    ),
]


@pytest.mark.parametrize(("wish", "site", "now", "day", "why"), WARNED, ids=[row[4] for row in WARNED])
def test_it_is_said(wish: SupervisionWish, site: SiteFacts, now: str, day: date | None, why: str) -> None:
    assert missed_day(wish, site, moscow(now), warned=()) == day


def test_it_is_said_once_a_day() -> None:
    assert missed_day(EVENING, OPEN, moscow("20 22:30"), warned={FRIDAY}) is None


def test_midnight_itself_is_a_deadline() -> None:
    wish = SupervisionWish(ARM, time(0), frozenset({5}))
    assert missed_day(wish, OPEN, moscow("21 00:01"), warned=()) is None, (
        "contact at 22:00 is too old for midnight"
    )
    assert missed_day(wish, replace(OPEN, contact=moscow("21 00:00")), moscow("21 00:01"), warned=()) == date(
        2026, 11, 21
    )


def test_a_wish_is_read() -> None:
    assert parse_wish("arm", "22:00", ["0", "4"], "mail") == SupervisionWish(
        ARM, time(22), frozenset({0, 4}), "mail"
    )
    assert parse_wish("disarm", "9.05", ["6"], "sms").by == time(9, 5)


BAD = [
    ("", "22:00", ["0"], "sms", {"kind"}),
    ("arm", "24:00", ["0"], "sms", {"by"}),
    ("arm", "22", ["0"], "sms", {"by"}),
    ("arm", "22:60", ["0"], "sms", {"by"}),
    ("arm", "22:00", [], "sms", {"weekdays"}),
    ("arm", "22:00", ["7", "x"], "sms", {"weekdays"}),
    ("arm", "22:00", ["0"], "pigeon", {"channel"}),
    ("alarm", "", [], "", {"kind", "by", "weekdays", "channel"}),
]


@pytest.mark.parametrize(("kind", "by", "days", "channel", "fields"), BAD)
def test_a_bad_wish_is_refused_at_its_fields(
    kind: str, by: str, days: list, channel: str, fields: set
) -> None:
    with pytest.raises(Refused) as refused:
        parse_wish(kind, by, days, channel)
    assert set(refused.value.problems) == fields


def test_the_message_is_one_sms() -> None:
    assert warning_text(EVENING, "Магазин") == "Магазин: нет постановки под охрану к 22:00"
    assert warning_text(MORNING, "Дача") == "Дача: нет снятия с охраны к 9:00"
    assert len(warning_text(EVENING, "Склад готовой продукции на улице Савушкина, корпус два")) == 70


WEEKS = [
    (range(7), "каждый день"),
    (range(5), "пн–пт"),
    ({0, 2, 5, 6}, "пн, ср, сб–вс"),
    ({6}, "вс"),
]


@pytest.mark.parametrize(("days", "words"), WEEKS)
def test_weekdays_are_said_shortly(days: object, words: str) -> None:
    assert weekdays_words(days) == words
