"""A year of arming, disarming and faults, passed to the same ingest as events from the station."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice

from sqlmodel import Session, col, select

from commands import Context
from commands.demo import habits
from commands.demo.year import Year
from db import writing
from db.events import station
from db.events.keys import SiteKey
from db.people.contracts import Site
from rules.events import event_codes
from rules.events.events import StationReport

BATCH = 4000
SHORT = 40  # days of history for recently connected keys
SOURCE = "csv:demo"


def fill(context: Context) -> None:
    """Fill the whole year for half of the keys and the story's people, the last weeks for the others."""
    now = context.clock.now()
    with Session(context.engine, expire_on_commit=False) as db:
        keys = db.exec(
            select(SiteKey.id, SiteKey.number, Site.name).join(Site).order_by(col(SiteKey.id))
        ).all()
        reports = (
            report for key in keys for report in _life(key, Year(now)) if report.at and report.at <= now
        )
        while batch := list(islice(reports, BATCH)):
            with writing(db):
                station.ingest(db, SOURCE, batch, now)


def _life(key: tuple[int | None, str, str], year: Year) -> Iterator[StationReport]:
    place, number, site = int(key[0] or 0), key[1], key[2]
    first = year.begin if place <= 12 or place % 2 else year.today - timedelta(days=SHORT)
    for day in _days(first, year.today):
        for happening in habits.day(number, habits.way(site), day):
            yield report(number, happening)


def report(number: str, happening: habits.Happening) -> StationReport:
    kind = event_codes.kind_of(happening.code)
    return StationReport(number, happening.at, happening.code, kind, happening.who)


def _days(first: date, last: date) -> Iterator[date]:
    for n in range((last - first).days + 1):
        yield first + timedelta(days=n)
