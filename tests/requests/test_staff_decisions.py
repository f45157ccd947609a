"""Decisions at the desk: approving and refusing, two managers at once."""

from datetime import date

import pytest
from sqlmodel import select

from db.journal import Note
from db.requests import requests
from tests.kit import cast
from tests.kit.staff_requests import at, letter, maria, reply, row, send_request  # noqa: F401 - fixtures


def test_approval_schedules_and_refusal_says_why(send_request, maria, engine, db) -> None:
    good, bad = (
        send_request("sms_on", date(2026, 12, 10), mobile="+79211234567"),
        send_request("terminate", date(2026, 12, 20), by=cast.BORIS),
    )
    maria.get(at(good))
    maria.submit(at(good) + "/approve")
    assert row(engine, good).state == "approved" and row(engine, good).effective_day == date(2026, 12, 10)
    maria.get(at(bad))
    assert "refusal" in maria.submit(at(bad) + "/refuse", refusal="", status=422).errors
    maria.submit(at(bad) + "/refuse", refusal="Договор оформлен на другого человека.")
    assert row(engine, bad).state == "refused"
    assert "Договор оформлен на другого" in maria.page.text


def test_an_earlier_day_needs_a_reason_which_is_kept(send_request, maria, engine, db) -> None:
    number = send_request("terminate", date(2026, 11, 26), early=True)
    maria.get(at(number))
    assert "reason" in maria.submit(at(number) + "/approve", status=422).errors
    maria.submit(at(number) + "/approve", reason="Квартира продана, договор о продаже видели.")
    assert row(engine, number).override == "Квартира продана, договор о продаже видели."
    assert db.exec(select(Note).where(Note.verb == "desk.override")).one()


@pytest.mark.parametrize("day", ["2026-11-22", "2026-02-31", "завтра"])
def test_a_day_that_cannot_be_is_refused_and_kept_as_typed(send_request, maria, engine, day) -> None:
    number = send_request("sms_on", date(2026, 12, 10), mobile="+79211234567")
    maria.get(at(number))
    page = maria.submit(at(number) + "/approve", day=day, reason="Просили раньше", status=422)
    assert "day" in page.errors and row(engine, number).state == "new"


def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told(
    send_request, maria, enter, engine, clock
) -> None:
    number = send_request("sms_on", date(2026, 12, 10), mobile="+79211234567")
    ada = enter("ada")
    maria.get(at(number))
    ada.get(at(number))
    maria.submit(at(number) + "/approve")
    page = ada.submit(at(number) + "/refuse", refusal="Номер чужой.", status=409)
    assert page.errors["form"].startswith("Maria уже одобрил(а) эту заявку в 12:00")
    assert "Номер чужой." in page.source, "what was typed is still there"
    assert row(engine, number).state == "approved"


def test_a_double_click_decides_once(send_request, maria, engine, db) -> None:
    number = letter(send_request)
    page = maria.get(at(number))
    form = dict(page.form(at(number) + "/answer").form_values()) | {"words": "Придём завтра.", "act": "say"}
    for _ in range(2):
        assert maria.client.post(at(number) + "/answer", data=form).status_code == 200
    assert len(db.exec(select(requests.RequestMessage)).all()) == 1


def test_an_accountant_decides_money_and_only_money(send_request, enter, engine) -> None:
    papers, money = (
        send_request("surname", name="Орлова Анна"),
        send_request("recalculation", first="2026-11-01", last="2026-11-05", text="Связи не было"),
    )
    alexey = enter("alexey")
    assert "Одобрить" not in alexey.get(at(papers)).text
    subject = alexey.page.form(at(papers) + "/answer").fields["_for"]
    alexey.get(at(money))
    form = dict(alexey.page.form(at(money) + "/approve").form_values()) | {"amount": "150", "_for": subject}
    refused = alexey.client.post(at(papers) + "/approve", data=form)
    assert refused.status_code == 403 and row(engine, papers).state == "new"
    alexey.submit(at(money) + "/approve", amount="150")
    assert row(engine, money).payload["amount"] == 15_000
