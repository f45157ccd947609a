"""An address is a subscriber's only after its link is opened, once."""

import re

from db.people import contracts
from tests.kit import cast
from tests.people.test_settings import confirm


def anna_row(db):
    db.rollback()
    return contracts.find_by_number(db, cast.ANNA)[1]


def link(texts, to: str) -> str:
    return re.search(r"/email/\S+", texts(to=to)[-1])[0]


def ask(anna, write, clock, address="new@example.ru"):
    confirm(write, clock)
    anna.get("/settings/email")
    return anna.submit(email=address)


def test_a_change_needs_a_code_first(anna):
    assert anna.get("/settings/email").path == "/confirm"


def test_the_address_changes_when_the_link_is_opened_and_pressed(anna, visitor, write, clock, texts, db):
    assert "Ждём" in ask(anna, write, clock).text
    assert anna_row(db).email == "p-1@example.ru"
    reader = visitor()
    reader.get(link(texts, "new@example.ru"))
    assert anna_row(db).email == "p-1@example.ru", "opening alone must not confirm"
    reader.submit()
    assert anna_row(db).email == "new@example.ru" and anna_row(db).email_confirmed_at


def test_the_former_confirmed_address_is_told(anna, visitor, write, clock, texts, db):
    with write() as kept:
        row = contracts.find_by_number(kept, cast.ANNA)[1]
        row.email_confirmed_at = clock.now()
        kept.add(row)
    ask(anna, write, clock)
    reader = visitor()
    reader.get(link(texts, "new@example.ru"))
    reader.submit()
    assert "другой адрес" in texts(to="p-1@example.ru")[-1]


def test_a_link_works_once_and_only_for_the_address_awaited(anna, visitor, write, clock, texts):
    ask(anna, write, clock, "one@example.ru")
    ask(anna, write, clock, "two@example.ru")
    reader = visitor()
    late = visitor()
    assert "two@example.ru" in late.get(link(texts, "two@example.ru")).text
    assert "больше не действует" in reader.get(link(texts, "one@example.ru")).heading
    reader.get(link(texts, "two@example.ru"))
    assert reader.submit().heading == "Вход"
    assert "больше не действует" in reader.get(link(texts, "two@example.ru")).heading
    assert "больше не действует" in late.submit(status=422).heading


def test_refuses_what_is_no_address(anna, write, clock):
    confirm(write, clock)
    anna.get("/settings/email")
    page = anna.submit(status=422, email="анна")
    assert "целиком" in page.errors["email"] and page.one("#f-email").get("value") == "анна"


def test_letters_cannot_be_asked_for_without_end(anna, write, clock):
    for n in range(5):
        ask(anna, write, clock, f"n{n}@example.ru")
    anna.get("/settings/email")
    anna.submit(status=429, email="more@example.ru")
