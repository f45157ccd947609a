"""The events of the demonstration's year in order: months closed, payments made, requests sent, decided,
carried out.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import jobs
from commands import Context
from commands.demo import money, talks
from commands.demo.year import Year
from db.money import accruals
from db.requests import scheduled_requests

JOBS = {name: job for name, _, job in jobs.SCHEDULE}
Step = tuple[datetime, Callable[[Context, datetime], object]]


def fill(context: Context) -> None:
    """Run each step by the product's own function, with the instant it happens at."""
    year = Year(context.clock.now())
    steps = [*nights(year), *money.visits(context, year), *talks.scenes(context, year)]
    for at, step in sorted(steps, key=lambda one: one[0]):
        if at <= year.now:
            step(context, at)
    _messages(context, year.now)
    talks.read_old(context, year)


def nights(year: Year) -> Iterator[Step]:
    """Yield the nightly jobs: due work at each midnight, a month closed on each first."""
    for n in range((year.today - year.begin).days + 1):
        day = year.begin + timedelta(days=n)
        yield year.at(day, 0.02), _due
        yield year.at(day, 10.1), _autopay
        if n % 6 == 0:
            yield year.at(day, 23.9), _messages
        if day.day == 1:
            yield year.at(day, 0.1), _month


def _due(context: Context, at: datetime) -> None:
    scheduled_requests.carry_out_due(context.engine, context.settings, at)


def _autopay(context: Context, at: datetime) -> None:
    JOBS["autopay"](context.engine, context.settings, at)


def _messages(context: Context, at: datetime) -> None:
    jobs.send_outbox(context.engine, context.settings, at)
    JOBS["receipts"](context.engine, context.settings, at)


def _month(context: Context, at: datetime) -> None:
    accruals.post_finished_months(context.engine, context.settings, at)
