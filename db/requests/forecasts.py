"""What a request would cost or save, month by month: the same `accrual.fee` over the same days that later
bills.
"""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from db.people import services
from db.requests import effects, requests
from rules.money import accrual
from rules.money.accrual import Interval, Price
from rules.requests import service_changes
from rules.requests.kinds import Plan

AHEAD = 3


@dataclass(frozen=True)
class Month:
    """Kopecks of one month, as things stand and as asked."""

    first: date
    before: int
    after: int

    @property
    def difference(self) -> int:
        return self.after - self.before


@dataclass(frozen=True)
class Forecast:
    """A difference below 0 is a saving."""

    months: list[Month]

    @property
    def difference(self) -> int:
        return sum(one.difference for one in self.months)


def forecast(db: Session, contract_id: int, plan: Plan) -> Forecast | None:
    """Month by month from the day of the plan; None for kinds that change no service."""
    if plan.kind not in service_changes.TOUCHES or plan.day is None:
        return None
    before, after = [], []
    for intervals, prices in _touched(db, contract_id, plan):
        before.append((intervals, prices))
        after.append((service_changes.change(plan.kind, plan.day, plan.facts, intervals), prices))
    months = accrual.first_days(plan.day, _length(plan, before))
    return Forecast([Month(one, accrual.fees(one, before), accrual.fees(one, after)) for one in months])


def _length(plan: Plan, before: list[tuple[list[Interval], list[Price]]]) -> int:
    """As many months as the change lasts: a suspension to its end, a resumption to the end it cuts short."""
    last = None
    if plan.kind == "suspend":
        last = date.fromisoformat(str(plan.facts["last"]))
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


def _touched(db: Session, contract_id: int, plan: Plan) -> list[tuple[list[Interval], list[Price]]]:
    """(days, prices) of each service the plan changes, what is already approved and waiting included."""
    found = []
    waiting = requests.upcoming(db, contract_id)
    for service in services.of(db, contract_id):
        if service.kind in service_changes.TOUCHES[plan.kind]:
            intervals = services.intervals(db, service.id)
            for one in waiting:
                if one.effective_day and service.kind in service_changes.TOUCHES.get(one.kind, ()):
                    intervals = service_changes.change(one.kind, one.effective_day, one.payload, intervals)
            found.append((intervals, services.prices(db, service.id)))
    if plan.kind == "sms_on" and not found:
        found.append(([], [Price(plan.day or date.min, effects.sms_price(db))]))
    return found
