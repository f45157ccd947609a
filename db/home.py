"""What the first page shows, by column selects built once: it is the most opened page of all (manual §3)."""

from collections import defaultdict
from datetime import date, datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import Date, Integer, bindparam, cast, null, text, union_all
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

# States are written as partial indexes have them: SQLite plans a statement anew each time such a value is bound to it.
_autopay = exists().where(col(Autopay.contract_id) == bindparam("contract"), text("autopay.state = 'on'"))
_contract = (
    select(Contract.id, Contract.number, Contract.signed_on, Contract.address, Contract.ends_on, Contract.unread,
           Subscriber.name, Subscriber.welcome, _autopay.label("autopay"))  # type: ignore[call-overload]
    .join(Subscriber, col(Subscriber.id) == Contract.subscriber_id)
    .where(col(Contract.id) == bindparam("contract"))
)  # fmt: skip
_theirs = col(Service.contract_id) == bindparam("contract")
# Services, their states and their prices in one statement; the cast tells PostgreSQL what an empty column would hold.
_services = union_all(
    select(col(Service.id), col(Service.kind).label("word"), Service.tariff,
           cast(null(), Date).label("first"), cast(null(), Date).label("last"), cast(null(), Integer).label("kopecks"))
    .where(_theirs),
    select(ServiceInterval.service_id, ServiceInterval.state, null(), ServiceInterval.first, ServiceInterval.last, null())
    .join(Service, col(Service.id) == ServiceInterval.service_id)
    .where(_theirs),
    select(ServicePrice.service_id, null(), null(), ServicePrice.since, null(), ServicePrice.kopecks)
    .join(Service, col(Service.id) == ServicePrice.service_id)
    .where(_theirs),
)  # fmt: skip

_scheduled = (
    select(Request.number, Request.kind, Request.payload, Request.effective_day)
    .where(col(Request.contract_id) == bindparam("contract"), text("request.state = 'approved'"),
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
    services: dict[int, dict[str, Any]] = {}
    intervals, prices = defaultdict[int, list[accrual.Interval]](list), defaultdict[int, list[accrual.Price]](list)
    for id_, word, tariff, first, last, kopecks in db.execute(_services, this):
        if first is None:
            services[id_] = {"kind": word, "tariff": tariff, "intervals": intervals[id_], "prices": prices[id_]}
        elif kopecks is None:
            intervals[id_].append(accrual.Interval(word, first, last))
        else:
            prices[id_].append(accrual.Price(first, kopecks))
    return sorted(services.values(), key=itemgetter("kind"))


def _shown(one: dict[str, Any], today: date) -> tuple[str, str, int | None, str]:
    """(service, tariff, kopecks a month, state in words); what is off costs nothing, so it has no price."""
    state = accrual.state(today, one["intervals"])
    price = None if state == "off" else accrual.price(today, one["prices"])
    return home.SERVICES[one["kind"]], one["tariff"], price, home.STATES[state]


def _next_charge(billed: accrual.Services, today: date) -> tuple[date, int] | None:
    """The first of next month and what this whole month will have cost."""
    kopecks = accrual.fees(today, billed)
    return (days.add_months(days.month_start(today), 1), kopecks) if kopecks else None
