"""Visitors against one person: whatever they try, they are stopped and the person is not."""

import re

import pytest
from sqlmodel import select

from db.access import rate_limits, staff
from db.access.device_tokens import DeviceToken
from db.access.rate_limits import Attempt
from db.journal import Note
from tests.access.test_code_sign_in import choose_codes
from tests.access.test_passwords import recover
from tests.access.test_sign_in import sign_in
from tests.kit import cast
from tests.kit.staff_sign_in_steps import password_step
from tests.kit.visitor_steps import WRONG, addresses, quick  # noqa: F401 - fixtures

MOBILE = "+79211234567"


def crowd(write, clock, what: str, subject: str, count: int) -> None:
    """So many wrong tries of strangers, as they are counted from everywhere."""
    with write() as db:
        for _ in range(count):
            rate_limits.add_attempt(db, what, subject, clock.now())


def guess(browser, addresses, path: str, fields: dict[str, str], count: int) -> list[int]:
    """Wrong tries, each from a network of its own: the statuses they were answered with."""
    browser.get(path)
    form = dict(browser.page.form(path).form_values())
    found = []
    for n in range(count):
        addresses(browser, f"2001:db8:{n:x}::1")
        found.append(browser.client.post(path, data=form | fields).status_code)
    return found


def test_a_thousand_strangers_do_not_shut_a_person_out(visitor, addresses, quick, settings):
    anna = addresses(visitor(), "198.51.100.7")
    assert sign_in(anna).path == "/"
    anna.submit("/logout")
    answers = guess(visitor(), addresses, "/login", {"number": "78000001", "password": WRONG}, 1000)
    assert answers.count(422) == settings.wrong_from_everywhere and set(
        answers[settings.wrong_from_everywhere :]
    ) == {429}
    assert sign_in(anna).path == "/"


def test_a_thousand_strangers_do_not_shut_the_desk(visitor, addresses, quick, settings, write, clock):
    maria = addresses(visitor(), "198.51.100.7")
    desk(maria, write, settings, clock)
    maria.submit("/logout")
    answers = guess(visitor(), addresses, "/staff/login", {"login": "maria", "password": WRONG}, 1000)
    assert answers.count(422) == settings.wrong_from_everywhere and answers.count(
        429
    ) == 1000 - answers.count(422)
    clock.forward(minutes=1)
    assert desk(maria, write, settings, clock).path == "/staff"


def desk(browser, write, settings, clock):
    """Maria, whose application of codes the demonstration shows."""
    password_step(browser, "maria", cast.PASSWORD)
    with write() as db:
        row = staff.find_by_login(db, "maria")
        code = staff.demonstration_code(db, row, settings.attachment_keys, clock.now())
    return browser.submit("/staff/totp", code=code)


def test_strangers_do_not_shut_out_who_recovers_in_a_new_browser(
    visitor, addresses, write, clock, texts, settings
):
    crowd(write, clock, "password", f"contract:{cast.ANNA}", settings.wrong_from_everywhere)
    new = addresses(visitor(), "198.51.100.8")
    assert "Забыли пароль?" in sign_in(new, status=429).text
    recover(new)
    password = re.search(r"кабинет (\S+) — ", texts(MOBILE)[-1])[1]
    assert sign_in(new, password=password).path == "/choose"


def test_asking_for_passwords_gives_no_endless_tries_and_tells_nothing(
    visitor, addresses, write, clock, settings
):
    """Three browsers an hour may go round the limit of all addresses, ten tries each, whether or not the
    contract exists.
    """
    said = []
    for first, number in ((1, "78000001"), (101, "78999999")):
        crowd(write, clock, "password", f"contract:{number}", settings.wrong_from_everywhere)
        answers = []
        for n in range(settings.sms_per_hour + 1):
            stranger = addresses(visitor(), f"203.0.113.{first + n}")
            recover(stranger, number)
            stranger.get("/login")
            form = dict(stranger.page.form("/login").form_values()) | {"number": number, "password": WRONG}
            answers.append(stranger.client.post("/login", data=form).status_code)
        said.append(answers)
    assert said == [[422, 422, 422, 429]] * 2


def test_the_eleventh_try_from_one_64_is_stopped_whatever_the_rest_of_the_address(visitor, addresses):
    stranger = visitor()
    for n in range(10):
        sign_in(addresses(stranger, f"2001:db8:0:1::{n + 1:x}"), password=WRONG, status=422)
    sign_in(addresses(stranger, "[2001:db8:0:1:ffff::1]:4711"), password=WRONG, status=429)
    sign_in(addresses(stranger, "2001:db8:0:2::1"), password=WRONG, status=422)


def test_a_port_or_a_mapped_spelling_is_the_same_asker(visitor, addresses):
    stranger = visitor()
    for n in range(10):
        sign_in(addresses(stranger, f"203.0.113.5:{4000 + n}"), password=WRONG, status=422)
    sign_in(addresses(stranger, "::ffff:203.0.113.5"), password=WRONG, status=429)


def test_what_is_no_address_is_kept_nowhere(visitor, addresses, db):
    sign_in(addresses(visitor(), "<b>evil</b>"), password=WRONG, status=422)
    kept = [*db.exec(select(Note.facts)), *db.exec(select(Attempt.subject))]
    assert kept and not [each for each in kept if "evil" in each]


def test_ten_wrong_tries_in_a_known_browser_are_enough(visitor, addresses):
    anna = addresses(visitor(), "198.51.100.7")
    sign_in(anna)
    anna.submit("/logout")
    for n in range(10):
        sign_in(addresses(anna, f"198.51.100.{n + 10}"), password=WRONG, status=422)
    sign_in(anna, status=429)


def test_known_and_unknown_contracts_are_stopped_alike(visitor, addresses, write, clock, settings):
    for number in (cast.ANNA, 78999999):
        crowd(write, clock, "password", f"contract:{number}", settings.wrong_from_everywhere)
    known, unknown = (
        sign_in(addresses(visitor(), "203.0.113.9"), number=str(number), status=429).text
        for number in (cast.ANNA, 78999999)
    )
    assert known == unknown


def test_a_copied_cookie_is_worth_nothing_after_the_next_entry(visitor, addresses, write, clock, settings):
    anna = addresses(visitor(), "198.51.100.7")
    sign_in(anna)
    stolen = anna.client.cookies["device"]
    anna.submit("/logout")
    sign_in(anna)
    assert anna.client.cookies["device"] != stolen
    crowd(write, clock, "password", f"contract:{cast.ANNA}", settings.wrong_from_everywhere)
    thief = addresses(visitor(), "203.0.113.1")
    thief.client.cookies.set("device", stolen)
    sign_in(thief, status=429)


def test_a_forged_cookie_is_nobodys(visitor, addresses, db):
    thief = addresses(visitor(), "203.0.113.1")
    thief.client.cookies.set("device", "WyJ4Il0.forged.value")
    sign_in(thief, password=WRONG, status=422)
    assert db.exec(select(DeviceToken)).all() == []


def test_the_cookie_is_a_hash_in_the_file_and_lives_long(visitor, db):
    browser = visitor()
    browser.get("/login")
    form = dict(browser.page.form("/login").form_values()) | {"number": "78000001", "password": cast.PASSWORD}
    answer = browser.client.post("/login", data=form, follow_redirects=False)
    cookie = next(one for one in answer.headers.get_list("set-cookie") if one.startswith("device="))
    assert "HttpOnly" in cookie and "Max-Age=31536000" in cookie
    row = db.exec(select(DeviceToken)).one()
    assert len(row.token_hash) == 32 and row.token_hash.hex() not in cookie


@pytest.mark.parametrize("way", ["others", "there", "password"])
def test_a_browser_put_out_is_a_stranger_again(visitor, addresses, write, clock, settings, way, db):
    """Signed out from elsewhere, or by a new password: its own counter is over with its session."""
    lost, mine = addresses(visitor(), "198.51.100.7"), addresses(visitor(), "198.51.100.8")
    sign_in(lost)
    sign_in(mine)
    if way == "others":
        mine.get("/devices")
        mine.submit("/devices/end")
    elif way == "there":
        page = mine.get("/devices")
        mine.submit(
            next(
                one.get("action")
                for one in page.forms()
                if re.fullmatch(r"/devices/\d+/end", one.get("action"))
            )
        )
    else:
        mine.get("/settings/password")
        mine.submit(current=cast.PASSWORD, password="семь лодок у причала")
    crowd(write, clock, "password", f"contract:{cast.ANNA}", settings.wrong_from_everywhere)
    password = "семь лодок у причала" if way == "password" else cast.PASSWORD
    sign_in(lost, password=password, status=429)
    mine.submit("/logout")
    assert sign_in(mine, password=password).path == "/"


def test_strangers_recoveries_leave_a_signed_in_person_her_codes(anna, visitor, addresses, texts, settings):
    """Each from a network of its own: the phone gets three an hour, and the confirmation's code comes all the
    same.
    """
    for n in range(5):
        recover(addresses(visitor(), f"203.0.113.{n}"))
    assert len(texts(MOBILE)) == settings.sms_per_hour
    anna.get("/confirm")
    anna.submit("/confirm/send")
    assert "код для подтверждения" in texts(MOBILE)[-1]


def test_strangers_wrong_passwords_leave_confirmations_alone(
    anna, visitor, addresses, write, clock, settings, texts
):
    for what in ("password", "code"):
        crowd(write, clock, what, f"contract:{cast.ANNA}", 500)
        crowd(write, clock, what, f"contract:{cast.ANNA}@", 500)
    anna.get("/confirm")
    anna.submit("/confirm/send")
    assert anna.submit("/confirm", code=re.search(r"\d{6}", texts(MOBILE)[-1])[0]).path == "/"


def test_strangers_codes_leave_a_known_browser_its_own(visitor, addresses, write, texts, settings):
    anna = addresses(visitor(), "198.51.100.7")
    sign_in(anna)
    anna.submit("/logout")
    choose_codes(write)
    for n in range(4):
        stranger = addresses(visitor(), f"203.0.113.{n}")
        stranger.get("/login/code")
        stranger.submit("/login/code", number="78000001")
    assert len(texts(MOBILE)) == settings.sms_per_hour
    anna.get("/login/code")
    page = anna.submit("/login/code", number="78000001")
    assert len(texts(MOBILE)) == settings.sms_per_hour + 1
    assert anna.submit(page.path, code=re.search(r"\d{6}", texts(MOBILE)[-1])[0]).path == "/"


def test_what_sends_nothing_counts_only_against_who_asked(visitor, addresses, texts):
    """A wrong phone and an unknown contract cost their asker, never the contract: its owner is sent the
    password.
    """
    for n in range(4):
        stranger = addresses(visitor(), f"203.0.113.{n}")
        stranger.get("/register")
        stranger.submit("/register", number="78000001", phone="+79210000000", email="a@example.ru")
    assert texts() == []
    recover(addresses(visitor(), "198.51.100.7"))
    assert len(texts(MOBILE)) == 1


def test_the_asker_is_told_when_the_next_is_possible(visitor, addresses, clock):
    known, unknown = visitor(), visitor()
    said = []
    for n, (browser, number) in enumerate(((known, "78000001"), (unknown, "78999999"))):
        addresses(browser, f"203.0.113.{n}")
        for _ in range(3):
            recover(browser, number)
        said.append(recover(browser, number, status=429))
    assert (
        said[0].text == said[1].text and "просили три раза. Следующую можно попросить в 13:00" in said[0].text
    )
    assert [page.response.headers["retry-after"] for page in said] == ["3600", "3600"]


def test_the_signed_in_are_told_the_hour(anna, clock):
    anna.get("/confirm")
    for _ in range(3):
        anna.submit("/confirm/send")
        clock.forward(minutes=2)
    page = anna.submit("/confirm/send", status=429)
    assert "За час отправили три SMS. Следующая — в 13:00." in page.text
