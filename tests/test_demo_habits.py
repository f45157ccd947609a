"""The invented days must look lived in: work hours, weekends, the dacha in summer, trouble now and then."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

from commands.demo import habits
from rules.days import MOSCOW
from rules.events import event_codes
from rules.events.events import EventKind

MONDAY = date(2026, 11, 23)
YEAR = [date(2025, 11, 23) + timedelta(days=n) for n in range(365)]


def kinds(key: str, life: str, days: list[date]) -> Counter[EventKind]:
    return Counter(event_codes.kind_of(said.code) for day in days for said in habits.day(key, life, day))


def test_the_same_key_lives_the_same_day_twice() -> None:
    assert habits.day("100001", habits.HOME, MONDAY) == habits.day("100001", habits.HOME, MONDAY)
    assert habits.day("100001", habits.HOME, MONDAY) != habits.day("100002", habits.HOME, MONDAY)


def test_a_shop_opens_in_the_morning_and_closes_in_the_evening() -> None:
    for n in range(50):
        said = [
            h
            for h in habits.day(f"{n}", habits.SHOP, MONDAY)
            if event_codes.kind_of(h.code) in (EventKind.arm, EventKind.disarm)
        ]
        assert [event_codes.kind_of(h.code) for h in said] == [EventKind.disarm, EventKind.arm]
        assert 7 <= said[0].at.astimezone(MOSCOW).hour <= 9 and 20 <= said[1].at.astimezone(MOSCOW).hour <= 22


def test_an_office_rests_on_sundays_and_holidays() -> None:
    days = [date(2026, 11, 22), date(2026, 1, 1), date(2026, 5, 9)]
    assert sum(bool(kinds(f"{n}", habits.OFFICE, days)[EventKind.disarm]) for n in range(40)) < 10


def test_everything_falls_on_its_own_day_and_every_code_is_known() -> None:
    for life in (habits.HOME, habits.COUNTRY, habits.SHOP, habits.OFFICE):
        for day in YEAR[::9]:
            for said in habits.day("7", life, day):
                assert event_codes.is_listed(said.code)
                assert abs((said.at.astimezone(MOSCOW).date() - day).days) <= 1


def test_a_year_has_hundreds_of_armings_and_a_few_alarms() -> None:
    year = sum((kinds(f"{n}", habits.HOME, YEAR) for n in range(20)), Counter())
    assert 200 * 20 < year[EventKind.arm] < 500 * 20
    assert 20 * 0.3 < year[EventKind.alarm] < 20 * 8


def test_nobody_leaves_before_coming_home() -> None:
    for life in (habits.HOME, habits.COUNTRY, habits.SHOP, habits.OFFICE):
        for n in range(30):
            said = [
                h.code[0]
                for day in YEAR
                for h in habits.day(f"{n}", life, day)
                if h.code[1:] in ("401", "403")
            ]
            assert all(one != other for one, other in pairwise(said)), life


def test_sites_live_by_their_names() -> None:
    assert [habits.way(name) for name in ("Квартира", "Дача", "Магазин «Лето»", "Склад", "Торговый зал")] == [
        habits.HOME,
        habits.COUNTRY,
        habits.SHOP,
        habits.OFFICE,
        habits.SHOP,
    ]
