"""The events table at a million and at fifty: `python -m checks.bench.events --rows FOLDER [--short]`; `make
FILE MILLIONS` makes one.

One table: what, figure, budget, met. The files are made in FOLDER once (minutes) and kept. Queries of both
files are interleaved, and writing is beside bare sqlite3 and the disk's own fdatasync of the same minute:
ratios are what counts on a shared machine. Events lie as years of arrivals would have left them: half of them
on a tenth of the keys.
"""

import os
import random
import sqlite3
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from tempfile import NamedTemporaryFile
from typing import Any

from sqlmodel import Session, SQLModel

import db as house
from db import outbox
from db.events import events, keys, panels, station
from db.people import contracts, services, subscribers
from rules.events.events import EventKind, StationReport, epoch_seconds

Row = tuple[str, str, str, bool]
KEYS, HOT = 100_000, 10_000
START = 1_600_000_000
STEP = 3
TABLES = (subscribers, contracts, keys, services, outbox, panels)  # defined by being imported


def make(path: Path, millions: float) -> None:
    """A file of so many events on a hundred thousand keys."""
    whole, path = path, path.with_suffix(".making")  # a broken-off file is not taken for a whole one
    path.unlink(missing_ok=True)
    engine = house.open_engine(f"sqlite:///{path}")
    SQLModel.metadata.create_all(engine)
    with Session(engine) as session, house.writing(session):
        session.add(subscribers.Subscriber(id=1, code="x", kind="company", name="x"))
        session.flush()
        session.add(
            contracts.Contract(
                id=1, number=78000001, subscriber_id=1, signed_on=date(2020, 1, 1), address="x"
            )
        )
    engine.dispose()
    db = sqlite3.connect(path, isolation_level=None)
    db.executescript(
        "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-1000000; PRAGMA "
        "temp_store=MEMORY; BEGIN"
    )
    numbered = ((n, f"{100000 + n}", 1, "registry") for n in range(1, KEYS + 1))
    db.executemany("INSERT INTO key (id, number, contract_id, source) VALUES (?, ?, ?, ?)", numbered)
    db.execute("INSERT INTO station_source (id, name, contact_at) VALUES (1, 'made', 0)")
    started, count = time.perf_counter(), int(millions * 1_000_000)
    for first in range(0, count, BLOCK):
        db.execute(SOME, {"first": first, "last": min(first + BLOCK, count) - 1})
    db.execute("UPDATE station_source SET contact_at = ?", (count * 1000,))
    db.execute("COMMIT")
    db.close()
    path.rename(whole)
    print(f"{whole}: {millions:g} M in {time.perf_counter() - started:.0f} s")


# Two million arrivals at a time: time goes up, keys are random, half of the events on a tenth of the keys,
# nine of ten an arming or a disarming. Each block goes in by key, so the pages split and fill as years of
# arrivals would have them.
BLOCK = 2_000_000
SOME = f"""
WITH RECURSIVE n(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i < :last),
said AS MATERIALIZED (
  SELECT i, abs(random()) % CASE WHEN random() & 1 THEN {HOT} ELSE {KEYS} END AS key,
         abs(random()) % 20 AS what,
         abs(random()) % 2147483648 AS id, abs(random()) % 8 AS dice, abs(random()) % 4 AS who FROM n)
INSERT OR IGNORE INTO event
SELECT key + 1, {START} + i * {STEP}, id, CASE what WHEN 18 THEN 2 WHEN 19 THEN 3 ELSE what & 1 END,
       CASE what WHEN 18 THEN 'E130' WHEN 19 THEN 'R130'
         ELSE CASE what & 1 WHEN 0 THEN 'R401' ELSE 'E401' END END,
       who + 1, dice = 0, 1, dice & 1, NULL FROM said ORDER BY key, i
"""


class File:
    """One file under measure."""

    def __init__(self, path: Path) -> None:
        self.path, self.engine = path, house.open_engine(f"sqlite:///{path}")
        self.db = self.engine.connect()
        (told,) = self.db.exec_driver_sql("SELECT contact_at FROM station_source WHERE name = 'made'").one()
        self.events = told // 1000 or self.db.exec_driver_sql("SELECT count(*) FROM event").scalar_one()
        self.last = START + self.events * STEP
        self.times: dict[str, list[float]] = {}

    def timed(
        self, name: str, keys: list[int], until: int, before: events.Cursor | None = None, since: int = START
    ) -> Any:
        first, end = datetime.fromtimestamp(since, UTC), datetime.fromtimestamp(until, UTC)
        began = time.perf_counter()
        found = events.event_page(self.db, keys, first, end, before=before)
        self.times.setdefault(name, []).append((time.perf_counter() - began) * 1e6)
        return found

    def spread(self, name: str) -> tuple[float, float]:
        return _spread(self.times[name])

    def close(self) -> None:
        self.db.close()
        self.engine.dispose()


def reading(small: File, large: File, rounds: int) -> Iterator[Row]:
    """Pages of one key on both files, and of twenty keys, the files taken by turns."""
    dice = random.Random(2)
    chosen = [1 + dice.randrange(HOT) for _ in range(rounds)]
    for name in ("warm up", "page"):
        for n, key in enumerate(chosen):
            for file in (small, large) if n % 2 else (large, small):
                file.timed(name, [key], file.last - dice.randrange(1000))
    for key in chosen[: rounds // 10]:
        before = None
        for number in range(1, 41):
            found = large.timed(f"page {number}", [key], large.last, before)
            before = events.cursor_of(found[-1]) if found else before
    for _ in range(rounds // 6):
        week = large.last - 7 * 86400
        large.timed("twenty", [1 + dice.randrange(HOT) for _ in range(20)], large.last, since=week)
        large.timed("one", [1 + dice.randrange(HOT)], large.last)
    one, many = small.spread("page"), large.spread("page")
    words = (
        f"{many[1] / one[1]:.2f} (p50 {one[0]:.0f} → {many[0]:.0f} µs, p99 {one[1]:.0f} → {many[1]:.0f} µs)"
    )
    yield _row(
        f"page of 50: p99 at {large.events / 1e6:g} M ÷ at {small.events / 1e6:g} M",
        words,
        many[1] / one[1],
        1.2,
    )
    deep = large.spread("page 40")[0] / large.spread("page 2")[0]
    yield _row("page 40 by keyset ÷ page 2", f"{deep:.2f}", deep, 1.1)
    wide = large.spread("twenty")[0] / large.spread("one")[0]
    yield _row("feed over 20 keys ÷ one key", f"{wide:.2f} ({large.spread('twenty')[0]:.0f} µs)", wide, 4)
    size = large.path.stat().st_size / large.events
    yield _row("bytes an event on disk", f"{size:.1f}", size, 40)


def cold(file: File, rounds: int) -> Iterator[Row]:
    """The file dropped from the page cache and the connection opened anew; statements are compiled, as in a
    server at work.
    """
    dice, times, pages = random.Random(3), [], []
    file.close()
    with sqlite3.connect(file.path) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    for _ in range(rounds):
        handle = os.open(file.path, os.O_RDONLY)
        os.fdatasync(handle)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(handle)
        file.db = file.engine.connect()
        file.db.exec_driver_sql("SELECT 1 FROM key LIMIT 1").all()
        before = _bytes_read()
        file.timed("cold", [1 + dice.randrange(HOT)], file.last)
        pages.append((_bytes_read() - before) // 4096)
        times.append(file.times["cold"][-1] / 1000)
        file.close()
    half, worst = _spread(times)
    yield _row("the same, file not in memory: p50, ms", f"{half:.2f} (p99 {worst:.2f})", half, 1)
    yield _row(
        "pages read for it: p50",
        f"{_spread(pages)[0]:.0f} (p99 {_spread(pages)[1]:.0f})",
        _spread(pages)[0],
        6,
    )


def _bytes_read() -> int:
    """By this process so far, from the file or the system's memory."""
    return int(Path("/proc/self/io").read_text().split()[1])


def ingest(path: Path, batches: int) -> Iterator[Row]:
    """The whole way in, `db.events.station.ingest` in a durable transaction: by thousands, then one by
    one.
    """
    engine, dice, now = house.open_engine(f"sqlite:///{path}"), random.Random(), datetime.now(UTC)
    raw = sqlite3.connect(path, isolation_level=None, timeout=30)
    raw.executescript("PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON")

    def reports(count: int) -> list[StationReport]:
        keys = (f"{100001 + dice.randrange(HOT if dice.random() < 0.5 else KEYS)}" for _ in range(count))
        return [
            StationReport(key, now - timedelta(seconds=dice.randrange(86400)), "R401", EventKind.arm, "1")
            for key in keys
        ]

    def whole(batch: list[StationReport]) -> None:
        with house.writing(db):
            station.ingest(db, "dc09", batch, datetime.now(UTC))

    def bare(batch: list[StationReport]) -> None:
        said = [
            (
                int(r.key) - 100000,
                epoch_seconds(r.at or now),
                dice.getrandbits(31),
                0,
                "R401",
                "1",
                0,
                1,
                0,
                None,
            )
            for r in batch
        ]
        raw.execute("BEGIN IMMEDIATE")
        raw.executemany("INSERT OR IGNORE INTO event VALUES (?,?,?,?,?,?,?,?,?,?)", said)
        raw.execute("COMMIT")

    for size, times, budget in ((1000, batches, 10_000), (1, batches * 15, 1000)):
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        os.sync()  # what the thousands left to be written is not the single event's to wait for
        took: dict[Any, list[float]] = {whole: [], bare: [], _sync: []}
        with Session(engine, expire_on_commit=False) as db:
            for _ in range(times):
                for way, past in took.items():
                    batch = reports(size)
                    began = time.perf_counter()
                    way(batch)
                    past.append(time.perf_counter() - began)
        rate = {way: size * times / sum(past) for way, past in took.items()}
        words = f"{rate[whole]:,.0f} ({rate[whole] / rate[bare]:.2f} of bare sqlite3, " + (
            f"{rate[whole] / rate[_sync]:.2f} of the disk's {rate[_sync]:,.0f} fdatasync/s)"
            if size == 1
            else f"p50 {_spread(took[whole])[0] * 1000:.0f} ms)"
        )
        yield f"ingest, {size} in a durable commit: events/s", words, f"≥ {budget:,}", rate[whole] >= budget
    raw.close()
    engine.dispose()


def _sync(_: object) -> None:
    """What one wait for this disk costs now."""
    with NamedTemporaryFile(dir=Path.cwd()) as file:
        file.write(b"x" * 4096)
        file.flush()
        os.fdatasync(file.fileno())


def rows(short: bool = False, folder: Path = Path("var/bench")) -> list[Row]:
    """(what, figure, budget, met) of the events budget; `short` compares two hundred thousand with two
    million.
    """
    folder.mkdir(parents=True, exist_ok=True)
    millions = (0.2, 2) if short else (1, 50)
    paths = [folder / f"{n:g}m.sqlite" for n in millions]
    for path, count in zip(paths, millions, strict=True):
        if not path.exists():
            make(path, count)
    small, large = (File(path) for path in paths)
    rounds = 300 if short else 3000
    # Cold comes last: it leaves the file out of memory, where a station at work has the pages of its keys.
    found = [*reading(small, large, rounds)]
    # a reader left open would keep the log from being folded in, and each commit would try anew
    large.close()
    found += [*ingest(large.path, 10 if short else 60), *cold(large, 30 if short else 150)]
    small.close()
    return found


def _row(what: str, words: str, figure: float, most: float) -> Row:
    return what, words, f"≤ {most:g}", figure <= most


def _spread(times: Sequence[float]) -> tuple[float, float]:
    cuts = quantiles(times, n=100)
    return cuts[49], cuts[98]


if __name__ == "__main__":
    match [word for word in sys.argv[1:] if word != "--short"]:
        case ["make", path, millions]:
            make(Path(path), float(millions))
        case ["--rows", *folder]:
            for what, figure, budget, met in rows("--short" in sys.argv, *map(Path, folder)):
                print(f"{what:52} {figure:>60} {budget:>10} {'да' if met else 'НЕТ'}")
        case _:
            print(__doc__)
