"""Where one is signed in; leaving there and everywhere; a stranger's session is not found."""

import re

from sqlmodel import select

from db.access.sessions import SessionRow
from db.people import contracts
from tests.kit import cast


def test_lists_each_entry_and_marks_this_one(anna, enter):
    enter(cast.ANNA)
    page = anna.get("/devices")
    assert page.text.count("тест") == 2
    assert page.text.count("Это устройство") == 1


def test_leaves_there_but_not_here(anna, enter):
    other = enter(cast.ANNA)
    page = anna.get("/devices")
    action = next(
        form.get("action")
        for form in page.forms()
        if form.get("action", "").endswith("/end") and form.get("action") != "/devices/end"
    )
    anna.submit(action)
    assert other.get("/").path == "/login"
    assert anna.get("/").path == "/"


def test_leaves_everywhere_else(anna, enter):
    others = [enter(cast.ANNA), enter(cast.ANNA)]
    anna.get("/devices")
    anna.submit("/devices/end")
    assert all(other.get("/").path == "/login" for other in others)
    assert anna.get("/").path == "/"


def test_a_strangers_session_is_not_found_and_goes_on(anna, boris, db):
    from sqlmodel import select

    from db.access.sessions import SessionRow

    boris.get("/")
    anna.get("/devices")
    token = dict(anna.page.form("/devices/end").form_values())
    for row in db.exec(select(SessionRow)).all():
        if row.subscriber_id != anna_id(db):
            assert anna.client.post(f"/devices/{row.id}/end", data=token).status_code == 404
    assert boris.get("/").path == "/"


def test_absurd_numbers_are_not_found(anna):
    anna.get("/devices")
    token = dict(anna.page.form("/devices/end").form_values())
    for number in ("0", "-1", str(2**63), "9" * 40, "١"):
        assert anna.client.post(f"/devices/{number}/end", data=token).status_code == 404


def anna_id(db):
    from db.people import contracts

    return contracts.find_by_number(db, cast.ANNA)[1].id


def test_a_contract_that_passed_to_another_is_closed_to_who_still_sits_in_it(anna, write):
    """The registry may give a contract to a new owner; the former one's open session must not see them live
    there.
    """
    anna.get("/events")
    with write() as db:
        boris = contracts.find_by_number(db, cast.BORIS)[1]
        contract = contracts.find_by_number(db, cast.ANNA)[0]
        contract.subscriber_id = boris.id
        db.add(contract)
    assert anna.get("/events").heading == "Вход"


def test_staff_see_their_own_entries_and_end_them(enter):
    ada, other, maria = enter("ada"), enter("ada"), enter("maria")
    page = ada.get("/staff/devices")
    assert page.text.count("тест") == 2 and "/staff/devices" in page.links().values()
    action = next(
        form.get("action")
        for form in page.forms()
        if re.fullmatch(r"/staff/devices/\d+/end", form.get("action"))
    )
    ada.submit(action)
    assert other.get("/staff").path == "/staff/login" and ada.get("/staff/devices").path == "/staff/devices"
    third = enter("ada")
    ada.get("/staff/devices")
    ada.submit("/staff/devices/end")
    assert third.get("/staff").path == "/staff/login" and maria.get("/staff/devices").path == "/staff/devices"


def test_one_of_staff_does_not_end_anothers_session(enter, db):
    ada, maria = enter("ada"), enter("maria")
    ada.get("/staff/devices")
    token = dict(ada.page.form("/staff/devices/end").form_values())
    theirs = db.exec(select(SessionRow.id).order_by(SessionRow.id.desc())).first()
    assert ada.client.post(f"/staff/devices/{theirs}/end", data=token).status_code == 404
    assert maria.get("/staff/devices").path == "/staff/devices"
