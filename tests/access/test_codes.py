"""A code and a signed form are valid in one session of one person, and end with it."""

import re

import pyotp
import pytest
from sqlmodel import col, func, select

from db import exports
from db.access import codes, sessions
from db.access.codes import Code
from db.access.sessions import SessionRow
from db.journal import Person
from db.people import contracts
from tests.kit import cast
from tests.people.test_settings import confirm

NEW = "+79995550011"


def six(words: str) -> str:
    return re.search(r"\d{6}", words)[0]


@pytest.fixture
def thief(enter):
    """Anna's own browser, Anna its only guest so far: what she asks for here she will try in a cabinet of
    another.
    """
    return enter(cast.ANNA)


def becomes_boris(browser):
    """The same browser and the same cookie jar, Boris' contract by his password alone, no code of his."""
    browser.get("/")
    browser.submit("/logout")
    browser.get("/login")
    assert browser.submit("/login", number=str(cast.BORIS), password=cast.PASSWORD).path == "/"


def test_a_code_sent_to_ones_own_phone_confirms_nothing_in_anothers_cabinet(thief, texts, db):
    thief.get("/settings/export")
    thief.submit("/confirm/send")
    mine = six(texts(to="+79211234567")[-1])
    becomes_boris(thief)
    assert thief.get("/settings/export").path == "/confirm"
    assert "code" in thief.submit("/confirm", status=422, code=mine).errors
    assert thief.get("/settings/export").path == "/confirm"
    thief.client.post("/settings/export", data=dict(thief.page.form("/logout").form_values()))
    assert exports.latest_export(db, contracts.find_by_number(db, cast.BORIS)[1].id) is None


def test_codes_sent_to_ones_own_phones_do_not_move_anothers_entry(thief, texts, db):
    thief.get("/settings/phone")
    thief.submit(phone=NEW)
    old, new = six(texts(to="+79211234567")[-1]), six(texts(to=NEW)[-1])
    becomes_boris(thief)
    token = dict(thief.page.form("/logout").form_values())
    thief.client.post("/settings/phone/codes", data=token | {"old": old, "new": new})
    assert contracts.find_by_number(db, cast.BORIS)[1].mobile == "+79217654321"


def test_the_page_of_codes_shows_nobody_elses_new_number(thief, texts):
    thief.get("/settings/phone")
    thief.submit(phone=NEW)
    becomes_boris(thief)
    assert thief.get("/settings/phone/codes").path == "/settings/phone"


def test_a_form_that_offers_an_application_is_no_use_in_anothers_cabinet(thief, write, clock, db):
    confirm(write, clock)
    page = thief.get("/settings/totp")
    sealed, secret = page.one("[name=sealed]").get("value"), page.one("b.code").text.replace(" ", "")
    becomes_boris(thief)
    confirm(write, clock, cast.BORIS)
    token = dict(thief.page.form("/logout").form_values())
    code = pyotp.TOTP(secret).at(clock.now())
    assert (
        thief.client.post("/settings/totp", data=token | {"sealed": sealed, "code": code}).status_code == 422
    )
    assert contracts.find_by_number(db, cast.BORIS)[1].has_totp is False


def test_a_code_of_one_session_is_not_anothers_even_of_the_same_number(db, write, clock, settings):
    """Numbers of rows may come again after a restore; the random value does not."""
    anna, boris = (contracts.find_by_number(db, number)[1].id for number in (cast.ANNA, cast.BORIS))
    mine = Person(session_id=1, kind="subscriber", id=anna, name="", binding="a" * 64)
    with write() as kept:
        sessions.start(kept, clock.now(), subscriber_id=anna)
        kept.flush()
        digits = codes.create_code(
            kept, settings.secrets, codes.session_binding("confirm", mine), clock.now()
        )
    for other in (
        Person(session_id=1, kind="subscriber", id=anna, name="", binding="b" * 64),
        Person(session_id=1, kind="subscriber", id=boris, name="", binding="a" * 64),
    ):
        with write() as kept:
            assert (
                codes.use_code(
                    kept, settings.secrets, codes.session_binding("confirm", other), digits, clock.now()
                )
                is None
            )
        assert codes.find_pending(db, codes.session_binding("confirm", other), clock.now()) is None
    with write() as kept:
        assert codes.use_code(
            kept, settings.secrets, codes.session_binding("confirm", mine), digits, clock.now()
        )


def test_a_binding_that_is_a_number_is_refused():
    with pytest.raises(ValueError, match="random"):
        codes.Binding("confirm", "7", 1)


def test_codes_die_with_their_session(anna, texts, db):
    anna.get("/settings/export")
    anna.submit("/confirm/send")
    assert db.exec(select(func.count()).select_from(Code)).one() == 1
    anna.submit("/logout")
    db.rollback()
    assert db.exec(select(func.count()).select_from(Code)).one() == 0


def test_leaving_on_the_other_device_ends_its_codes(anna, enter, texts, db):
    other = enter(cast.ANNA)
    other.get("/settings/export")
    other.submit("/confirm/send")
    anna.get("/devices")
    anna.submit("/devices/end")
    assert db.exec(select(func.count()).select_from(Code)).one() == 0


def test_the_digits_are_not_told_by_a_copy_of_the_file(db, write, clock, settings):
    """The digest is keyed by the settings' secret, which is not in the file; a changed secret locks nobody
    out.
    """
    binding = codes.Binding("login", "x" * 24, None)
    with write() as kept:
        digits = codes.create_code(kept, ["old secret"], binding, clock.now())
    row = db.exec(select(Code)).one()
    guesses = {
        binding.digest(secret, digits)
        for secret in ("", row.bound_to, binding.value, str(row.id), *settings.secrets)
    }
    assert row.digest not in guesses
    with write() as kept:
        assert codes.use_code(kept, ["old secret", "new secret"], binding, digits, clock.now())


def test_a_code_for_the_entry_opens_only_for_whom_it_was_sent_to(browser, write, texts, db):
    """The contract passes to another subscriber between the SMS and the form."""
    with write() as kept:
        for number in (cast.ANNA, cast.BORIS):
            contracts.find_by_number(kept, number)[1].entry = "sms"
    browser.get("/login/code")
    browser.submit("/login/code", number=str(cast.ANNA))
    mine = six(texts(to="+79211234567")[-1])
    with write() as kept:
        contract, new_owner = (
            contracts.find_by_number(kept, cast.ANNA)[0],
            contracts.find_by_number(kept, cast.BORIS)[1],
        )
        contract.subscriber_id = new_owner.id
        kept.add(contract)
    assert "code" in browser.submit(status=422, code=mine).errors


def test_a_moved_phone_voids_the_code_and_the_password_on_their_way_to_the_former_one(
    anna, visitor, write, texts, db
):
    with write() as kept:
        who = contracts.find_by_number(kept, cast.ANNA)[1]
        who.initial_hash, who.entry = cast._digest, "sms"
    waiting = visitor()
    waiting.get("/login/code")
    waiting.submit("/login/code", number=str(cast.ANNA))
    anna.get("/settings/phone")
    anna.submit(phone=NEW)
    anna.submit(old=six(texts(to="+79211234567")[-1]), new=six(texts(to=NEW)[-1]))
    assert contracts.find_by_number(db, cast.ANNA)[1].initial_hash is None
    assert db.exec(select(func.count()).select_from(Code)).one() == 0


def test_what_a_session_of_an_ended_number_asks_changes_no_other(db, write, clock):
    """A request that began in a session which ended meanwhile confirms nothing in the one that took its
    number.
    """
    anna = contracts.find_by_number(db, cast.ANNA)[1].id
    with write() as kept:
        sessions.start(kept, clock.now(), subscriber_id=anna)
        kept.flush()
        row = kept.exec(select(SessionRow).order_by(col(SessionRow.id).desc())).first()
        former = Person(session_id=row.id, kind="subscriber", id=anna, name="", binding="c" * 64)
        sessions.update_session(kept, former, confirmed_at=clock.now())
    db.rollback()
    assert db.exec(select(SessionRow.confirmed_at).where(SessionRow.id == row.id)).one() is None
