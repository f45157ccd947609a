"""A contract's summary for the desk: subscriber, sites, services, balance, last events and requests."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from db.events import events, keys
from db.events.keys import SiteKey
from db.money import accruals
from db.people import contracts, services, subscribers
from db.people.contracts import Contract, Site
from db.people.subscribers import Subscriber
from db.requests import requests
from db.requests.requests import Request
from rules import days
from rules.events import events as rule

EVENTS, EARLIER = 5, 8


@dataclass(frozen=True)
class ServiceState:
    """The state of a service today: `state` is active, suspended or off, `until` its last day, `kopecks` per
    month.
    """

    kind: str
    tariff: str
    state: str
    until: date | None
    kopecks: int | None
    mobile: str | None


@dataclass(frozen=True)
class ContractSummary:
    contract: Contract
    subscriber: Subscriber
    balance: int
    services: list[ServiceState]
    sites: list[Site]
    keys: list[SiteKey]
    events: list[tuple[object, str, str]]
    requests: list[Request]
    others: list[Contract]


def load(db: Session, contract_id: int, today: date) -> ContractSummary | None:
    """Return the summary, None when there is no such contract."""
    contract = db.exec(select(Contract).where(Contract.id == contract_id)).first()
    if not contract:
        return None
    owned = keys.registered_keys(db, contract_id)
    return ContractSummary(
        contract,
        subscribers.get_subscriber(db, contract.subscriber_id),
        accruals.balance(db, contract_id, today),
        [_service(db, one, today) for one in services.list_services(db, contract_id)],
        contracts.list_sites(db, contract_id),
        owned,
        _events(db, owned, today),
        requests.list_requests(db, contract_id, EARLIER),
        [one for one in contracts.list_contracts(db, contract.subscriber_id) if one.id != contract_id],
    )


def _service(db: Session, service: services.Service, today: date) -> ServiceState:
    now = services.state_on(db, service.id, today)
    price = services.price_on(db, service.id, today)
    state = now.state if now else "off"
    return ServiceState(service.kind, service.tariff, state, now.last if now else None, price, service.mobile)


def _events(db: Session, owned: list[SiteKey], today: date) -> list[tuple[object, str, str]]:
    """Return (instant, event, key) of the latest events of all keys."""
    if not owned:
        return []
    numbers = {key.id: key.number for key in owned}
    until = days.midnight(days.add_months(today, 1))
    rows = events.event_page(
        db, list(numbers), days.midnight(days.add_months(today, -12)), until, limit=EVENTS
    )
    return [
        (events.instant_of(row), rule.NAMES[rule.EventKind(row.kind)], str(numbers[row.key_id]))
        for row in rows
    ]


def numbers_and_names(db: Session, contract_ids: set[int]) -> dict[int, tuple[int, str]]:
    """Return contract id → (number, subscriber's name)."""
    rows = db.exec(
        select(Contract.id, Contract.number, Subscriber.name)
        .join(Subscriber)
        .where(col(Contract.id).in_(contract_ids))
    )
    return {row[0]: (row[1], row[2]) for row in rows}
