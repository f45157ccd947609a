"""Each kind from its form to its effect, over HTTP, and everything a form must refuse."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from db.money import accruals
from db.requests import decisions, effects, requests, scheduled_requests
from db.requests.requests import Request
from rules import Refused
from tests.kit import hostile
from tests.kit.requests import (
    ACCOUNT,
    LATER,
    PASSPORT,
    SOON,
    channel_of,
    confirm_by_hand,
    fill,
    midnight,
    number_of,
    send,
    the,
    with_staff,
)


def test_the_page_lists_the_six_services_of_the_manual_and_the_four_papers_and_a_letter(anna):
    links = anna.get("/requests/new").links()
    kinds = [href.rsplit("/", 1)[1] for href in links.values() if href.startswith("/requests/new/")]
    assert kinds == [
        "sms_on",
        "sms_off",
        "suspend",
        "resume",
        "refund",
        "terminate",
        "letter",
        "sms_number",
        "transfer",
        "recalculation",
        "surname",
    ]
    for kind in kinds:
        anna.get(f"/requests/new/{kind}")
    anna.get("/requests/new/nothing", status=404)


def test_a_suspension_from_form_to_its_day_and_back_to_work_by_itself(anna, db, clock, engine, settings):
    page = fill(anna, "suspend", first=SOON, last=LATER)
    assert page.heading == "Проверьте и отправьте"
    assert "Тревоги не дойдут до полиции" in page.text
    assert "декабрь 2026" in page.text and "900,00 ₽" in page.text and "638,71 ₽" in page.text
    assert "сэкономите 261,29 ₽" in page.text
    page = anna.submit(status=422)
    assert set(page.errors) == {"safety", "rules"}
    page = anna.submit(safety="1", rules="1")
    row = the(db, number_of(page))
    assert (row.state, row.effective_day, row.payload) == ("approved", date(2026, 12, 3), {"last": LATER})
    assert "3 декабря 2026" in page.text and f"№ {row.number}" in page.text
    before = channel_of(db)
    clock.at += timedelta(days=9)
    scheduled_requests.carry_out_due(engine, settings, clock.now())
    assert channel_of(db) == before, "the day has not come"
    midnight(clock, SOON)
    scheduled_requests.carry_out_due(engine, settings, clock.now())
    scheduled_requests.carry_out_due(engine, settings, clock.now())
    assert the(db, row.number).state == "done"
    assert [(state, first) for state, first, _ in channel_of(db)[1:]] == [
        ("suspended", date(2026, 12, 3)),
        ("active", date(2026, 12, 21)),
    ]
    verbs = [step.verb for step in requests.steps(db, row)]
    assert verbs == ["send", "approve", "carry_out"]


def test_a_refund_is_confirmed_held_and_freed(anna, db, clock, texts):
    page = fill(anna, "refund", PASSPORT, code=False, amount="500", **ACCOUNT)
    assert page.path == "/confirm", "a code first"
    anna.submit("/confirm/send")
    code = texts()[-1].split(": ")[1][:6]
    page = anna.submit("/confirm", code=code)
    assert page.heading == "Проверьте и отправьте"
    assert "паспорт.jpg" in page.text
    row = the(db, number_of(anna.submit(rules="1")))
    assert row.state == "new"
    assert row.payload["amount"] == 50_000
    free = effects.free_balance(db, row.contract_id, clock.now())
    assert free == accruals.balance(db, row.contract_id, clock.now()) - 50_000
    page = fill(anna, "refund", PASSPORT, status=422, amount="1000", **ACCOUNT)
    assert "Свободно" in page.errors["amount"]
    anna.get(f"/inbox/{row.number}")
    anna.get(f"/inbox/{row.number}/withdraw")
    anna.submit(f"/inbox/{row.number}/withdraw")
    db.rollback()
    assert effects.free_balance(db, row.contract_id, clock.now()) == free + 50_000


@pytest.mark.parametrize(
    "amount", ["0", "-1", "1000000000000", "99999999999999999999", "1500,01", "сто", "1e3", "NaN", ""]
)
def test_no_refund_of_nothing_of_less_or_of_more_than_is_free(anna, amount, db):
    page = fill(anna, "refund", PASSPORT, status=422, amount=amount, **ACCOUNT)
    assert set(page.errors) == {"amount"}
    assert page.one("#f-bic").get("value") == ACCOUNT["bic"], "what was typed is still there"
    assert "паспорт.jpg" in page.text, "and the file"
    assert db.exec(select(Request)).all() == []


@pytest.mark.parametrize(
    ("first", "last", "fields"),
    [
        ("2026-11-22", LATER, {"first"}),
        ("2026-12-02", LATER, {"first"}),
        ("31.02.2027", "01.03.2027", {"first"}),
        (LATER, SOON, {"last"}),
        (SOON, "2027-06-04", {"last"}),
        (SOON, "", {"last"}),
        ("", "", {"first", "last"}),
        ("<b>", "0000-00-00", {"first", "last"}),
    ],
)
def test_a_suspension_refused_at_its_field_with_what_was_typed(anna, first, last, fields, db):
    page = fill(anna, "suspend", status=422, first=first, last=last)
    assert set(page.errors) == fields
    assert page.one("#f-first").get("value") == first
    assert db.exec(select(Request)).all() == []


def test_a_suspension_overlapping_one_is_refused(anna, db):
    send(anna, "suspend", first=SOON, last=LATER)
    page = fill(anna, "suspend", status=422, first=LATER, last="2027-01-10")
    assert "уже есть приостановка" in page.errors["first"]
    send(anna, "suspend", first="2026-12-21", last="2027-01-10")
    assert len(db.exec(select(Request)).all()) == 2


def test_a_termination_by_a_representative_needs_papers_and_an_early_one_a_person(anna, db, clock):
    confirm_by_hand(db, anna, clock)
    page = fill(anna, "terminate", status=422, by="representative", day=SOON)
    assert set(page.errors) == {"representative", "basis", "files"}
    page = anna.submit(
        by="representative",
        representative="Соколов Пётр",
        basis="power",
        day="2026-11-25",
        files=[("files", ("доверенность.pdf", hostile.pdf(), ""))],
    )
    assert "раньше, чем через 10 календарных дней" in page.text
    row = the(db, number_of(anna.submit(rules="1")))
    assert (row.state, row.early, row.payload["representative"]) == ("new", 1, "Соколов Пётр")
    with pytest.raises(Refused):
        with_staff(db, decisions.approve, row.number, clock)
    with_staff(db, decisions.approve, row.number, clock, reason="Абонент уезжает")
    assert the(db, row.number).state == "approved"
