"""Staff sign-in: invitation, password, second factor, recovery codes, limits; and who may open what."""

import pytest
from sqlmodel import select

from db.access import staff
from db.journal import Note
from rules.access import totp
from rules.access.staff import may
from tests.kit.staff_sign_in_steps import PASSWORD, code, console, enrolled, link, olga, password_step  # noqa: F401 - fixtures

OPENS = {
    "/staff": "look",
    "/staff/subscribers": "look",
    "/staff/journal": "journal",
    "/staff/journal.csv": "journal",
    "/staff/work": "work",
}


def test_an_invitation_leads_to_the_desk(olga, clock) -> None:
    browser, _, codes = enrolled(olga, clock)
    assert len(codes) == 10
    assert browser.get("/staff").heading == "Очередь"


def test_the_picture_is_a_file_of_the_house(olga) -> None:
    browser, path = olga
    answer = browser.client.get(path + "/qr.svg")
    assert answer.headers["content-type"].startswith("image/svg+xml") and answer.text.lstrip().startswith(
        "<?xml"
    )
    assert "no-store" in answer.headers["cache-control"]


def test_an_invitation_is_good_once(olga, clock) -> None:
    browser, path = olga
    enrolled(olga, clock)
    browser.get(path, status=404)
    browser.get(path + "/qr.svg", status=404)


def test_an_invitation_has_its_time(olga, clock) -> None:
    browser, path = olga
    clock.forward(days=3, seconds=1)
    browser.get(path, status=404)


def test_a_new_invitation_ends_the_old_one_and_the_old_entry_works_until_then(
    olga, console, clock, visitor
) -> None:
    _, key, _ = enrolled(olga, clock)
    first = link(console("invite", "olga"))
    second = link(console("invite", "olga"))
    browser = visitor()
    browser.get(first, status=404)
    browser.get(second)
    clock.forward(minutes=1)
    password_step(browser)
    assert browser.submit("/staff/totp", code=code(key, clock)).heading == "Очередь"


@pytest.mark.parametrize(
    ("password", "field"), [("короткий", "password"), ("", "password"), ("Ольга Белова 1", "password")]
)
def test_an_invitation_refuses_a_weak_password(olga, clock, password, field) -> None:
    browser, path = olga
    page = browser.submit(path, password=password, code=code(browser.page, clock), status=422)
    assert field in page.errors


def test_an_invitation_refuses_a_code_that_does_not_fit(olga) -> None:
    browser, path = olga
    page = browser.submit(path, password=PASSWORD, code="000000", status=422)
    assert "code" in page.errors and PASSWORD not in page.source


def test_password_alone_opens_nothing(olga, clock, visitor) -> None:
    enrolled(olga, clock)
    browser = visitor()
    assert password_step(browser).heading == "Код из приложения"
    for path in ("/staff", "/staff/subscribers", "/staff/requests/100001"):
        assert browser.get(path).heading == "Код из приложения"


def test_the_code_opens_and_is_good_once(olga, clock, visitor) -> None:
    _, key, _ = enrolled(olga, clock)
    clock.forward(minutes=1)
    first, second = visitor(), visitor()
    password_step(first)
    password_step(second)
    now = code(key, clock)
    assert first.submit("/staff/totp", code=now).heading == "Очередь"
    assert "code" in second.submit("/staff/totp", code=now, status=422).errors


def test_the_session_changes_with_the_second_factor(olga, clock, visitor) -> None:
    _, key, _ = enrolled(olga, clock)
    clock.forward(minutes=1)
    browser = visitor()
    password_step(browser)
    half = browser.client.cookies["cabinet"]
    browser.submit("/staff/totp", code=code(key, clock))
    assert browser.client.cookies["cabinet"] != half
    planted = visitor()
    planted.client.cookies.set("cabinet", half)
    assert planted.get("/staff").heading == "Рабочее место"


def test_a_recovery_code_opens_once(olga, clock, visitor) -> None:
    _, _, codes = enrolled(olga, clock)
    browser = visitor()
    password_step(browser)
    assert "осталось кодов: 9" in browser.submit("/staff/totp", code=codes[3].upper().replace("-", " ")).text
    again = visitor()
    password_step(again)
    assert "code" in again.submit("/staff/totp", code=codes[3], status=422).errors


@pytest.mark.parametrize(
    ("login", "password"), [("olga", "не тот пароль вовсе"), ("nobody", PASSWORD), ("maria'--", "x")]
)
def test_a_wrong_pair_says_the_same_whoever_it_was(olga, clock, visitor, login, password) -> None:
    enrolled(olga, clock)
    page = password_step(visitor(), login, password, status=422)
    assert (
        page.errors == {"password": page.errors["password"]} and "Логин и пароль" in page.errors["password"]
    )
    assert password not in page.source or password == "x"


def test_the_tenth_wrong_password_closes_the_door_for_a_while(olga, clock, visitor) -> None:
    enrolled(olga, clock)
    browser = visitor()
    for _ in range(10):
        password_step(browser, password="неверно", status=422)
    answer = password_step(browser, status=429)
    assert int(answer.response.headers["retry-after"]) > 0
    clock.forward(minutes=16)
    assert password_step(browser).heading == "Код из приложения"


def test_the_tenth_wrong_code_closes_the_door_for_a_while(olga, clock, visitor) -> None:
    _, key, _ = enrolled(olga, clock)
    clock.forward(minutes=1)
    browser = visitor()
    password_step(browser)
    for _ in range(10):
        browser.submit("/staff/totp", code="000000", status=422)
    browser.submit("/staff/totp", code=code(key, clock), status=429)


def test_who_was_let_go_is_out_at_once(olga, clock, console) -> None:
    browser, _, _ = enrolled(olga, clock)
    console("disable", "olga")
    assert browser.get("/staff").heading == "Рабочее место"
    assert "password" in password_step(browser, status=422).errors
    console("enable", "olga")
    assert password_step(browser).heading == "Код из приложения"


def test_leaving_ends_the_session(enter) -> None:
    browser = enter("maria")
    browser.get("/staff")
    browser.submit("/logout")
    assert browser.get("/staff").heading == "Рабочее место"


def test_a_subscriber_is_not_staff(anna) -> None:
    assert anna.get("/staff").heading == "Рабочее место"


@pytest.mark.parametrize("role", ["maria", "alexey", "egor", "ada"])
@pytest.mark.parametrize(("path", "act"), OPENS.items())
def test_a_role_opens_its_own_pages_only(enter, db, role, path, act) -> None:
    allowed = may(staff.find_by_login(db, role).role, act) or path == "/staff"
    enter(role).get(path, status=200 if allowed else 403)


def test_a_stranger_is_led_to_the_door(browser) -> None:
    for path in OPENS:
        assert browser.get(path).heading == "Рабочее место"


def test_secrets_are_not_in_the_file_in_the_clear(olga, clock, db) -> None:
    _, key, codes = enrolled(olga, clock)
    row = staff.find_by_login(db, "olga")
    assert key not in (row.totp_secret or "") and row.invite_secret is None
    kept = [one.code_sealed for one in db.exec(select(staff.RecoveryCode))]
    assert len(kept) == len(codes) and not {totp.hash_recovery_code(each) for each in codes} & set(kept)


def test_every_entry_and_failure_is_in_the_journal(olga, clock, visitor, db) -> None:
    enrolled(olga, clock)
    password_step(visitor(), password="неверно", status=422)
    verbs = [note.verb for note in db.exec(select(Note))]
    assert {"staff.add", "staff_invitations.enrol", "staff.sign_in", "staff.wrong_password"} <= set(verbs)
    facts = " ".join(note.facts for note in db.exec(select(Note)))
    assert "неверно" not in facts and PASSWORD not in facts


def test_the_console_adds_once_and_lists(console) -> None:
    console("add", "olga", "--name", "Ольга", "--role", "manager")
    assert "уже есть" in console("add", "olga", "--name", "Ольга", "--role", "manager", code=1)
    assert "латинских" in console("add", "Ольга", "--name", "Ольга", "--role", "manager", code=1)
    assert "ещё не входил" in console("list")
    console("role", "olga", "admin")
    assert "администратор" in console("list")
    assert "нет" in console("role", "nobody", "admin", code=1)
