from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import Refused
from rules.money.statement import Entry, Statement, build_chart, build_statement, fee_note, read_period

TODAY = date(2026, 11, 22)
FEES = [Entry(date(2026, month, 30), "fee", -60_000) for month in (9, 10)]
PAID = Entry(date(2026, 10, 5), "payment", 100_000)


def shown(entries, accrued=0, before=0) -> Statement:
    return build_statement(date(2026, 9, 1), TODAY, before, sorted(entries, key=lambda one: one.day), accrued)


@pytest.mark.parametrize(
    ("form", "first", "last"),
    [
        ({}, date(2026, 6, 1), TODAY),
        ({"period": "nonsense"}, date(2026, 6, 1), TODAY),
        ({"period": "month"}, date(2026, 11, 1), TODAY),
        ({"period": "year"}, date(2025, 12, 1), TODAY),
        ({"period": "month", "from": "01.09.2026"}, date(2026, 9, 1), TODAY),
        ({"from": "2026-09-01", "to": "2026-10-31"}, date(2026, 9, 1), date(2026, 10, 31)),
        ({"from": "2026-09-01", "to": "2027-01-31"}, date(2026, 9, 1), TODAY),
    ],
)
def test_days_of_the_period(form, first, last):
    assert read_period(form, TODAY) == (first, last)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"from": "32.01.2026"}, "from"),
        ({"from": "2026-10-02", "to": "2026-10-01"}, "to"),
        ({"to": "2026-10-01"}, "from"),
        ({"from": "2016-11-21"}, "from"),
        ({"from": "٠١.٠٩.٢٠٢٦"}, "from"),
    ],
)
def test_refuses_a_period_that_is_none(form, field):
    with pytest.raises(Refused) as refused:
        read_period(form, TODAY)
    assert field in refused.value.problems


def test_months_newest_first_with_the_balance_after_each_line():
    said = shown([*FEES, PAID], accrued=44_000, before=10_000)
    assert [month.name for month in said.months] == [
        "Ноябрь\u00a02026",
        "Октябрь\u00a02026",
        "Сентябрь\u00a02026",
    ]
    october = said.months[1]
    assert [(line.title, line.balance) for line in october.lines] == [
        ("Абонентская плата", -10_000),
        ("Оплата", 50_000),
    ]
    assert (said.charged, said.paid, said.after) == (164_000, 100_000, -54_000)


def test_what_is_neither_fee_nor_payment_stands_apart():
    said = shown([Entry(date(2026, 10, 1), "correction", -500), Entry(date(2026, 10, 2), "opening", 7_000)])
    assert (said.charged, said.paid, said.brought, said.other, said.after) == (0, 0, 7_000, -500, 6_500)


def test_nothing_at_all_is_said_to_be_nothing():
    assert shown([]).empty
    assert not shown([], accrued=1).empty


days = st.dates(date(2026, 9, 1), TODAY)
entries = st.lists(
    st.builds(
        Entry,
        days,
        st.sampled_from(["fee", "payment", "refund", "correction", "opening"]),
        st.integers(-(10**9), 10**9),
    )
)


@given(entries, st.integers(-(10**9), 10**9), st.integers(0, 10**7))
def test_the_balance_at_the_end_is_the_sum_of_it_all(rows, before, accrued):
    said = shown(rows, accrued, before)
    assert said.after == before + sum(row.amount for row in rows) - accrued
    assert said.after == before + said.brought - said.charged + said.paid + said.other
    for newer, older in zip(said.months, said.months[1:], strict=False):
        assert newer.before == older.after
        if newer.lines:
            assert newer.lines[-1].balance == older.after + newer.lines[-1].entry.amount


@given(entries)
def test_bars_stay_inside_the_picture(rows):
    drawn = build_chart(shown(rows))
    for bar in drawn.bars:
        assert 0 <= bar.x < drawn.width and 0 <= bar.y <= drawn.height
        assert bar.y + bar.height == drawn.height


def test_a_small_sum_is_still_seen_beside_a_large_one():
    drawn = build_chart(shown([PAID, Entry(date(2026, 9, 30), "fee", -1)]))
    assert {bar.height for bar in drawn.bars if bar.title.endswith("0,01\u00a0₽")} == {2}
    assert drawn.top == 100_000
    assert [text for _, text in drawn.labels] == ["сен 26", "окт", "ноя"]


def test_a_long_history_shows_its_last_two_years():
    first = TODAY - timedelta(days=3650)
    assert len(build_chart(build_statement(first, TODAY, 0, [])).labels) == 24


def test_a_fee_by_days_says_so():
    assert fee_note("Канал связи", date(2026, 11, 1), 60_000, 60_000) == "Канал связи, ноябрь\u00a02026"
    assert "по дням: 600,00" in fee_note("Канал связи", date(2026, 11, 1), 60_000, 30_000)
