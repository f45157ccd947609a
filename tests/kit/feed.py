"""Key numbers of the cast, and the rows of the feed."""

from datetime import timedelta

from db.events import station
from rules.events.events import EventKind, StationReport

MINE, BORIS_KEY, SHOP, STORE = "00010", "00020", "00030", "00031"


HTMX = {"HX-Request": "true"}


def rows(page) -> list[str]:
    return [" ".join(" ".join(li.itertext()).split()) for li in page.tree.cssselect(".day .feed > li")]


def many(write, clock, count, number=MINE, every=timedelta(minutes=7)):
    reports = [
        StationReport(
            number,
            clock.now() - every * n,
            "R401" if n % 2 else "E401",
            EventKind.arm if n % 2 else EventKind.disarm,
            "1",
        )
        for n in range(count)
    ]
    with write() as db:
        station.ingest(db, "тестовый пульт", reports, clock.now())
