"""Contracts with a negative balance, the largest debt first.

A job calculates the list daily; pages and the export read it.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Engine, insert
from sqlmodel import Session, and_, col, delete, func, or_, select

from db import writing
from db.money import accruals
from db.money.billed_services import billed_services
from db.money.debts import Debt, DebtCalculation
from db.money.ledger import LedgerEntry
from db.people.contracts import Contract
from db.people.subscribers import Subscriber
from rules import days
from rules.money import accrual
from settings import Settings

SPAN = 1_000  # contracts calculated in one transaction
PAGE = 50


class Debtor(NamedTuple):
    """A row of the list: `debt` in positive kopecks, `fee` for a whole month.

    `paid_on` is the day of the last payment.
    """

    contract_id: int
    number: int
    name: str
    mobile: str | None
    debt: int
    fee: int
    paid_on: date | None

    @property
    def place(self) -> str:
        """The cursor of the page that starts after this row, as used in the URL."""
        return f"{self.debt}-{self.contract_id}"


class DebtorPage(NamedTuple):
    """A page of debtors.

    `owing` and `total` are the number and the debt of all debtors; `older` is the next page's cursor.
    """

    rows: list[Debtor]
    owing: int
    total: int
    older: str | None


_order = (col(Debt.debt).desc(), col(Debt.contract_id).desc())


def _with_names(some: Any) -> Any:
    """Join contract and subscriber to these debts only, so that the database does not sort all the names."""
    debt = some.subquery().c
    return (
        select(
            debt.contract_id,
            Contract.number,
            Subscriber.name,
            Subscriber.mobile,
            debt.debt,
            debt.fee,
            debt.paid_on,
        )  # type: ignore[call-overload]
        .join(Contract, col(Contract.id) == debt.contract_id)
        .join(Subscriber, col(Subscriber.id) == Contract.subscriber_id)
        .order_by(debt.debt.desc(), debt.contract_id.desc())
    )


def debtor_page(db: Session, least: int = 1, after: tuple[int, int] | None = None) -> DebtorPage:
    """Return a page of debtors who owe at least `least` kopecks, after the cursor (debt, contract id)."""
    enough = col(Debt.debt) >= least
    count, total = db.execute(select(func.count(), func.coalesce(func.sum(Debt.debt), 0)).where(enough)).one()
    found = select(Debt).where(enough).order_by(*_order).limit(PAGE + 1)
    if after:
        same = and_(col(Debt.debt) == after[0], col(Debt.contract_id) < after[1])
        found = found.where(or_(col(Debt.debt) < after[0], same))
    rows = [Debtor(*row) for row in db.execute(_with_names(found))]
    return DebtorPage(rows[:PAGE], count, total, rows[PAGE - 1].place if len(rows) > PAGE else None)


def all_debtors(db: Session) -> Iterator[Debtor]:
    """Yield the whole list, for export."""
    return (Debtor(*row) for row in db.execute(_with_names(select(Debt))))


def last_calculation(db: Session) -> DebtCalculation | None:
    return db.exec(select(DebtCalculation)).first()


def request_calculation(db: Session, now: datetime) -> None:
    """Ask the job to calculate the list again. Inside `writing`."""
    row = last_calculation(db) or DebtCalculation(id=1)
    row.asked_at = now
    db.add(row)


def calculate_due(engine: Engine, settings: Settings, now: datetime) -> None:
    """Job: calculate the list once each Moscow day and on request."""
    with Session(engine) as db:
        row = last_calculation(db)
        if row is None or row.day != days.today(now) or row.asked_at:
            calculate(db, now)


def calculate(db: Session, now: datetime) -> int:
    """Calculate the list in batches of contracts and return the number of debtors.

    A run that was interrupted is repeated from the beginning.
    """
    day, found = days.today(now), 0
    last = db.execute(select(func.max(Contract.id))).scalar() or 0
    for low in range(1, last + 1, SPAN):
        with writing(db):
            rows = _calculate_span(db, low, low + SPAN - 1, day)
            db.connection().execute(delete(Debt).where(col(Debt.contract_id).between(low, low + SPAN - 1)))
            if rows:
                db.connection().execute(insert(Debt), rows)
        found += len(rows)
    with writing(db):
        row = last_calculation(db) or DebtCalculation(id=1)
        row.day, row.at, row.asked_at = day, now, None
        db.add(row)
    return found


def _calculate_span(db: Session, low: int, high: int, day: date) -> list[dict[str, Any]]:
    here, contract = col(LedgerEntry.contract_id).between(low, high), col(LedgerEntry.contract_id)
    sums = select(contract, func.sum(LedgerEntry.amount)).where(here).group_by(contract)
    left: dict[int, int] = defaultdict(int, dict(db.execute(sums).all()))
    charged = billed_services(db, low, high)
    for id, kopecks in accruals.accrued_amounts(db, low, high, day, charged).items():
        left[id] -= kopecks
    owed = {id: -kopecks for id, kopecks in left.items() if kopecks < 0}
    fees: dict[int, int] = defaultdict(int)
    for one in charged:
        if one.contract_id in owed:
            fees[one.contract_id] += accrual.month_fee(day, one.intervals, one.prices)
    paid = select(contract, func.max(LedgerEntry.day)).where(
        contract.in_(owed), col(LedgerEntry.kind) == "payment"
    )
    paid_on = dict(db.execute(paid.group_by(contract)).all()) if owed else {}
    return [
        {"contract_id": id, "debt": debt, "fee": fees[id], "paid_on": paid_on.get(id)}
        for id, debt in owed.items()
    ]
