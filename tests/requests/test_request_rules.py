"""Which step may follow which, and what each kind may ask ."""

from datetime import UTC, date, datetime, timedelta

import pytest

from rules import Refused
from rules.money.accrual import Interval
from rules.requests import kinds, requests
from rules.requests.plans import Facts, RequestPlan

D = date.fromisoformat
TODAY = D("2026-11-22")
ALWAYS = (Interval("active", D("2020-01-01")),)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TABLE = """
            new     work    needs_info approved done    refused withdrawn
take        work    work    -          -        -       -       -
ask_more    needs_info needs_info needs_info -  -       -       -
approve     approved approved approved -        -       -       -
refuse      refused refused refused    refused  -       -       -
withdraw    withdrawn withdrawn withdrawn withdrawn -   -       -
carry_out   -       -       -          done     -       -       -
close       done    done    done       -        -       -       -
reopen      -       -       -          -        work    work    work
"""


def table():
    head, *rows = TABLE.strip().splitlines()
    for row in rows:
        verb, *cells = row.split()
        yield from ((verb, state, leads) for state, leads in zip(head.split(), cells, strict=True))


@pytest.mark.parametrize(("verb", "state", "leads"), list(table()))
def test_each_step_from_each_state(verb, state, leads):
    if leads != "-":
        assert requests.next_state(verb, state) == leads
        return
    with pytest.raises(Refused) as refused:
        requests.next_state(verb, state)
    assert requests.STATE_WORDS[state] in refused.value.problems["form"]


def test_every_state_verb_and_kind_has_russian_words():
    assert set(requests.STATE_WORDS) == set(requests.STATES)
    assert all(step.words and step.overtaken for step in requests.STEPS.values())
    assert all(kinds.KIND_WORDS.values())


@pytest.mark.parametrize(
    ("state", "effective", "may"),
    [
        ("approved", "2026-11-23", True),
        ("approved", "2026-11-22", False),
        ("approved", None, True),
        ("new", "2026-11-22", True),
        ("needs_info", None, True),
        ("done", "2026-11-23", False),
        ("withdrawn", None, False),
    ],
)
def test_withdrawn_only_before_its_day(state, effective, may):
    day = D(effective) if effective else None
    assert requests.may_withdraw(state, day, TODAY) is may
    if not may:
        with pytest.raises(Refused):
            requests.withdraw(state, day, TODAY)


@pytest.mark.parametrize("state", requests.CLOSED)
def test_a_reply_reopens_within_fourteen_days_to_the_millisecond(state):
    closed = NOW - timedelta(days=14)
    assert requests.state_after_reply(state, closed + timedelta(milliseconds=1), NOW) == "work"
    with pytest.raises(Refused) as refused:
        requests.state_after_reply(state, closed, NOW)
    assert "новое обращение" in refused.value.problems["form"]


@pytest.mark.parametrize(
    ("state", "leads"), [("needs_info", "work"), ("new", "new"), ("work", "work"), ("approved", "approved")]
)
def test_a_reply_to_an_open_one_answers_the_question(state, leads):
    assert requests.state_after_reply(state, None, NOW) == leads


def facts(**known) -> Facts:
    return Facts(
        **{"today": TODAY, "number": 78000001, "channel": ALWAYS, "free": 100_000, "owner": "person"} | known
    )


SMS = {"sms": ALWAYS, "sms_mobile": "+79211234567"}
SOON = "2026-12-02"
REFUND = {"amount": "100", "recipient": "Иванова Анна", "bic": "044030827", "account": "40702810900000002851"}


@pytest.mark.parametrize(
    ("kind", "form", "known", "payload", "day"),
    [
        ("sms_on", {"mobile": "8 (921) 123-45-67", "day": SOON}, {}, {"mobile": "+79211234567"}, SOON),
        ("sms_off", {"mobile": "9211234567", "day": SOON}, SMS, {"mobile": "+79211234567"}, SOON),
        ("suspend", {"first": SOON, "last": "2026-12-20"}, {}, {"last": "2026-12-20"}, SOON),
        (
            "resume",
            {"day": "2026-11-22"},
            {"channel": (Interval("suspended", TODAY, D(SOON)),)},
            {},
            "2026-11-22",
        ),
        ("refund", REFUND, {"files": 1}, REFUND | {"amount": 10_000}, None),
        ("terminate", {"by": "self", "day": SOON}, {}, {}, SOON),
        (
            "terminate",
            {"by": "representative", "day": SOON, "representative": "Пётр  Иванов", "basis": "power"},
            {"files": 1},
            {"representative": "Пётр Иванов", "basis": "power"},
            SOON,
        ),
        ("letter", {"text": "Не приходит счёт."}, {}, {"text": "Не приходит счёт."}, None),
        (
            "sms_number",
            {"mobile": "9211234567", "new_mobile": "9217654321"},
            SMS,
            {"mobile": "+79211234567", "new_mobile": "+79217654321"},
            None,
        ),
        (
            "transfer",
            {"amount": "1000", "to_number": "78 000 002"},
            {},
            {"amount": 100_000, "to_number": 78000002},
            None,
        ),
        (
            "recalculation",
            {"first": "2026-11-01", "last": "2026-11-22", "text": "Не было связи."},
            {},
            {"first": "2026-11-01", "last": "2026-11-22", "text": "Не было связи."},
            None,
        ),
        ("surname", {"name": "Петрова Анна"}, {"files": 1}, {"name": "Петрова Анна"}, None),
    ],
)
def test_what_each_kind_becomes(kind, form, known, payload, day):
    plan = kinds.plan(kind, form, facts(**known))
    assert (plan.kind, plan.facts, plan.day) == (kind, payload, D(day) if day else None)


@pytest.mark.parametrize(
    ("kind", "form", "known", "fields"),
    [
        ("sms_on", {"mobile": "", "day": ""}, {}, {"mobile", "day"}),
        ("sms_on", {"mobile": "9211234567", "day": SOON}, SMS, {"form"}),
        ("sms_on", {"mobile": "8 812 326-17-20", "day": SOON}, {}, {"mobile"}),
        ("sms_off", {"mobile": "9211234567", "day": SOON}, {}, {"form"}),
        ("sms_off", {"mobile": "9217654321", "day": SOON}, SMS, {"mobile"}),
        (
            "suspend",
            {"first": SOON, "last": "2026-12-20"},
            {"channel": (Interval("suspended", TODAY, D("2026-12-05")), Interval("active", D("2026-12-06")))},
            {"first"},
        ),
        ("resume", {"day": "2026-11-22"}, {}, {"form"}),
        ("refund", REFUND, {}, {"files"}),
        ("refund", REFUND | {"amount": "1000,01"}, {"files": 1}, {"amount"}),
        ("terminate", {}, {}, {"by", "day"}),
        ("terminate", {"by": "representative", "day": SOON}, {}, {"representative", "basis", "files"}),
        ("terminate", {"by": "self", "day": SOON}, {"ends_on": D("2026-12-31")}, {"form"}),
        ("letter", {"text": "  "}, {}, {"text"}),
        ("letter", {"text": "ы" * 4001}, {}, {"text"}),
        ("sms_number", {"mobile": "9211234567", "new_mobile": "9211234567"}, SMS, {"new_mobile"}),
        ("transfer", {"amount": "1000,01", "to_number": "78000001"}, {}, {"amount", "to_number"}),
        ("transfer", {"amount": "1", "to_number": "78000002"}, {"free": 0}, {"amount"}),
        (
            "recalculation",
            {"first": "2026-11-22", "last": "2026-11-23", "text": "Не было связи."},
            {},
            {"last"},
        ),
        (
            "recalculation",
            {"first": "2026-11-20", "last": "2026-11-19", "text": "Не было связи."},
            {},
            {"last"},
        ),
        ("surname", {"name": "Петрова"}, {}, {"files"}),
        ("surname", {"name": "Петрова"}, {"owner": "company", "files": 1}, {"form"}),
        ("suspend", {"first": SOON, "last": SOON}, {"ends_on": D("2026-11-21")}, {"form"}),
    ],
)
def test_each_kind_refuses_at_the_field_that_is_wrong(kind, form, known, fields):
    with pytest.raises(Refused) as refused:
        kinds.plan(kind, form, facts(**known))
    assert set(refused.value.problems) == fields


def test_the_rule_alone_approves_four_kinds_and_never_a_plea_for_an_earlier_day():
    assert {kind for kind in kinds.KINDS if kinds.may_auto(RequestPlan(kind, {}))} == {
        "sms_on",
        "sms_off",
        "suspend",
        "resume",
    }
    assert not kinds.may_auto(RequestPlan("terminate", {}, TODAY, early=True), auto=("terminate",))
    assert kinds.plan("terminate", {"by": "self", "day": "2026-11-23"}, facts()).early


def test_the_same_said_twice_is_the_same_unless_on_purpose():
    one, other = RequestPlan("letter", {"text": "a"}), RequestPlan("letter", {"text": "b"})
    assert kinds.fingerprint(one) == kinds.fingerprint(RequestPlan("letter", {"text": "a"}))
    assert kinds.fingerprint(one) != kinds.fingerprint(other)
    assert kinds.fingerprint(one, "key") != kinds.fingerprint(one)
    first, second = RequestPlan("sms_on", {"mobile": "1"}), RequestPlan("sms_on", {"mobile": "2"}, TODAY)
    assert kinds.fingerprint(first) == kinds.fingerprint(second, "key")


def test_what_cannot_be_asked_for_is_said_before_anybody_fills_it_in():
    assert set(kinds.unavailable_reasons(facts())) == {"sms_off", "sms_number", "resume"}
    on = {"sms": ALWAYS, "sms_mobile": "+79211234567"}
    paused = (*ALWAYS, Interval("suspended", D("2026-11-01"), D("2026-12-31")))
    idle = kinds.unavailable_reasons(facts(**on, channel=paused))
    assert set(idle) == {"sms_on"} and "уже включено на номер" in idle["sms_on"]
