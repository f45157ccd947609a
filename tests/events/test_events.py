"""The feed: what is shown of whose keys, by which filter, and how it is kept fresh."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from db.events import keys, station
from rules.events.events import EventKind, StationReport
from tests.kit import cast
from tests.kit.station import opened, says

MINE, BORIS_KEY, SHOP, STORE = "00010", "00020", "00030", "00031"
HTMX = {"HX-Request": "true"}


def rows(page) -> list[str]:
    return [" ".join(" ".join(li.itertext()).split()) for li in page.tree.cssselect(".day .feed > li")]


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


@pytest.fixture
def month(write, clock):
    opened(write, clock, MINE)
    for clock_hours, days in ((-1, 0), (-2, 5), (-3, 20), (-4, 52)):
        says(write, clock, MINE, "arm", hours=clock_hours, days=-days)


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


def many(write, clock, count, number=MINE, every=timedelta(minutes=7)):
    reports = [
        StationReport(
            number,
            clock.now() - every * n,
            "R401" if n % 2 else "E401",
            EventKind.arm if n % 2 else EventKind.disarm,
            "1",
        )
        for n in range(count)
    ]
    with write() as db:
        station.ingest(db, "тестовый пульт", reports, clock.now())


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
        key = keys.by_number(db, STORE)
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


def fresh(browser, path):
    return browser.client.get(path, headers=HTMX)


def test_new_events_come_by_themselves_once(anna, write, clock):
    opened(write, clock, MINE)
    says(write, clock, MINE, "arm", minutes=-5)
    poll = anna.get("/events").one("#fresh [data-hx-get]").get("data-hx-get")
    answer = fresh(anna, poll)
    assert answer.status_code == 204 and not answer.content
    says(write, clock, MINE, "alarm", seconds=-3, who="5")
    answer = fresh(anna, poll)
    assert "Тревога: проникновение" in answer.text and "11:59" in answer.text and ">показать<" in answer.text
    assert 'id="states"' in answer.text and "data-hx-swap-oob" in answer.text
    again = answer.text.split('data-hx-get="')[1].split('"')[0].replace("&amp;", "&")
    assert fresh(anna, again).status_code == 204
    says(write, clock, MINE, "disarm", seconds=-1)
    assert "показать 2<" in fresh(anna, again).text


def test_a_late_event_is_told_too_though_newer_ones_are_shown(anna, write, clock):
    opened(write, clock, MINE)
    for day in range(1, 40):
        says(write, clock, MINE, "arm", days=-day, hours=-1)
        says(write, clock, MINE, "disarm", days=-day)
    poll = anna.get("/events?period=month").one("#fresh [data-hx-get]").get("data-hx-get")
    clock.forward(minutes=1)
    says(write, clock, MINE, "alarm", days=-3, minutes=-8, who="5")
    answer = fresh(anna, poll)
    assert (
        "11:53" in answer.text
        and "20\u00a0ноября · " in answer.text
        and "Тревога: проникновение" in answer.text
    )
    says(write, clock, MINE, "alarm", days=-29)  # it belongs to a page further on
    again = answer.text.split('data-hx-get="')[1].split('"')[0].replace("&amp;", "&")
    assert fresh(anna, again).status_code == 204


def test_after_midnight_today_is_another_day(enter, write, clock):
    opened(write, clock, MINE)
    says(write, clock, MINE, "arm", minutes=-5)
    poll = enter(cast.ANNA).get("/events?period=today").one("#fresh [data-hx-get]").get("data-hx-get")
    clock.forward(hours=13)
    anna = enter(cast.ANNA)
    assert fresh(anna, poll).status_code == 204
    says(write, clock, MINE, "disarm", minutes=-1)
    assert "Снятие" in fresh(anna, poll).text


def test_the_poll_keeps_to_the_filter_and_to_its_owner(anna, boris, write, clock):
    opened(write, clock, MINE, BORIS_KEY)
    poll = anna.get("/events?kind=alarms").one("#fresh [data-hx-get]").get("data-hx-get")
    says(write, clock, MINE, "arm", seconds=-3)
    assert fresh(anna, poll).status_code == 204
    assert fresh(boris, anna.get("/events").one("#fresh [data-hx-get]").get("data-hx-get")).status_code == 204
    for broken in ("/events/fresh", "/events/fresh?after=x", "/events/fresh?after=1-1-1&site=999"):
        assert fresh(anna, broken).status_code == 204


def test_a_period_that_is_over_is_not_polled(anna, month):
    assert not anna.get("/events?from=2026-10-01&to=2026-10-30").tree.cssselect("#fresh")


def test_the_address_bar_keeps_a_short_filter(anna, month):
    answer = anna.client.get(
        "/events?period=month&from=&to=&site=&kind=turns", headers=HTMX | {"HX-Source": "form#filter"}
    )
    assert answer.headers["hx-push-url"] == "/events?period=month&kind=turns"
    assert "<html" not in answer.text


def test_presets_keep_site_and_kind_but_not_days(anna, month):
    page = anna.get("/events?from=2026-10-01&to=2026-10-30&kind=turns")
    assert page.links()["Месяц"] == "/events?period=month&kind=turns"


def table(answer) -> list[list[str]]:
    assert answer.content.startswith("\ufeff".encode())
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))


def test_the_table_holds_the_whole_period_for_a_spreadsheet(anna, write, clock):
    opened(write, clock, MINE)
    many(write, clock, 1300)
    page = anna.get("/events?period=month")
    answer = anna.client.get(page.links()["Таблица для Excel"])
    lines = table(answer)
    assert lines[0] == ["Дата", "Время", "Объект", "Событие", "Кто или где"]
    assert len(lines) == 1301 and lines[1][:4] == ["23.11.2026", "12:00", "Квартира", "Снятие"]
    assert (
        "attachment" in answer.headers["content-disposition"]
        and "no-store" in answer.headers["cache-control"]
    )


def test_a_name_cannot_be_a_formula(anna, write, clock):
    opened(write, clock, MINE)
    says(write, clock, MINE, "arm", minutes=-5, who="=1+1")
    assert table(anna.client.get("/events.csv"))[1][4] == "'=1+1"


def test_a_table_of_bad_days_is_the_page_with_its_sentence(anna, month):
    assert anna.client.get("/events.csv?from=x").status_code == 422


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
