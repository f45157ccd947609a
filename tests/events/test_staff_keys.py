"""Keys at the desk: who waits, whose number it really is, and what the subscriber is told."""

from tests.events.test_alarms import alarm
from tests.kit import cast
from tests.kit.site_keys import BORIS_KEY, UNKNOWN, add
from tests.kit.station import says


def test_a_foreign_try_shows_whose_the_key_is_and_cannot_be_granted(anna, enter):
    add(anna, BORIS_KEY)
    page = enter("maria").get("/staff/keys")
    assert "Чужой ключ" in page.text and "78 000 002" in page.text and BORIS_KEY in page.text
    assert "Открыть" not in page.text and "78 000 002" not in anna.get("/keys").text


def test_a_granted_number_opens_with_what_it_said_meanwhile(anna, enter, write, clock, texts):
    add(anna, UNKNOWN)
    says(write, clock, UNKNOWN, "alarm", minutes=-1)
    maria = enter("maria")
    maria.get("/staff/keys")
    maria.client.post("/staff/keys/1", data=token(maria) | {"deed": "grant"})
    assert "Тревога: проникновение" in anna.get("/events").text
    assert "•••77" in texts(to="+79211234567")[0]
    maria.get("/staff/keys")
    again = maria.client.post("/staff/keys/1", data=token(maria) | {"deed": "grant"})
    assert again.status_code == 422 and len(texts()) == 1


def test_a_refusal_needs_a_reason_the_subscriber_reads(anna, enter):
    add(anna, UNKNOWN)
    maria = enter("maria")
    maria.get("/staff/keys")
    refused = maria.client.post("/staff/keys/1", data=token(maria) | {"deed": "refuse", "reason": " "})
    assert refused.status_code == 422 and "Напишите абоненту причину" in refused.text
    maria.submit("/staff/keys/1", deed="refuse", reason="Номер от другой системы.")
    assert "Номер от другой системы." in anna.get("/keys").text and "Ждёт" not in anna.page.text


def token(browser) -> dict[str, str]:
    name = next(name for name in browser.client.cookies if name.startswith("csrf-"))
    return {"_csrf_token": browser.client.cookies[name]}


def test_unknown_keys_are_listed_once_each(enter, write, clock):
    for minutes in (-3, -2):
        says(write, clock, "9999", "arm", minutes=minutes)
    page = enter("egor").get("/staff/keys")
    rows = page.tree.cssselect("tbody tr")
    assert len(rows) == 1 and "9999" in rows[0].text_content() and "2" in rows[0].text_content()


def test_the_dispatcher_writes_and_the_subscriber_reads(anna, enter, write, clock):
    place = alarm(anna, write, clock).removeprefix("/alarms/")
    maria = enter("maria")
    page = maria.get("/staff/alarms/1")
    assert page.links()["Тревога: проникновение"] == f"/staff/alarms/1/{place}"
    maria.get(f"/staff/alarms/1/{place}")
    assert "Напишите" in maria.submit(status=422, text="").errors["text"]
    for _ in range(2):
        maria.get(f"/staff/alarms/1/{place}")
        maria.submit(text="Наряд осмотрел объект, двери целы.")
    page = anna.get(f"/alarms/{place}")
    assert page.source.count("двери целы") == 1 and "Диспетчер, Maria" in page.text


def test_an_alarm_is_found_only_through_its_own_contract(anna, enter, write, clock):
    place = alarm(anna, write, clock).removeprefix("/alarms/")
    enter("maria").get(f"/staff/alarms/2/{place}", status=404)
    assert enter(cast.BORIS).client.get(f"/staff/alarms/1/{place}", follow_redirects=False).status_code == 303
