"""What the first page shows, by column selects built once: it is the most opened page of all (manual §3)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import col, exists, select

from db import accruals, feed
from db.autopay import Autopay
from db.contracts import Contract
from db.reading import Reading
from db.requests import Request
from db.services import Service, ServiceInterval, ServicePrice
from db.subscribers import Subscriber
from rules import accrual, days, described, home
from rules.requests import KIND_WORDS

_autopay = exists().where(col(Autopay.contract_id) == bindparam("contract"), col(Autopay.state) == "on")
_contract = (
    select(Contract.id, Contract.number, Contract.signed_on, Contract.address, Contract.ends_on, Contract.unread,
           Subscriber.name, Subscriber.welcome, _autopay.label("autopay"))  # type: ignore[call-overload]
    .join(Subscriber, col(Subscriber.id) == Contract.subscriber_id)
    .where(col(Contract.id) == bindparam("contract"))
)  # fmt: skip
_services = (
    select(Service.id, Service.kind, Service.tariff, Service.mobile)
    .where(col(Service.contract_id) == bindparam("contract"))
    .order_by(col(Service.kind))
)
_intervals = (
    select(ServiceInterval.service_id, ServiceInterval.state, ServiceInterval.first, ServiceInterval.last)
    .join(Service, col(Service.id) == ServiceInterval.service_id)
    .where(col(Service.contract_id) == bindparam("contract"))
    .order_by(col(ServiceInterval.first))
)
_prices = (
    select(ServicePrice.service_id, ServicePrice.since, ServicePrice.kopecks)
    .join(Service, col(Service.id) == ServicePrice.service_id)
    .where(col(Service.contract_id) == bindparam("contract"))
    .order_by(col(ServicePrice.since))
)

_scheduled = (
    select(Request.number, Request.kind, Request.payload, Request.effective_day)
    .where(col(Request.contract_id) == bindparam("contract"), col(Request.state) == "approved",
           col(Request.effective_day).is_not(None))
    .order_by(col(Request.effective_day), col(Request.number))
)  # fmt: skip


def _waiting(row: Any) -> dict[str, str]:
    """What is approved and waits for its day, with the way to take it back."""
    when = described.short(row.kind, row.payload, row.effective_day)
    return {"words": KIND_WORDS[row.kind], "when": when, "withdraw": f"/inbox/{row.number}/withdraw"}


def facts(db: Reading, contract_id: int, now: datetime) -> dict[str, Any]:
    """The page's context: contract, services with price and state, balance, next charge, channel, what is scheduled."""
    this = {"contract": contract_id}
    today = days.today(now)
    contract = db.execute(_contract, this).one()
    services = _with_history(db, this)
    billed = [(one["intervals"], one["prices"]) for one in services]
    balance = accruals.balance(db, contract_id, today, billed)
    return {
        "contract": contract,
        "services": [_shown(one, today) for one in services],
        "balance": balance,
        "next_charge": _next_charge(billed, today),
        "lasts_until": accrual.lasts_until(balance, today, billed) if balance >= 0 else None,
        "channel": home.channel(next((one["intervals"] for one in services if one["kind"] == "channel"), []), today,
                                contract.ends_on),
        "scheduled": [_waiting(row) for row in db.execute(_scheduled, this)],
        "sites": feed.home(db, contract_id, now),
    }  # fmt: skip


def _with_history(db: Reading, this: dict[str, int]) -> list[dict[str, Any]]:
    intervals = [(row.service_id, accrual.Interval(row.state, row.first, row.last)) for row in db.execute(_intervals, this)]
    prices = [(row.service_id, accrual.Price(row.since, row.kopecks)) for row in db.execute(_prices, this)]
    return [
        {
            "kind": row.kind, "tariff": row.tariff, "mobile": row.mobile,
            "intervals": [one for owner, one in intervals if owner == row.id],
            "prices": [one for owner, one in prices if owner == row.id],
        }
        for row in db.execute(_services, this)
    ]  # fmt: skip


def _shown(one: dict[str, Any], today: date) -> tuple[str, str, int | None, str]:
    """(service, tariff, kopecks a month, state in words); what is off costs nothing, so it has no price."""
    state = accrual.state(today, one["intervals"])
    price = None if state == "off" else accrual.price(today, one["prices"])
    return home.SERVICES[one["kind"]], one["tariff"], price, home.STATES[state]


def _next_charge(billed: accrual.Services, today: date) -> tuple[date, int] | None:
    """The first of next month and what this whole month will have cost."""
    kopecks = accrual.fees(today, billed)
    return (days.add_months(days.month_start(today), 1), kopecks) if kopecks else None
