"""The events table at a million and at fifty: `python -m bench.events make FILE MILLIONS`, `… measure SMALL LARGE`.

Ratios inside one run are what counts (the machine is shared): queries of both files are interleaved.
Events are made in the order of arrival: time goes up, keys are random, half of the events on a tenth of the keys.
"""

import os
import random
import sqlite3
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import quantiles

from sqlmodel import Session, SQLModel

import db as house
from db import contracts, events, keys, outbox, panels, services, station, subscribers
from rules.events import Kind, Report

KEYS, HOT = 100_000, 10_000
START = 1_600_000_000
STEP = 3
TABLES = (subscribers, contracts, keys, services, outbox, panels)  # defined by being imported


def make(path: Path, millions: float) -> None:
    """A file of so many events on a hundred thousand keys."""
    path.unlink(missing_ok=True)
    engine = house.open_engine(f"sqlite:///{path}")
    SQLModel.metadata.create_all(engine)
    with Session(engine) as session, house.writing(session):
        session.add(subscribers.Subscriber(id=1, code="x", kind="company", name="x"))
        session.flush()
        session.add(contracts.Contract(id=1, number=78000001, subscriber_id=1, signed_on=date(2020, 1, 1), address="x"))
    engine.dispose()
    db = sqlite3.connect(path, isolation_level=None)
    db.executescript(
        "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-1000000; PRAGMA temp_store=MEMORY; BEGIN"
    )
    numbered = ((n, f"{100000 + n}", 1, "registry") for n in range(1, KEYS + 1))
    db.executemany("INSERT INTO key (id, number, contract_id, source) VALUES (?, ?, ?, ?)", numbered)
    db.execute("INSERT INTO station_source (id, name, contact_at) VALUES (1, 'dc09', 0)")
    started, count = time.perf_counter(), int(millions * 1_000_000)
    for first in range(0, count, BLOCK):
        db.execute(SOME, {"first": first, "last": min(first + BLOCK, count) - 1})
    db.execute("COMMIT")
    db.close()
    print(f"{path}: {millions} M in {time.perf_counter() - started:.0f} s, {_bytes_per_event(path):.1f} bytes an event")


# Two million arrivals at a time: time goes up, keys are random, half of the events on a tenth of the keys, nine of ten an
# arming or a disarming. Each block goes in by key, so the pages split and fill as years of arrivals would have them.
BLOCK = 2_000_000
SOME = f"""
WITH RECURSIVE n(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i < :last), said AS MATERIALIZED (
  SELECT i, abs(random()) % CASE WHEN random() & 1 THEN {HOT} ELSE {KEYS} END AS key, abs(random()) % 20 AS what,
         abs(random()) % 2147483648 AS id, abs(random()) % 8 AS dice, abs(random()) % 4 AS who FROM n)
INSERT OR IGNORE INTO event
SELECT key + 1, {START} + i * {STEP}, id, CASE what WHEN 18 THEN 2 WHEN 19 THEN 3 ELSE what & 1 END,
       CASE what WHEN 18 THEN 'E130' WHEN 19 THEN 'R130' ELSE CASE what & 1 WHEN 0 THEN 'R401' ELSE 'E401' END END,
       who + 1, dice = 0, 1, dice & 1, NULL FROM said ORDER BY key, i
"""


def _bytes_per_event(path: Path) -> float:
    db = sqlite3.connect(path)
    (count,) = db.execute("SELECT count(*) FROM event").fetchone()
    size = db.execute("PRAGMA page_count").fetchone()[0] * db.execute("PRAGMA page_size").fetchone()[0]
    return size / count


class File:
    """One file under measure."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.db = house.open_engine(f"sqlite:///{path}").connect()
        self.events = self.db.exec_driver_sql("SELECT count(*) FROM event").scalar_one()
        self.last = START + self.events * STEP
        self.times: dict[str, list[float]] = {}

    def timed(self, name: str, key_ids: list[int], until: int, before: events.Cursor | None = None):
        since, end = datetime.fromtimestamp(START, UTC), datetime.fromtimestamp(until, UTC)
        began = time.perf_counter()
        rows = events.page(self.db, key_ids, since, end, before=before)
        self.times.setdefault(name, []).append((time.perf_counter() - began) * 1e6)
        return rows


def measure(small: Path, large: Path, rounds: int = 3000) -> None:
    files, dice = [File(small), File(large)], random.Random(2)
    chosen = [1 + dice.randrange(HOT) for _ in range(rounds)]
    for repeat in range(2):
        for n, key in enumerate(chosen):
            for file in files if n % 2 else files[::-1]:
                if repeat == 0 and n == 0:
                    file.times.clear()
                file.timed("page of 50" if repeat else "warm up", [key], file.last - dice.randrange(1000))
    for key in chosen[:300]:
        file, before = files[1], None
        for number in range(1, 41):
            rows = file.timed(f"page {number}", [key], file.last, before)
            before = events.cursor(rows[-1]) if rows else before
    for _ in range(500):
        several = [1 + dice.randrange(HOT) for _ in range(20)]
        for file in files:
            file.timed("20 keys, whole period", several, file.last)
            week = file.last - 7 * 86400
            began = time.perf_counter()
            span = datetime.fromtimestamp(week, UTC), datetime.fromtimestamp(file.last, UTC)
            events.page(file.db, several, *span)
            file.times.setdefault("20 keys, a week", []).append((time.perf_counter() - began) * 1e6)
            began = time.perf_counter()
            events.guarded(file.db, several)
            file.times.setdefault("state of 20 keys", []).append((time.perf_counter() - began) * 1e6)
    for name in ("page of 50", "20 keys, a week", "20 keys, whole period", "state of 20 keys"):
        one, many = (_spread(file.times[name]) for file in files)
        print(f"{name:24} {one[0]:6.0f} / {one[1]:6.0f} µs → {many[0]:6.0f} / {many[1]:6.0f} µs, "
              f"growth p50 {many[0] / one[0]:.2f}, p99 {many[1] / one[1]:.2f}")  # fmt: skip
    page = [_spread(files[1].times[f"page {n}"])[0] for n in (2, 40)]
    print(f"page 40 ÷ page 2 by keyset: {page[1] / page[0]:.2f} ({page[0]:.0f} → {page[1]:.0f} µs)")
    for file in files:
        print(f"{file.path.name}: {file.events} events, {_bytes_per_event(file.path):.1f} bytes an event")
        file.db.close()


def cold(path: Path, rounds: int = 150) -> None:
    """The same page with the file dropped from the page cache and a new connection each time."""
    dice, times = random.Random(3), []
    probe = File(path)
    last = probe.last
    probe.db.close()
    for _ in range(rounds):
        handle = os.open(path, os.O_RDONLY)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(handle)
        file = object.__new__(File)
        file.times, engine = {}, house.open_engine(f"sqlite:///{path}")
        with engine.connect() as file.db:
            file.db.exec_driver_sql("SELECT 1 FROM key LIMIT 1").all()
            file.timed("cold", [1 + dice.randrange(HOT)], last)
        engine.dispose()
        times += file.times["cold"]
    middle, worst = _spread(times)
    print(f"{path.name} not in memory: p50 {middle / 1000:.2f} ms, p99 {worst / 1000:.2f} ms")


def ingest(path: Path, batches: int = 60) -> None:
    """The whole way in, `db.station.ingest` in a durable transaction: by thousands, then one by one."""
    engine, dice = house.open_engine(f"sqlite:///{path}"), random.Random()
    now = datetime.now(UTC)

    def reports(count: int) -> list[Report]:
        ago = timedelta(seconds=dice.randrange(86400))
        return [
            Report(f"{100001 + dice.randrange(KEYS)}", now - ago - timedelta(seconds=n), "R401", Kind.arm, "1")
            for n in range(count)
        ]

    raw = sqlite3.connect(path, isolation_level=None, timeout=30)
    raw.executescript("PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON")

    def floor(count: int) -> float:
        """The same rows by bare sqlite3 in the same minute: what this disk allows now."""
        rows = [(1 + dice.randrange(KEYS), int(now.timestamp()) - dice.randrange(86400), dice.getrandbits(31), 0, "R401",
                 "1", 0, 1, 0, None) for _ in range(count)]  # fmt: skip
        began = time.perf_counter()
        raw.execute("BEGIN IMMEDIATE")
        raw.executemany("INSERT OR IGNORE INTO event VALUES (?,?,?,?,?,?,?,?,?,?)", rows)
        raw.execute("COMMIT")
        return time.perf_counter() - began

    for size, times in ((1000, batches), (1, 1000)):
        bare = []
        took = []
        with Session(engine, expire_on_commit=False) as db:
            for _ in range(times):
                batch = reports(size)
                began = time.perf_counter()
                with house.writing(db):
                    station.ingest(db, "bench", batch, now)
                took.append(time.perf_counter() - began)
                bare.append(floor(size))
        middle, worst = _spread(took)
        print(
            f"{path.name}: batches of {size}: {size * times / sum(took):,.0f} events/s "
            f"(p50 {middle * 1000:.1f} ms, p99 {worst * 1000:.1f} ms), "
            f"{sum(bare) / sum(took):.2f} of bare sqlite3"
        )


def _spread(times: list[float]) -> tuple[float, float]:
    cuts = quantiles(times, n=100)
    return cuts[49], cuts[98]


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["make", path, millions]:
            make(Path(path), float(millions))
        case ["measure", small, large]:
            measure(Path(small), Path(large))
        case ["cold", path]:
            cold(Path(path))
        case ["ingest", path]:
            ingest(Path(path))
        case _:
            print(__doc__)
