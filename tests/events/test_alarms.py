"""One alarm: its story, its notes, and nobody else's."""

from tests.kit.station import opened, says

MINE, BORIS_KEY = "00010", "00020"


def alarm(browser, write, clock, number=MINE) -> str:
    """An alarm ten minutes ago; the address of its page as the feed links it."""
    opened(write, clock, number)
    says(write, clock, number, "alarm", minutes=-10, who="005")
    page = browser.get("/events")
    return page.one(".day .feed li.alarm a").get("href")


def test_the_feed_opens_the_alarm_with_its_story(anna, write, clock):
    place = alarm(anna, write, clock)
    says(write, clock, MINE, "restore", minutes=-7, who="005")
    says(write, clock, MINE, "disarm", minutes=-2, who="1")
    page = anna.get(place)
    assert page.heading == "Тревога: проникновение"
    assert "Объект снят с охраны после сигнала в 11:58" in page.text
    assert "23 ноября 2026, 11:50" in page.text and "зона 5" in page.text and "E130" in page.text
    story = [" ".join("".join(li.itertext()).split()) for li in page.tree.cssselect(".timeline li")]
    assert [line.split(":")[0].split("1")[0].strip() for line in story] == [
        "Тревога",
        "Восстановление",
        "Снятие",
    ]


def test_an_alarm_nothing_followed_says_so(anna, write, clock):
    page = anna.get(alarm(anna, write, clock))
    assert (
        "Восстановления после сигнала не было" in page.text
        and "других событий этого ключа не было" in page.text
    )


def test_a_comment_is_kept_once_and_shown(anna, write, clock):
    place = alarm(anna, write, clock)
    before = anna.get(place)
    page = anna.submit(place, text="Сработал датчик от сквозняка.\nВсё цело.")
    assert "Сработал датчик" in page.text and "Соколова Анна Игоревна" in page.one(".talk").text_content()
    anna.page = before
    assert anna.submit(place, text="Сработал датчик от сквозняка.\nВсё цело.").source.count("Всё цело.") == 1


def test_the_same_comment_from_a_fresh_page_is_said_to_be_there(anna, write, clock):
    place = alarm(anna, write, clock)
    for status in (200, 422):
        anna.get(place)
        anna.submit(place, text="Всё цело.", status=status)
    assert "Уже записано" in anna.page.text


def test_an_empty_comment_is_refused_at_its_field(anna, write, clock):
    place = alarm(anna, write, clock)
    anna.get(place)
    assert "Напишите" in anna.submit(place, text=" ", status=422).errors["text"]
    long = anna.submit(place, text="я" * 3000, status=422)
    assert "2000" in long.errors["text"] and "я" * 3000 in long.source


def test_a_strangers_alarm_is_not_found(anna, boris, write, clock):
    place = alarm(anna, write, clock)
    boris.get("/keys/new")
    token = boris.page.form("/keys/new").fields["_csrf_token"]
    boris.get(place, status=404)
    assert boris.client.post(place, data={"_csrf_token": token, "text": "моё"}).status_code == 404
    for broken in ("x", "1-2", "1-1-1", "-1-1-1", f"1-{2**63}-1", "9" * 40):
        anna.get(f"/alarms/{broken}", status=404)


def test_an_arming_is_no_alarm(anna, write, clock):
    opened(write, clock, MINE)
    at = says(write, clock, MINE, "arm", minutes=-3)
    from rules.events.events import EventKind, StationReport, event_identity

    event_id = event_identity(StationReport(MINE, at, "R401", EventKind.arm))
    anna.get(f"/alarms/1-{int(at.timestamp())}-{event_id}", status=404)


def test_what_is_written_is_escaped(anna, write, clock):
    place = alarm(anna, write, clock)
    anna.get(place)
    assert "<img" not in anna.submit(place, text="<img src=x onerror=alert(1)>").source


def test_an_alarm_stands_above_all_on_the_first_page_until_somebody_answers_it(anna, write, clock):
    place = alarm(anna, write, clock)
    assert anna.get("/").one(".notice.alarm a").get("href") == place
    assert "112" in anna.get(place).text
    says(write, clock, MINE, "disarm", minutes=-2, who="1")
    assert not anna.get("/").tree.cssselect(".notice.alarm") and "112" not in anna.get(place).text


def test_the_first_page_names_the_day_of_what_was_not_today(anna, write, clock):
    opened(write, clock, MINE)
    says(write, clock, MINE, "disarm", minutes=-10, who="1")
    says(write, clock, MINE, "alarm", minutes=-60 * 24 * 8, who="005")
    lines = [" ".join(line.text_content().split()) for line in anna.get("/").tree.cssselect(".feed > li")]
    assert (
        "15 ноября" in lines[1] and "ноября" not in lines[0] and not anna.page.tree.cssselect(".notice.alarm")
    )


def test_who_cancelled_an_alarm_is_a_user_and_not_a_zone(anna, write, clock):
    alarm(anna, write, clock)
    says(write, clock, MINE, "restore", minutes=-5, who="002", code="E406")
    line = anna.get("/events").tree.cssselect(".day .feed > li")[0].text_content()
    assert "Тревога отменена" in line and "пользователь\u00a02" in line
