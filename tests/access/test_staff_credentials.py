"""A changed staff account ends its sessions, and an idle session ends."""

import pytest
from sqlmodel import select

from db.journal import Note
from tests.kit.staff_sign_in_steps import code, console, enrolled, link, olga, password_step  # noqa: F401 - fixtures

CHANGES = {
    "a new invitation": ("invite", "maria"),
    "another role": ("role", "maria", "admin"),
    "let go": ("disable", "maria"),
    "let in again": ("enable", "maria"),
    "another address": ("email", "maria", "maria@example.ru"),
}


@pytest.mark.parametrize("words", CHANGES.values(), ids=CHANGES)
def test_whatever_changes_how_one_enters_ends_every_session_there_was(enter, console, words) -> None:
    """Who holds a stolen cookie of the desk is out as soon as anything is done about it; colleagues stay."""
    stolen, other, colleague = enter("maria"), enter("maria"), enter("ada")
    console(*words)
    assert {one.get("/staff").heading for one in (stolen, other)} == {"Рабочее место"}
    assert colleague.get("/staff").heading == "Очередь"


def test_an_accepted_invitation_ends_the_sessions_of_before(olga, console, clock, visitor) -> None:
    _, key, _ = enrolled(olga, clock)
    again = link(console("invite", "olga"))
    clock.forward(minutes=1)
    thief = (
        visitor()
    )  # knows the old password and has the old second factor, which work until the invitation is used
    password_step(thief)
    thief.submit("/staff/totp", code=code(key, clock))
    browser = visitor()
    browser.get(again)
    browser.submit(again, password="другой чайник и окно", code=code(browser.page, clock))
    assert thief.get("/staff").heading == "Рабочее место"
    assert browser.get("/staff").heading == "Очередь"
    password_step(thief, status=422)


def test_a_changed_role_is_in_force_at_the_next_entry(enter, console) -> None:
    enter("maria").get("/staff/journal", status=403)
    console("role", "maria", "admin")
    enter("maria").get("/staff/journal")


def test_who_has_an_address_is_told_of_each_change(console, texts, db) -> None:
    path = link(console("add", "olga", "--name", "Ольга", "--role", "manager", "--email", "olga@example.ru"))
    console("role", "olga", "admin")
    console("email", "olga", "new@example.ru")
    console("disable", "olga")
    former, now = texts(to="olga@example.ru"), texts(to="new@example.ru")
    assert len(former) == 3 and "приглашение" in former[0] and "роль" in former[1] and "адрес" in former[2]
    assert len(now) == 1 and "отключён" in now[0]
    assert path.rsplit("/", 1)[1] not in " ".join(former + now)
    assert "целиком" in console("email", "olga", "olga", code=1)
    noted = [note for note in db.exec(select(Note)) if note.verb == "staff.email"]
    assert len(noted) == 1 and "example" not in noted[0].facts


def test_the_idle_desk_closes(enter, clock) -> None:
    browser = enter("maria")
    browser.get("/staff")
    clock.forward(minutes=31)
    assert browser.get("/staff").heading == "Рабочее место"


def test_a_poll_does_not_keep_the_desk_open(enter, clock) -> None:
    browser = enter("maria")
    for _ in range(4):
        clock.forward(minutes=8)
        browser.client.get("/staff/queue", headers={"hx-request": "true"})
    assert browser.get("/staff").heading == "Рабочее место"
