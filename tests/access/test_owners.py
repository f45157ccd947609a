"""What disconnects the alarm channel or moves money is the owner's alone: confirmed by a code and notified at
once, whatever page is used.
"""

from datetime import date

import pytest
from sqlmodel import Session, select

from db.requests.requests import Request
from rules.access import representatives as rule
from rules.requests import kinds, owner_alerts
from rules.requests.kinds import KINDS, OWNER_ONLY, RESTORES
from tests.kit.owners import (
    ANNAS,
    NEW,
    TYPED,
    alerted,
    everything_off,
    sms,  # noqa: F401 - fixtures
    ticked,
    token,
)
from tests.kit.representative_steps import enter_as_olga, give
from tests.kit.requests import LATER, SOON, fill, newest_code, number_of, past_the_code, the


def test_one_flag_of_the_table_is_the_whole_law():
    assert set(TYPED) == OWNER_ONLY == {name for name, kind in KINDS.items() if kind.owner_only}
    assert set(rule.OWNER_ONLY_KINDS) == OWNER_ONLY
    assert all(not rule.is_path_allowed(rule.RIGHTS, "GET", f"/requests/new/{kind}") for kind in OWNER_ONLY)
    assert {"resume", "sms_on"} == RESTORES and not RESTORES & OWNER_ONLY


@pytest.mark.parametrize("kind", sorted(TYPED))
def test_the_rule_itself_plans_none_of_it_for_who_acts_for_the_owner(kind):
    """Whatever door the asker came by."""
    with pytest.raises(kinds.Refused) as refused:
        kinds.plan(kind, {}, kinds.Facts(today=date(2026, 11, 23), acting=True))
    assert refused.value.problems == {"form": kinds.OWNER_ONLY_MESSAGE}


@pytest.mark.parametrize("kind", sorted(TYPED))
def test_who_acts_for_the_owner_does_not_ask_for_it(anna, visitor, write, clock, texts, sms, engine, kind):
    give(anna, write, clock)
    olga = enter_as_olga(visitor, texts)
    assert f"/requests/new/{kind}" not in olga.get("/requests/new").links().values()
    form = {name: value for name, value in TYPED[kind].items() if name != "files"} | {
        "_csrf_token": token(olga)
    }
    assert olga.client.post(f"/requests/new/{kind}", data=form).status_code == 403
    assert olga.client.post("/requests/new/letter", data=form | {"text": "Прошу."}).status_code in (200, 422)
    with Session(engine) as db:
        assert db.exec(select(Request).where(Request.kind == kind)).all() == []


@pytest.mark.parametrize("kind", sorted(TYPED))
def test_what_the_owner_began_is_not_sent_by_another(anna, visitor, write, clock, texts, sms, db, kind):
    give(anna, write, clock)
    draft = fill(anna, kind, **TYPED[kind])
    assert draft.path.startswith("/requests/drafts/")
    olga = enter_as_olga(visitor, texts)
    assert olga.client.get(draft.path).status_code == 404
    assert olga.client.post(draft.path, data=ticked(olga, kind)).status_code == 404
    assert db.exec(select(Request)).all() == []


@pytest.mark.parametrize("kind", sorted(TYPED))
def test_in_a_live_session_nothing_is_sent_without_a_code_and_the_owner_hears_at_once(
    anna, write, clock, sms, db, engine, kind
):
    everything_off(write)
    page = fill(anna, kind, code=False, **TYPED[kind])
    assert page.path == "/confirm"
    answer = anna.client.post("/requests/drafts/1", data=ticked(anna, kind), follow_redirects=False)
    assert answer.headers["location"].startswith("/confirm") and db.exec(select(Request)).all() == []
    assert alerted(engine) == []
    page = past_the_code(anna)
    if kind == "sms_number":
        anna.submit("/requests/drafts/1/code")
        page = anna.submit("/requests/drafts/1", rules="1", number_code=newest_code(anna, NEW))
    else:
        page = anna.submit(rules="1", safety="1")
    row = the(db, number_of(page))
    [told] = alerted(engine)
    assert told.urgent == 1 and told.put_at == clock.now()
    assert told.text == owner_alerts.request_sent(
        owner_alerts.Office("Росохрана Телеком", "+78123261720"),
        row.number,
        owner_alerts.describe(kind, row.payload, row.effective_day),
        revocable=True,
    )
    assert f"№ {row.number}" in told.text and "Отзовите" in told.text


DEEDS = [
    (
        "suspend",
        {"last": "2026-12-20"},
        date(2026, 12, 3),
        "приостановить канал связи с 3 декабря 2026 по 20 декабря 2026",
    ),
    ("sms_off", {"mobile": ANNAS}, date(2026, 12, 3), "отключить SMS-информирование на номер"),
    ("sms_number", {"mobile": ANNAS, "new_mobile": NEW}, None, "на номер +7 ••• •••-66-77"),
    ("transfer", {"amount": 10_000, "to_number": 78000002}, None, "100,00 ₽ на договор 78 000 002"),
    ("refund", {"amount": 50_000, "account": "40702810900000002851"}, None, "500,00 ₽ на счёт •••2851"),
    ("terminate", {}, date(2026, 12, 20), "расторжение договора с 20 декабря 2026"),
]


@pytest.mark.parametrize(("kind", "payload", "day", "said"), DEEDS)
def test_the_message_says_what_and_when(kind, payload, day, said):
    if kind == "sms_off":
        said = "отключить SMS-информирование с 3 декабря 2026"
    assert said in owner_alerts.describe(kind, payload, day).replace("\u00a0", " ")


def test_ticks_put_before_the_code_are_there_after_it(anna, clock, db):
    page = fill(anna, "suspend", first=SOON, last=LATER)
    clock.forward(minutes=11)
    anna.page = page
    assert anna.submit(page.path, rules="1", safety="1").path == "/confirm"
    page = past_the_code(anna)
    assert page.heading == "Проверьте и отправьте"
    assert {box.get("name") for box in page.tree.cssselect("main input[checked]")} == {"rules", "safety"}
    assert the(db, number_of(anna.submit())).kind == "suspend"
