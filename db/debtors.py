"""Who owes: contracts whose balance is below zero today, the largest debt first."""

from collections import defaultdict
from datetime import date, datetime
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from db import accruals
from db.contracts import Contract
from db.ledger import LedgerEntry
from db.subscribers import Subscriber
from rules import accrual, days

SPAN = 5_000


class Debtor(NamedTuple):
    """`debt` is positive kopecks; `fee` a whole month's; `paid_on` the day of the last payment."""

    contract_id: int
    number: int
    name: str
    mobile: str | None
    debt: int
    fee: int
    paid_on: date | None


def today(db: Session, now: datetime, least: int = 1) -> list[Debtor]:
    """Everybody who owes `least` kopecks or more."""
    day = days.today(now)
    owed = {id: -balance for id, balance in _balances(db, day) if -balance >= least}
    return sorted(_named(db, owed, day), key=lambda one: -one.debt)


def _balances(db: Session, day: date) -> list[tuple[int, int]]:
    """(contract, balance) of all, a span of ids at a time so that memory stays small."""
    by_contract = select(LedgerEntry.contract_id, func.sum(LedgerEntry.amount)).group_by(col(LedgerEntry.contract_id))
    sums = dict(db.execute(by_contract).all())
    last = db.execute(select(func.max(Contract.id))).scalar() or 0
    found = []
    for low in range(1, last + 1, SPAN):
        charged = accruals.accrued_by_contract(db, low, low + SPAN - 1, day)
        found += [(id, sums.get(id, 0) - charged.get(id, 0)) for id in range(low, min(low + SPAN, last + 1))]
    return found


def _named(db: Session, owed: dict[int, int], day: date) -> list[Debtor]:
    last = select(LedgerEntry.contract_id, func.max(LedgerEntry.day)).where(col(LedgerEntry.kind) == "payment")
    paid = dict(db.execute(last.group_by(col(LedgerEntry.contract_id))).all())
    fees = _fees(db, owed, day)
    people = select(Contract.id, Contract.number, Subscriber.name, Subscriber.mobile).join(Subscriber)
    return [
        Debtor(id, number, name, mobile, owed[id], fees[id], paid.get(id))
        for id, number, name, mobile in db.execute(people)
        if id in owed
    ]


def _fees(db: Session, owed: dict[int, int], day: date) -> dict[int, int]:
    """A whole month's fee of those who owe."""
    found: dict[int, int] = defaultdict(int)
    for low in range(min(owed, default=1), max(owed, default=0) + 1, SPAN):
        for one in accruals.services(db, low, low + SPAN - 1):
            if one.contract_id in owed:
                found[one.contract_id] += accrual.fee(day, one.intervals, one.prices)
    return found
