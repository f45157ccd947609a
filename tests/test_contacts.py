"""Contacts: where, when and how, for everybody."""

from datetime import UTC, datetime


def test_a_stranger_sees_both_schedules_phone_mail_and_address(browser):
    page = browser.get("/contacts")
    for words in (
        "+7 812 326-17-20",
        "help@rosohrana.ru",
        "Ежедневно с 9:00 до 21:00",
        "понедельник–четверг",
    ):
        assert words in page.text
    links = set(page.links().values())
    assert {"tel:+78123261720", "mailto:help@rosohrana.ru", "/login?next=/requests/new/letter"} <= links
    assert any(link.startswith("https://yandex.ru/maps/?text=%D0%A1") for link in links)


def test_a_subscriber_writes_from_here(anna):
    assert anna.get("/contacts").links()["Написать нам"] == "/requests/new/letter"


def test_says_whether_somebody_is_there_now(browser, clock):
    assert "Открыто до 18:00" in browser.get("/contacts").text
    assert "Отвечаем до 21:00" in browser.page.text
    clock.at = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)  # ten in the evening in Moscow
    assert "Откроется завтра в 9:00" in browser.get("/contacts").text
    assert "Ответим завтра с 9:00" in browser.page.text


def test_a_holiday_is_closed_and_told_ahead(browser, clock):
    clock.at = datetime(2026, 11, 4, 9, 0, tzinfo=UTC)
    page = browser.get("/contacts")
    assert "Откроется завтра в 9:00" in page.text and "4 ноября — выходной" in page.text


def test_nothing_is_fetched_from_elsewhere(browser):
    assert not browser.get("/contacts").tree.cssselect(
        "img[src^=http], iframe, script[src^=http], link[href^=http]"
    )


def fields(text: str) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in text.splitlines())


def test_who_found_a_hole_learns_whom_to_tell(browser, settings, clock):
    answer = browser.client.get("/.well-known/security.txt")
    told = fields(answer.text)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8" and answer.text.endswith("\n")
    assert told["Contact"] == f"mailto:{settings.service_mail}"
    settings.security_mail = "bugs@example.ru"
    told = fields(browser.client.get("/.well-known/security.txt").text)
    assert told["Contact"] == "mailto:bugs@example.ru" and told["Preferred-Languages"] == "ru, en"
    assert told["Canonical"] == "http://testserver.local/.well-known/security.txt"
    ends = datetime.fromisoformat(told["Expires"])
    assert 0 < (ends - clock.now()).days < 365, "RFC 9116: a day ahead, less than a year"
    clock.forward(days=400)
    assert (
        datetime.fromisoformat(fields(browser.client.get("/.well-known/security.txt").text)["Expires"])
        > clock.now()
    )
