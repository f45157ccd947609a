"""Events of the station, stored through its own ingest: `says(write, clock, "00010", "arm", minutes=-5,
who="3")`.
"""

from datetime import datetime, timedelta

from db.events import keys, station
from rules.events.events import EventKind, StationReport

CODES = {"arm": "R401", "disarm": "E401", "alarm": "E130", "restore": "R130", "fault": "E301", "test": "E602"}


def says(
    write,
    clock,
    number: str,
    kind: str,
    *,
    at: datetime | None = None,
    who: str | None = None,
    code="",
    **ago,
) -> datetime:
    """Store one event of a key, `ago` from the test's now (minutes=-5) or at an instant; return
    when it was.
    """
    when = (at or clock.now()) + timedelta(**ago)
    report = StationReport(
        key=number, at=when, code=code or CODES.get(kind, "E999"), kind=EventKind[kind], who=who
    )
    with write() as db:
        station.ingest(db, "тестовый пульт", [report], clock.now())
    return when


def opened(write, clock, *numbers: str, name: str = "") -> None:
    """Add these keys to the contracts that have them in the registry."""
    with write() as db:
        for number in numbers:
            key = keys.find_by_number(db, number)
            keys.open_key(db, key, key.contract_id, name, "registry", clock.now())
