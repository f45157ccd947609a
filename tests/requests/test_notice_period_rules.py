"""Ten calendar days, the day of sending not counted (manual §3.3)."""

from datetime import UTC, date, datetime

import pytest

from rules import Refused, days
from rules.requests import notice_period
from rules.requests.kinds import KINDS
from rules.requests.notice_period import Notice

D = date.fromisoformat


@pytest.mark.parametrize(
    ("sent", "earliest"),
    [
        ("2026-11-22", "2026-12-02"),
        ("2026-12-25", "2027-01-04"),
        ("2027-02-18", "2027-02-28"),
        ("2027-02-19", "2027-03-01"),
        ("2028-02-19", "2028-02-29"),
        ("2028-02-20", "2028-03-01"),
    ],
)
@pytest.mark.parametrize("kind", ["sms_on", "sms_off", "suspend", "terminate"])
def test_ten_days_after_the_day_of_sending(kind, sent, earliest):
    assert notice_period.earliest_day(KINDS[kind].notice, D(sent)) == D(earliest)
    assert notice_period.plan(KINDS[kind].notice, earliest, D(sent)) == D(earliest)


def test_refuses_nine_days_notice_and_says_the_earliest_day():
    with pytest.raises(Refused) as refused:
        notice_period.plan(Notice.TEN_DAYS, "2026-12-01", D("2026-11-22"))
    assert "2\u00a0декабря\u00a02026" in refused.value.problems["day"]


def test_resume_from_the_very_day_but_not_from_yesterday():
    assert notice_period.plan(Notice.ANY_DAY, "22.11.2026", D("2026-11-22")) == D("2026-11-22")
    with pytest.raises(Refused):
        notice_period.plan(Notice.ANY_DAY, "21.11.2026", D("2026-11-22"))


def test_an_earlier_termination_is_asked_not_blocked_but_the_past_is_refused():
    sent = D("2026-11-22")
    assert notice_period.plan(Notice.TEN_DAYS_OR_EARLIER, "2026-11-23", sent) == D("2026-11-23")
    assert notice_period.is_early(Notice.TEN_DAYS_OR_EARLIER, D("2026-12-01"), sent)
    assert not notice_period.is_early(Notice.TEN_DAYS_OR_EARLIER, D("2026-12-02"), sent)
    with pytest.raises(Refused):
        notice_period.plan(Notice.TEN_DAYS_OR_EARLIER, "2026-11-21", sent)


@pytest.mark.parametrize("kind", ["refund", "letter", "recalculation", "surname", "sms_number", "transfer"])
def test_the_rest_has_no_day(kind):
    assert notice_period.earliest_day(KINDS[kind].notice, D("2026-11-22")) is None
    assert notice_period.hint(KINDS[kind].notice, D("2026-11-22")) == ""


def test_refuses_a_day_more_than_a_year_ahead():
    with pytest.raises(Refused):
        notice_period.plan(Notice.TEN_DAYS, "2027-11-23", D("2026-11-22"))


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 11, 22, 20, 59, 59, tzinfo=UTC), "2026-11-22"),
        (datetime(2026, 11, 22, 21, 0, 0, tzinfo=UTC), "2026-11-23"),
    ],
)
def test_the_day_of_sending_changes_at_midnight_in_moscow(instant, day):
    assert days.today(instant) == D(day)


@pytest.mark.parametrize("text", ["31.02.2027", "2027-02-31", "29.02.2027", "00.01.2027", "2027-13-01"])
def test_refuses_days_that_are_not_in_the_calendar(text):
    with pytest.raises(Refused) as refused:
        days.parse(text, "first")
    assert "календар" in refused.value.problems["first"]


@pytest.mark.parametrize(
    "text", ["", "завтра", "2026", "٠٢.١١.٢٠٢٦", "2026-11-02T00:00", "02/11", "99999-01-01"]
)
def test_refuses_what_is_no_date(text):
    with pytest.raises(Refused):
        days.parse(text)


@pytest.mark.parametrize("text", ["2026-11-02", "02.11.2026", "2.11.26", " 02 . 11 . 2026 ", "02/11/2026"])
def test_takes_days_as_browsers_and_people_write_them(text):
    assert days.parse(text) == D("2026-11-02")
