"""The feed's updates, links and CSV export."""

import csv
import io

from tests.kit import cast
from tests.kit.feed import BORIS_KEY, HTMX, MINE, many
from tests.kit.station import opened, says


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
