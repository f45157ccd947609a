"""Services with their states and prices by day, for one contract or a range of contract ids."""

from collections import defaultdict
from dataclasses import dataclass, replace

from sqlalchemy import Date, Integer, bindparam, cast, null, union_all
from sqlalchemy.engine import Connection
from sqlmodel import Session, col, func, select, text

from db.money.ledger import LedgerEntry
from db.people.services import Service, ServiceInterval, ServicePrice
from db.prepared_reads import ReadConnection
from rules.money import accrual
from rules.money.accrual import Interval, Price
from rules.people.services import service_title


@dataclass(frozen=True, slots=True)
class BilledService:
    """A service with the data that the accrual rules need."""

    id: int
    contract_id: int
    kind: str
    tariff: str
    intervals: list[Interval]
    prices: list[Price]

    @property
    def name(self) -> str:
        return service_title(self.kind, self.tariff)


def in_contract_span(column) -> tuple:
    """Return the SQL condition for contract ids from the bound parameters `low` to `high`."""
    return (column >= bindparam("low"), column <= bindparam("high"))


# One UNION reads services, states and prices. PostgreSQL needs the casts to know the type of columns that are
# NULL in a branch.
_histories = union_all(
    select(  # type: ignore[call-overload]
        col(Service.id),
        col(Service.kind).label("word"),
        Service.tariff,
        Service.contract_id,
        cast(null(), Date).label("first"),
        cast(null(), Date).label("last"),
        cast(null(), Integer).label("kopecks"),
    ).where(*in_contract_span(col(Service.contract_id))),
    select(  # type: ignore[call-overload]
        ServiceInterval.service_id,
        ServiceInterval.state,
        null(),
        null(),
        ServiceInterval.first,
        ServiceInterval.last,
        null(),
    )
    .join(Service, col(Service.id) == ServiceInterval.service_id)
    .where(*in_contract_span(col(Service.contract_id))),
    select(ServicePrice.service_id, null(), null(), null(), ServicePrice.since, null(), ServicePrice.kopecks)  # type: ignore[call-overload]
    .join(Service, col(Service.id) == ServicePrice.service_id)
    .where(*in_contract_span(col(Service.contract_id))),
)
_openings = (
    select(LedgerEntry.contract_id, func.max(LedgerEntry.day))
    .where(
        *in_contract_span(col(LedgerEntry.contract_id)), text("kind = 'opening'")
    )  # as its index has it, not a bound value
    .group_by(col(LedgerEntry.contract_id))
)


def service_histories(
    db: Session | Connection | ReadConnection, low: int, high: int | None = None
) -> list[BilledService]:
    """Return the services of one contract, or of all with ids from `low` to `high`.

    Each has all its states and prices.
    """
    found: list[BilledService] = []
    intervals, prices = defaultdict[int, list[Interval]](list), defaultdict[int, list[Price]](list)
    for id_, word, tariff, contract, first, last, kopecks in db.execute(_histories, _span(low, high)):  # type: ignore[union-attr]
        if first is None:
            found.append(BilledService(id_, contract, word, tariff, intervals[id_], prices[id_]))
        elif kopecks is None:
            intervals[id_].append(Interval(word, first, last))
        else:
            prices[id_].append(Price(first, kopecks))
    return found


def billed_services(db: Session | Connection, low: int, high: int | None = None) -> list[BilledService]:
    """Return the same services without the days that an opening balance already covers.

    Those days must not be charged again.
    """
    openings = dict(tuple(row) for row in db.execute(_openings, _span(low, high)))
    return [
        replace(one, intervals=accrual.cut_before(openings.get(one.contract_id), one.intervals))
        for one in service_histories(db, low, high)
    ]


def _span(low: int, high: int | None) -> dict[str, int]:
    return {"low": low, "high": low if high is None else high}
