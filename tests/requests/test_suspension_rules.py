"""Six calendar months, both ends inclusive, never two at once, half price (manual §3.3)."""

from datetime import date

import pytest

from rules import Refused
from rules.money import accrual
from rules.money.accrual import Interval, Price
from rules.requests import suspensions
from rules.requests.kinds import change_days
from rules.requests.suspensions import Suspension

D = date.fromisoformat
SENT = D("2026-11-22")
ALWAYS = [Interval("active", D("2020-01-01"))]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2026-08-31", "2027-02-28"),
        ("2027-08-31", "2028-02-29"),
        ("2027-08-30", "2028-02-29"),
        ("2026-12-02", "2027-06-02"),
        ("2027-03-31", "2027-09-30"),
        ("2028-02-29", "2028-08-29"),
        ("2026-12-31", "2027-06-30"),
    ],
)
def test_six_calendar_months_and_not_a_day_more(first, last):
    assert suspensions.latest_day(D(first)) == D(last)


def test_the_longest_is_taken_and_a_day_more_refused_with_the_last_possible_day():
    assert suspensions.plan("2026-12-02", "2027-06-02", SENT, [], ALWAYS).last == D("2027-06-02")
    with pytest.raises(Refused) as refused:
        suspensions.plan("2026-12-02", "2027-06-03", SENT, [], ALWAYS)
    assert "2\u00a0июня\u00a02027" in refused.value.problems["last"]


def test_one_day_is_a_suspension():
    assert suspensions.plan("2026-12-02", "2026-12-02", SENT, [], ALWAYS) == Suspension(
        D("2026-12-02"), D("2026-12-02")
    )


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        ("2026-12-01", "2026-12-20", "first"),
        ("2026-11-21", "2026-12-20", "first"),
        ("2026-12-05", "2026-12-04", "last"),
        ("2027-02-31", "2027-03-02", "first"),
        ("2026-12-05", "31.02.2027", "last"),
        ("", "2026-12-20", "first"),
        ("2026-12-05", "", "last"),
    ],
)
def test_refuses_yesterday_no_day_and_an_end_before_the_start(first, last, field):
    with pytest.raises(Refused) as refused:
        suspensions.plan(first, last, SENT, [], ALWAYS)
    assert set(refused.value.problems) == {field}


@pytest.mark.parametrize(
    ("first", "last", "free"),
    [
        ("2026-12-05", "2026-12-09", True),
        ("2026-12-05", "2026-12-10", False),
        ("2026-12-20", "2026-12-25", False),
        ("2026-12-21", "2026-12-25", True),
        ("2026-12-12", "2026-12-15", False),
        ("2026-12-05", "2026-12-30", False),
    ],
)
def test_never_overlaps_another_by_a_single_day(first, last, free):
    others = [Suspension(D("2026-12-10"), D("2026-12-20"))]
    if free:
        suspensions.plan(first, last, SENT, others, ALWAYS)
    else:
        with pytest.raises(Refused):
            suspensions.plan(first, last, SENT, others, ALWAYS)


def test_a_channel_that_is_off_cannot_be_suspended():
    for channel in ([], [Interval("active", D("2020-01-01"), D("2026-12-10"))]):
        with pytest.raises(Refused):
            suspensions.plan("2026-12-05", "2026-12-20", SENT, [], channel)


UNDER_WAY = [Suspension(D("2026-11-10"), D("2026-12-20"))]


@pytest.mark.parametrize("day", ["2026-11-22", "2026-12-20"])
def test_resumes_on_any_day_of_the_suspension(day):
    assert suspensions.resume(day, SENT, UNDER_WAY) == D(day)


@pytest.mark.parametrize(
    ("day", "under_way", "field"),
    [
        ("2026-11-21", UNDER_WAY, "day"),
        ("2026-12-21", UNDER_WAY, "day"),
        ("2026-11-22", [], "form"),
        ("2026-11-25", [Suspension(D("2026-12-01"), D("2026-12-20"))], "day"),
    ],
)
def test_refuses_to_resume_what_is_not_suspended_that_day(day, under_way, field):
    with pytest.raises(Refused) as refused:
        suspensions.resume(day, SENT, under_way)
    assert set(refused.value.problems) == {field}


def painted(text: str) -> list[Interval]:
    """«active 01-01..01-10, suspended 01-11..»"""
    found = []
    for part in filter(None, text.split(", ")):
        state, span = part.split(" ")
        first, last = span.split("..")
        found.append(Interval(state, D(f"2027-{first}"), D(f"2027-{last}") if last else None))
    return found


@pytest.mark.parametrize(
    ("kind", "day", "facts", "before", "after"),
    [
        (
            "suspend",
            "03-10",
            {"last": "2027-03-20"},
            "active 01-01..",
            "active 01-01..03-09, suspended 03-10..03-20, active 03-21..",
        ),
        (
            "suspend",
            "01-01",
            {"last": "2027-03-20"},
            "active 01-01..",
            "suspended 01-01..03-20, active 03-21..",
        ),
        (
            "suspend",
            "03-10",
            {"last": "2027-04-20"},
            "active 01-01..03-31",
            "active 01-01..03-09, suspended 03-10..03-31",
        ),
        ("suspend", "03-10", {"last": "2027-03-20"}, "", ""),
        (
            "resume",
            "03-15",
            {},
            "active 01-01..03-09, suspended 03-10..03-20, active 03-21..",
            "active 01-01..03-09, suspended 03-10..03-14, active 03-15..",
        ),
        (
            "resume",
            "03-10",
            {},
            "active 01-01..03-09, suspended 03-10..03-20, active 03-21..",
            "active 01-01..",
        ),
        (
            "resume",
            "03-15",
            {},
            "active 01-01..03-09, suspended 03-10..03-20",
            "active 01-01..03-09, suspended 03-10..03-14, active 03-15..03-20",
        ),
        ("resume", "05-01", {}, "active 01-01..", "active 01-01.."),
        (
            "terminate",
            "03-15",
            {},
            "active 01-01..03-09, suspended 03-10..03-20, active 03-21..",
            "active 01-01..03-09, suspended 03-10..03-14",
        ),
        ("terminate", "01-01", {}, "active 01-01..", ""),
        ("sms_on", "03-15", {}, "", "active 03-15.."),
        ("sms_on", "03-15", {}, "active 01-01..02-10", "active 01-01..02-10, active 03-15.."),
        ("sms_off", "03-15", {}, "active 01-01..", "active 01-01..03-14"),
    ],
)
def test_what_a_request_does_to_the_days_of_a_service(kind, day, facts, before, after):
    assert change_days(kind, D(f"2027-{day}"), facts, painted(before)) == painted(after)


def test_doing_it_twice_changes_nothing_more():
    once = change_days("suspend", D("2027-03-10"), {"last": "2027-03-20"}, ALWAYS)
    assert change_days("suspend", D("2027-03-10"), {"last": "2027-03-20"}, once) == once


def test_a_suspended_month_costs_half_and_a_resumed_day_is_full():
    price = [Price(D("2020-01-01"), 89_000)]
    half = change_days("suspend", D("2027-04-01"), {"last": "2027-04-30"}, ALWAYS)
    assert accrual.month_fee(D("2027-04-01"), half, price) == 44_500
    back = change_days("resume", D("2027-04-16"), {}, half)
    assert accrual.month_fee(D("2027-04-01"), back, price) == 66_750
