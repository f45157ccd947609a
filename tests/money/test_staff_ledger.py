"""The ledger and what the months do to it. Balances are read as pages read them; rows as they stand in the
file.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, col, select, text

from db import open_engine, writing
from db.money import accruals, fiscal_receipts, ledger
from db.money.fiscal_receipts import FiscalReceipt
from db.money.ledger import LedgerEntry
from db.people.contracts import Contract
from db.people.services import Service, ServiceInterval, ServicePrice
from db.people.subscribers import Subscriber
from rules.days import add_months, midnight, month_end
from rules.money import accrual
from rules.money.accrual import Interval, Price
from rules.money.fiscal_receipts import parse_rates
from tests.kit import engines

NOVEMBER = datetime(2026, 11, 22, 12, tzinfo=UTC)
RATES = parse_rates("2019-01-01=20 2026-01-01=22")


@pytest.fixture
def engine(empty) -> Iterator[Engine]:
    engine = open_engine(empty)
    yield engine
    engine.dispose()


@pytest.fixture
def db(engine) -> Iterator[Session]:
    with Session(engine, expire_on_commit=False) as db:
        yield db


def contract(
    db, number=78_000_001, kind="person", opening=0, since=date(2026, 1, 1), services=((60_000, ()),)
) -> int:
    """A contract with an opening balance; each service is a price and its intervals, active throughout when
    none.
    """
    with writing(db):
        owner = Subscriber(code=str(number), kind=kind, name="Анна Соколова", email=f"{number}@example.ru")
        db.add(owner)
        db.flush()
        one = Contract(number=number, subscriber_id=owner.id, signed_on=since, address="Невский пр., 1")
        db.add(one)
        db.flush()
        for n, (kopecks, intervals) in enumerate(services):
            service = Service(contract_id=one.id, kind=("channel", "sms")[n], tariff="Базовый")
            db.add(service)
            db.flush()
            db.add(ServicePrice(service_id=service.id, since=date(2020, 1, 1), kopecks=kopecks))
            for each in intervals or (Interval("active", since),):
                db.add(
                    ServiceInterval(service_id=service.id, state=each.state, first=each.first, last=each.last)
                )
        if opening:
            ledger.add(db, one.id, opening, "opening", f"opening:{number}", day=since, now=midnight(since))
    return one.id


def balance(db, id, at=NOVEMBER) -> int:
    db.rollback()
    return accruals.balance(db, id, at)


def fees(db) -> list[tuple[date, int]]:
    db.rollback()
    rows = select(LedgerEntry.day, LedgerEntry.amount).where(LedgerEntry.kind == "fee")
    return list(db.exec(rows.order_by(col(LedgerEntry.day), col(LedgerEntry.id))))


@pytest.mark.parametrize("statement", ["UPDATE ledger_entry SET amount = 0", "DELETE FROM ledger_entry"])
def test_the_file_itself_refuses_to_change_an_entry(db, statement):
    contract(db, opening=100_000)
    with pytest.raises(DatabaseError, match="append-only"), writing(db):
        db.execute(text(statement))
    assert ledger.total(db, 1) == 100_000


def test_one_source_is_entered_once(db):
    id = contract(db)
    for _ in range(2):
        with writing(db):
            ledger.add(db, id, 500, "payment", "payment:7", day=date(2026, 11, 1), now=NOVEMBER)
    assert ledger.total(db, id) == 500


@pytest.mark.parametrize(
    ("kind", "amount"), [("payment", 0), ("payment", -1), ("fee", 1), ("refund", 1), ("gift", 5)]
)
def test_no_entry_of_a_wrong_kind_or_sign(db, kind, amount):
    id = contract(db)
    with pytest.raises(ValueError), writing(db):
        ledger.add(db, id, amount, kind, "x", day=date(2026, 11, 1), now=NOVEMBER)


def test_the_balance_is_the_sum_less_what_november_has_accrued(db):
    id = contract(db, opening=100_000, since=date(2026, 11, 1), services=((60_000, ()), (9_000, ())))
    assert balance(db, id) == 100_000 - 44_000 - 6_600
    assert accruals.balance_details(db, id, NOVEMBER) == (
        49_400,
        50_600,
        date(2026, 12, 13),
        date(2026, 12, 1),
        69_000,
    )


def test_an_opening_balance_already_holds_the_days_before_it(db):
    id = contract(
        db,
        opening=1_000,
        since=date(2026, 11, 21),
        services=((60_000, (Interval("active", date(2020, 1, 1)),)),),
    )
    assert balance(db, id) == 1_000 - 2 * 2_000


def test_posting_a_month_changes_no_balance_and_is_done_once(db):
    ids = [contract(db, 78_000_001 + n, opening=500_000, since=date(2026, 9, 1)) for n in range(3)]
    first = midnight(date(2026, 10, 1))
    accruals.post_month(db, date(2026, 8, 1), first)
    before = balance(db, ids[0], first)
    assert accruals.post_month(db, date(2026, 9, 15), first) == 3
    assert accruals.post_month(db, date(2026, 9, 1), first) == 0
    assert balance(db, ids[0], first) == before == 500_000 - 60_000 - 1_935
    assert fees(db) == [(date(2026, 9, 30), -60_000)] * 3


def test_a_month_that_is_not_over_is_not_posted(db):
    contract(db)
    with pytest.raises(ValueError):
        accruals.post_month(db, date(2026, 11, 1), NOVEMBER)
    last_second = midnight(date(2026, 12, 1)) - timedelta(seconds=1)
    with pytest.raises(ValueError):
        accruals.post_month(db, date(2026, 11, 1), last_second)
    assert accruals.post_month(db, date(2026, 11, 1), midnight(date(2026, 12, 1))) == 1


class Settings:
    vat_rates = RATES


def test_the_job_catches_up_the_months_it_slept_through(db, engine):
    accruals.post_finished_months(engine, Settings, midnight(date(2026, 9, 10)))
    id = contract(db, opening=900_000, since=date(2026, 9, 10))
    assert fees(db) == []
    asleep = balance(db, id)
    accruals.post_finished_months(engine, Settings, NOVEMBER)
    accruals.post_finished_months(engine, Settings, NOVEMBER)
    assert fees(db) == [(date(2026, 9, 30), -42_000), (date(2026, 10, 31), -60_000)]
    assert balance(db, id) == asleep == 900_000 - 42_000 - 60_000 - 44_000


def test_the_balance_is_right_in_the_middle_of_a_posting(db, monkeypatch):
    ids = [contract(db, 78_000_001 + n, opening=500_000, since=date(2026, 9, 1)) for n in range(5)]
    accruals.post_month(db, date(2026, 8, 1), NOVEMBER)
    expected = [balance(db, id) for id in ids]
    real, calls = accruals._post_batch, []

    def dies(*given):
        if len(calls) == 2:
            raise KeyboardInterrupt
        calls.append(given)
        return real(*given)

    monkeypatch.setattr(accruals, "BATCH", 1)
    monkeypatch.setattr(accruals, "_post_batch", dies)
    with pytest.raises(KeyboardInterrupt):
        accruals.post_month(db, date(2026, 9, 1), NOVEMBER)
    assert len(fees(db)) == 2
    assert [balance(db, id) for id in ids] == expected
    monkeypatch.setattr(accruals, "_post_batch", real)
    accruals.post_month(db, date(2026, 9, 1), NOVEMBER)
    assert len(fees(db)) == 5
    assert [balance(db, id) for id in ids] == expected


a_day = st.dates(date(2025, 12, 1), date(2026, 12, 31))
an_interval = st.builds(
    lambda state, first, length: Interval(state, first, length and first + timedelta(days=length)),
    st.sampled_from(["active", "suspended"]),
    a_day,
    st.one_of(st.none(), st.integers(1, 200)),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(an_interval, min_size=1, max_size=4), st.permutations(range(12)))
def test_a_year_posted_in_any_order_and_twice_is_the_same_year(tmp_path_factory, _migrated, intervals, order):
    engine = open_engine(engines.again(_migrated, tmp_path_factory.mktemp("year")))
    with Session(engine, expire_on_commit=False) as db:
        id = contract(db, since=date(2026, 1, 1), services=((54_321, tuple(intervals)),))
        for n in [*order, *order]:
            accruals.post_month(db, add_months(date(2026, 1, 1), n), midnight(date(2027, 1, 1)))
        expected = [
            accrual.month_fee(month, intervals, [Price(date(2020, 1, 1), 54_321)])
            for month in (add_months(date(2026, 1, 1), n) for n in range(12))
        ]
        assert -ledger.total(db, id) == sum(expected)
        assert dict(fees(db)) == {
            month_end(add_months(date(2026, 1, 1), n)): -kopecks
            for n, kopecks in enumerate(expected)
            if kopecks
        }
    engine.dispose()


def test_the_month_closes_its_advance_by_one_receipt(db):
    contract(db, 78_000_001, opening=500_000, since=date(2026, 10, 1), services=((60_000, ()), (9_000, ())))
    contract(db, 78_000_002, opening=30_000, since=date(2026, 10, 1))
    contract(db, 78_000_003, opening=-1, since=date(2026, 10, 1))
    contract(db, 78_000_004, "company", opening=500_000, since=date(2026, 10, 1))
    for _ in range(2):
        accruals.post_month(db, date(2026, 10, 1), NOVEMBER, RATES)
    rows = db.exec(
        select(FiscalReceipt.kind, FiscalReceipt.amount, FiscalReceipt.contact).order_by(
            col(FiscalReceipt.id)
        )
    ).all()
    assert rows == [("closing", 69_000, "78000001@example.ru"), ("closing", 30_000, "78000002@example.ru")]


def test_money_moves_between_contracts_whole(db):
    giver, taker = contract(db, 78_000_001, opening=5_000), contract(db, 78_000_002)
    for _ in range(2):
        with writing(db):
            ledger.transfer(
                db,
                giver,
                taker,
                3_000,
                "request:1",
                day=date(2026, 11, 5),
                now=NOVEMBER,
                notes=("на 2", "с 1"),
            )
    assert (ledger.total(db, giver), ledger.total(db, taker)) == (2_000, 3_000)


def test_receipts_of_a_payment_know_the_debt_it_covers(db):
    id = contract(db)
    with writing(db):
        fiscal_receipts.add_prepayment_receipt(
            db, id, 50_000, -20_000, "payment:1", "anna@example.ru", NOVEMBER, RATES, "bank-1"
        )
        assert (
            fiscal_receipts.add_prepayment_receipt(
                db, id, 50_000, -20_000, "payment:1", "anna@example.ru", NOVEMBER, RATES
            )
            is None
        )
    [row] = fiscal_receipts.contract_receipts(db, id)
    assert [line.mode for line in row.positions] == ["full_payment", "advance"]
    assert (row.sheet().total, row.sheet().bank_id) == (50_000, "bank-1")
