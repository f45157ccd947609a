"""What a request would cost or save month by month, by the same `accrual.month_fee` that later bills these
days.
"""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from db.people import services
from db.requests import effects, requests
from rules.money import accrual
from rules.money.accrual import Interval, Price
from rules.requests.kinds import KINDS, change_days
from rules.requests.plans import RequestPlan

AHEAD = 3


@dataclass(frozen=True)
class MonthForecast:
    """The kopecks of one month without the request and with it."""

    first: date
    before: int
    after: int

    @property
    def difference(self) -> int:
        return self.after - self.before


@dataclass(frozen=True)
class Forecast:
    """The forecast by months; a difference below 0 is a saving."""

    months: list[MonthForecast]

    @property
    def difference(self) -> int:
        return sum(one.difference for one in self.months)


def forecast(db: Session, contract_id: int, plan: RequestPlan) -> Forecast | None:
    """Return the forecast from the day of the plan, month by month; None for kinds that change no service."""
    if not KINDS[plan.kind].services or plan.day is None:
        return None
    before, after = [], []
    for intervals, prices in _affected_services(db, contract_id, plan):
        before.append((intervals, prices))
        after.append((change_days(plan.kind, plan.day, plan.facts, intervals), prices))
    months = accrual.first_days(plan.day, _months_count(plan, before))
    return Forecast(
        [
            MonthForecast(one, accrual.month_fees(one, before), accrual.month_fees(one, after))
            for one in months
        ]
    )


def _months_count(plan: RequestPlan, before: list[tuple[list[Interval], list[Price]]]) -> int:
    """Return the number of months to forecast: up to the end of the suspension that is planned or that a
    resumption ends early.
    """
    last = None
    if plan.last:
        last = plan.last
    elif plan.kind == "resume" and plan.day:
        ends = [
            one.last
            for intervals, _ in before
            for one in intervals
            if one.state == "suspended" and one.covers(plan.day)
        ]
        last = max((one for one in ends if one), default=None)
    if last is None or plan.day is None:
        return AHEAD
    return (last.year - plan.day.year) * 12 + last.month - plan.day.month + 1


def _affected_services(
    db: Session, contract_id: int, plan: RequestPlan
) -> list[tuple[list[Interval], list[Price]]]:
    """Return (intervals, prices) of each service that the plan changes, with scheduled requests applied."""
    found = []
    waiting = requests.scheduled_requests(db, contract_id)
    for service in services.list_services(db, contract_id):
        if service.kind in KINDS[plan.kind].services:
            intervals = services.list_intervals(db, service.id)
            for one in waiting:
                if one.effective_day and service.kind in KINDS[one.kind].services:
                    intervals = change_days(one.kind, one.effective_day, one.payload, intervals)
            found.append((intervals, services.list_prices(db, service.id)))
    if plan.kind == "sms_on" and not found:
        found.append(([], [Price(plan.day or date.min, effects.sms_price(db))]))
    return found
