"""Services as they are charged: their states and prices by days, of one contract or of a span of them, by three statements."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import bindparam
from sqlalchemy.engine import Connection
from sqlmodel import Session, col, func, select, text

from db.ledger import LedgerEntry
from db.services import Service, ServiceInterval, ServicePrice
from rules import accrual
from rules.accrual import Interval, Price

NAMES = {"channel": "Канал связи", "sms": "SMS-информирование"}


@dataclass(frozen=True, slots=True)
class Charged:
    """A service as the accrual rules need it."""

    id: int
    contract_id: int
    kind: str
    tariff: str
    intervals: list[Interval]
    prices: list[Price]

    @property
    def name(self) -> str:
        return f"{NAMES.get(self.kind, self.kind)} «{self.tariff}»"


def within(column) -> tuple:
    """A span of contracts, given as `low` and `high`."""
    return (column >= bindparam("low"), column <= bindparam("high"))


_services = select(Service.id, Service.contract_id, Service.kind, Service.tariff).where(*within(col(Service.contract_id)))
_intervals = (
    select(ServiceInterval.service_id, ServiceInterval.state, ServiceInterval.first, ServiceInterval.last)
    .join(Service, col(Service.id) == col(ServiceInterval.service_id))
    .where(*within(col(Service.contract_id)))
)
_prices = (
    select(ServicePrice.service_id, ServicePrice.since, ServicePrice.kopecks)
    .join(Service, col(Service.id) == col(ServicePrice.service_id))
    .where(*within(col(Service.contract_id)))
)
_openings = (
    select(LedgerEntry.contract_id, func.max(LedgerEntry.day))
    .where(*within(col(LedgerEntry.contract_id)), text("kind = 'opening'"))  # as its index has it, not a bound value
    .group_by(col(LedgerEntry.contract_id))
)


def services(db: Session | Connection, low: int, high: int | None = None) -> list[Charged]:
    """The services of one contract, or of all with ids from `low` to `high`.

    An opening balance is what stood at the beginning of its day: days before it are in it and are not charged again.
    """
    span = {"low": low, "high": low if high is None else high}
    openings = dict(tuple(row) for row in db.execute(_openings, span))
    intervals, prices = defaultdict(list), defaultdict(list)
    for service, state, first, last in db.execute(_intervals, span):
        intervals[service].append(Interval(state, first, last))
    for service, since, kopecks in db.execute(_prices, span):
        prices[service].append(Price(since, kopecks))
    return [
        Charged(id, contract, kind, tariff, accrual.since(openings.get(contract), intervals[id]), prices[id])
        for id, contract, kind, tariff in db.execute(_services, span)
    ]
