"""Data of the home page (manual §3), read by column queries built once, because it is the most requested
page.
"""

from datetime import date, datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import bindparam, text
from sqlmodel import col, exists, select

from db.events import feed
from db.money import accruals, billed_services
from db.payments.autopay import Autopay
from db.people.contracts import Contract
from db.people.subscribers import Subscriber
from db.prepared_reads import ReadConnection
from db.requests.requests import Request
from rules import days, home
from rules.money import accrual
from rules.people.services import SERVICES
from rules.requests import descriptions
from rules.requests.kinds import KIND_WORDS

# States are written as literals, as in partial indexes: SQLite plans a statement again each time such a value
# is bound to it.
_autopay = exists().where(col(Autopay.contract_id) == bindparam("contract"), text("autopay.state = 'on'"))
_contract = (
    select(
        Contract.id,
        Contract.number,
        Contract.signed_on,
        Contract.address,
        Contract.ends_on,
        Contract.unread,
        Subscriber.name,
        Subscriber.welcome,
        Subscriber.rights_notice,
        _autopay.label("autopay"),
    )  # type: ignore[call-overload]
    .join(Subscriber, col(Subscriber.id) == Contract.subscriber_id)
    .where(col(Contract.id) == bindparam("contract"))
)
_scheduled = (
    select(Request.number, Request.kind, Request.payload, Request.effective_day)  # type: ignore[type-var]
    .where(
        col(Request.contract_id) == bindparam("contract"),
        text("request.state = 'approved'"),
        col(Request.effective_day).is_not(None),
    )
    .order_by(col(Request.effective_day), col(Request.number))
)


def _scheduled_words(row: Any) -> dict[str, Any]:
    """Describe an approved change that waits for its day, with the request number to withdraw it by."""
    when = descriptions.summary(row.payload, row.effective_day)
    return {"words": KIND_WORDS[row.kind], "when": when, "number": row.number}


def page_context(db: ReadConnection, contract_id: int, now: datetime) -> dict[str, Any]:
    """Return the page's context: contract, services with price and state, balance, next charge, channel,
    scheduled changes.
    """
    this = {"contract": contract_id}
    today = days.today(now)
    contract = db.execute(_contract, this).one()
    services = sorted(billed_services.service_histories(db, contract_id), key=attrgetter("kind"))
    billed = [(one.intervals, one.prices) for one in services]
    balance = accruals.balance(db, contract_id, today, billed)  # type: ignore[arg-type]
    return {
        "contract": contract,
        "services": [_service_line(one, today) for one in services],
        "balance": balance,
        "next_charge": _next_charge(billed, today),
        "lasts_until": accrual.lasts_until(balance, today, billed) if balance >= 0 else None,
        "channel": home.channel_state(
            next((one.intervals for one in services if one.kind == "channel"), []), today, contract.ends_on
        ),
        "scheduled": [_scheduled_words(row) for row in db.execute(_scheduled, this)],
        "sites": feed.home_places(db, contract_id, now),  # type: ignore[arg-type]
    }


def _service_line(one: billed_services.BilledService, today: date) -> tuple[str, str, int | None, str]:
    """Return (service, tariff, kopecks a month, state in words). A service that is off costs nothing, so it
    has no price.
    """
    state = accrual.state_on(today, one.intervals)
    price = None if state == "off" else accrual.price_on(today, one.prices)
    return SERVICES[one.kind], one.tariff, price, home.STATES[state]


def _next_charge(billed: accrual.Services, today: date) -> tuple[date, int] | None:
    """Return the first day of next month and the cost of the whole current month."""
    kopecks = accrual.month_fees(today, billed)
    return (days.add_months(days.month_start(today), 1), kopecks) if kopecks else None
