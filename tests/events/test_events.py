"""The feed: what is shown of whose keys, by which filter, and how it is kept fresh."""

from datetime import UTC, datetime, timedelta

import pytest

from db.events import keys
from tests.kit import cast
from tests.kit.feed import BORIS_KEY, HTMX, MINE, SHOP, STORE, many, rows
from tests.kit.station import opened, says


def test_without_keys_the_page_says_how_to_add_one(anna):
    page = anna.get("/events")
    assert "Ключей пока нет" in page.text and page.links()["Добавить ключ"] == "/keys/new"


def test_events_stand_newest_first_under_their_moscow_days(anna, write, clock):
    opened(write, clock, MINE)
    says(write, clock, MINE, "arm", at=datetime(2026, 11, 22, 20, 59, tzinfo=UTC))
    says(write, clock, MINE, "disarm", at=datetime(2026, 11, 22, 21, 1, tzinfo=UTC), who="2")
    says(write, clock, MINE, "alarm", minutes=-1, who="5")
    page = anna.get("/events")
    titles = [h.text for h in page.tree.cssselect(".day h3")]
    assert titles == ["Сегодня, 23\u00a0ноября, понедельник", "Вчера, 22\u00a0ноября, воскресенье"]
    assert rows(page) == [
        "11:59 Тревога: проникновение Квартира · зона 5",
        "00:01 Снятие Квартира · пользователь 2",
        "23:59 Постановка Квартира",
    ]


def test_a_late_event_lands_in_its_place(anna, write, clock):
    opened(write, clock, MINE)
    says(write, clock, MINE, "arm", minutes=-1)
    says(write, clock, MINE, "disarm", minutes=-30)
    assert [row[:5] for row in rows(anna.get("/events"))] == ["11:59", "11:30"]


def test_a_stranger_sees_nothing_of_hers(anna, boris, write, clock):
    opened(write, clock, MINE, BORIS_KEY)
    says(write, clock, MINE, "alarm", minutes=-5)
    page = boris.get("/events")
    assert rows(page) == [] and "Тревога" not in page.text
    assert "alarm" not in page.one("#states").text_content()


def test_an_added_key_alone_shows_not_all_of_the_registry(enter, write, clock):
    opened(write, clock, SHOP)
    says(write, clock, SHOP, "arm", minutes=-5)
    says(write, clock, STORE, "disarm", minutes=-4)
    assert rows(enter(cast.LETO).get("/events")) == ["11:55 Постановка Магазин"]


def test_tests_of_the_line_are_not_shown(anna, write, clock):
    opened(write, clock, MINE)
    says(write, clock, MINE, "test", minutes=-5)
    assert rows(anna.get("/events")) == []


PERIODS = [
    ("", ["11:00", "10:00"]),
    ("?period=today", ["11:00"]),
    ("?period=month", ["11:00", "10:00", "09:00"]),
    ("?from=2026-10-30&to=2026-11-18", ["10:00", "09:00"]),
    ("?from=1.10.2026&to=2.10.2026", ["08:00"]),
    ("?period=today&from=2026-11-18&to=2026-11-18", ["10:00"]),
]


@pytest.mark.parametrize(("query", "clocks"), PERIODS)
def test_a_period_is_chosen_by_preset_or_by_days(anna, month, query, clocks):
    assert [row[:5] for row in rows(anna.get("/events" + query))] == clocks


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?from=2026-11-31", "from"),
        ("?to=2026-11-05", "from"),
        ("?from=2026-11-05&to=2026-11-01", "to"),
        ("?from=2027-01-01", "from"),
        ("?from=" + "9" * 500, "from"),
    ],
)
def test_bad_days_are_said_at_their_field_and_stay_typed(anna, month, query, field):
    page = anna.get("/events" + query, status=422)
    assert field in page.errors and rows(page) == []


def test_typed_days_stay_in_their_fields(anna, month):
    page = anna.get("/events?from=2026-11-05&to=2026-11-01", status=422)
    assert page.one("#f-from").get("value") == "2026-11-05" and page.one("#f-to").get("value") == "2026-11-01"


def test_nothing_in_this_period_names_the_last_event(enter, month, clock):
    clock.forward(days=40)
    page = enter(cast.ANNA).get("/events?period=today")
    assert "За это время событий нет" in page.text and "23.11.2026, 11:00" in page.text


def test_nothing_ever(anna, write, clock):
    opened(write, clock, MINE)
    assert "событий ещё не было" in anna.get("/events").text


def test_a_silent_station_is_told_of(anna, enter, write, clock):
    opened(write, clock, MINE)
    says(write, clock, MINE, "arm", minutes=-5)
    assert "Нет связи" not in anna.get("/events").text
    clock.forward(hours=2)
    assert "Нет связи с пультом с 12:00" in enter(cast.ANNA).get("/events").text


def test_site_and_kind_narrow_the_list(enter, write, clock):
    leto = enter(cast.LETO)
    opened(write, clock, SHOP, STORE)
    says(write, clock, SHOP, "arm", minutes=-9)
    says(write, clock, STORE, "alarm", minutes=-8)
    says(write, clock, STORE, "fault", minutes=-7)
    page = leto.get("/events")
    sites = {option.text: option.get("value") for option in page.tree.cssselect("#f-site option")}
    assert rows(leto.get(f"/events?site={sites['Магазин']}")) == ["11:51 Постановка Магазин"]
    assert rows(leto.get("/events?kind=alarms")) == ["11:52 Тревога: проникновение Склад"]
    assert rows(leto.get(f"/events?kind=alarms&site={sites['Магазин']}")) == []
    assert "Показать все объекты и события" in leto.page.text
    assert len(rows(leto.get("/events?kind=nonsense"))) == 3
    assert rows(leto.get("/events?site=999")) == []


def test_pages_follow_one_another_without_a_gap(anna, write, clock):
    opened(write, clock, MINE)
    many(write, clock, 120)
    page, found, pages = anna.get("/events"), [], 1
    while True:
        found += rows(page)
        older = page.links().get("Раньше")
        if not older:
            break
        page, pages = anna.get(older), pages + 1
    assert pages == 3 and len(found) == 120
    assert "К самым новым" in page.links()


def test_pages_of_two_keys_lose_nothing_at_one_instant(enter, write, clock):
    opened(write, clock, SHOP, STORE)
    many(write, clock, 60, SHOP)
    many(write, clock, 60, STORE)
    leto = enter(cast.LETO)
    first = leto.get("/events")
    assert len(rows(first)) == 50
    second = leto.get(first.links()["Раньше"])
    third = leto.get(second.links()["Раньше"])
    assert len(rows(second)) == 50 and len(rows(third)) == 20


@pytest.mark.parametrize("before", ["x", "1-2", "1-2-3-4", "-1--1--1", "9" * 30, "1-2-%D9%A3"])
def test_a_broken_cursor_is_the_first_page(anna, write, clock, before):
    opened(write, clock, MINE)
    says(write, clock, MINE, "arm", minutes=-5)
    assert len(rows(anna.get(f"/events?before={before}"))) == 1


def test_a_key_held_since_lately_mixes_with_an_old_one_in_order(enter, write, clock):
    opened(write, clock, SHOP, STORE)
    many(write, clock, 10, SHOP)
    many(write, clock, 10, STORE)
    with write() as db:
        key = keys.find_by_number(db, STORE)
        key.held_since = clock.now() - timedelta(minutes=15)
        db.add(key)
    found = rows(enter(cast.LETO).get("/events"))
    assert len(found) == 13 and found == sorted(found, key=lambda row: row[:5], reverse=True)


def test_the_day_has_a_strip_whose_words_say_the_same(anna, write, clock):
    opened(write, clock, MINE)
    says(write, clock, MINE, "arm", at=datetime(2026, 11, 22, 16, 0, tzinfo=UTC))
    says(write, clock, MINE, "disarm", at=datetime(2026, 11, 23, 4, 40, tzinfo=UTC))
    says(write, clock, MINE, "alarm", at=datetime(2026, 11, 23, 0, 12, tzinfo=UTC))
    strips = anna.get("/events").tree.cssselect(".strip svg")
    assert [strip.get("aria-label") for strip in strips] == [
        "Квартира: под охраной 00:00–07:40; тревога 03:12",
        "Квартира: под охраной 19:00–24:00",
    ]
    assert strips[0].cssselect("path.on")[0].get("d") == "M0 10H92"  # 07:40 in five minutes
    assert strips[0].cssselect("path.bell")[0].get("d") == "M38 0v20"
    assert strips[0].cssselect("path.ahead")[0].get("d") == "M144 10H288"  # the afternoon is still to come


def test_a_strip_knows_what_happened_on_days_without_a_line(anna, write, clock):
    opened(write, clock, MINE)
    says(write, clock, MINE, "alarm", days=-3)
    says(write, clock, MINE, "arm", days=-2)
    says(write, clock, MINE, "alarm", minutes=-5)
    strips = anna.get("/events?kind=alarms").tree.cssselect(".strip svg")
    assert strips[0].get("aria-label") == "Квартира: под охраной 00:00–12:00; тревога 11:55"


def test_the_state_now(anna, write, clock):
    opened(write, clock, MINE)
    assert "состояние неизвестно" in anna.get("/events").one("#states").text_content()
    says(write, clock, MINE, "arm", at=datetime(2026, 11, 22, 19, 14, tzinfo=UTC))
    assert "под охраной с\u00a022.11, 22:14" in anna.get("/events").one("#states").text_content()
    says(write, clock, MINE, "disarm", minutes=-30)
    assert "не под охраной с\u00a011:30" in anna.get("/events").one("#states").text_content()


def test_the_page_to_print_is_long(anna, write, clock):
    opened(write, clock, MINE)
    many(write, clock, 130)
    assert len(rows(anna.get("/events?print=1"))) == 130


def test_a_name_from_the_station_is_escaped(anna, write, clock):
    opened(write, clock, MINE)
    says(write, clock, MINE, "arm", minutes=-5, who="<script>alert(1)</script>")
    assert "<script>alert" not in anna.get("/events").source


def test_a_page_of_fifty_stays_small(anna, write, clock):
    opened(write, clock, MINE)
    many(write, clock, 120)
    answer = anna.client.get("/events", headers=HTMX | {"accept-encoding": "br"})
    assert int(answer.headers["content-length"]) <= 2560
