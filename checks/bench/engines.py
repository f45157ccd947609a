"""Home, the envelope's poll and the station's ingest on both engines, side by side; PostgreSQL where its
programs are.
"""

import dataclasses
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import httpx
from sqlmodel import Session, select

from checks.bench.load import Case, free, rounds, serving
from commands.moving import move
from db import open_engine, writing
from db.access import sessions
from db.events import station
from db.events.keys import SiteKey
from db.people import contracts
from rules.events.events import EventKind, StationReport
from tests.kit import cast, server
from tests.kit.production import MONEY

Row = tuple[str, str, str, bool]
COMMAND = [
    sys.executable,
    "-m",
    "granian",
    "--interface",
    "asgi",
    "--factory",
    "app:create_app",
    "--no-ws",
    "--workers",
    "1",
]
# Durable at the answer, as SQLite's file is.
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
BATCH = 1000


def possible() -> bool:
    return bool(shutil.which("initdb") or list(Path("/usr/lib/postgresql").glob("*/bin/initdb")))


def rows(short: bool = False) -> list[Row]:
    """(what, figure, budget, met) for `make bench`."""
    if not possible():
        return [("PostgreSQL", "не измерено: apt-get install postgresql", "", False)]
    with tempfile.TemporaryDirectory() as folder, server.running(free(), DURABLE) as address:
        urls = {"SQLite": f"sqlite:///{cast.file(Path(folder), datetime.now(UTC))}", "PostgreSQL": address}
        old, new = (open_engine(url) for url in urls.values())
        move(old, new)
        old.dispose(), new.dispose()
        return [*_pages(urls, folder, short), _ingest(urls, 4 if short else 20)]


def _pages(urls: dict[str, str], folder: str, short: bool) -> Iterator[Row]:
    with _served("SQLite", urls, folder) as old, _served("PostgreSQL", urls, folder) as new:
        for words, path in (("главная", "/"), ("конверт", "/inbox/envelope")):
            cases = {
                name: dataclasses.replace(case, path=path)
                for name, case in (("SQLite", old), ("PostgreSQL", new))
            }
            seen = rounds(cases, 2 if short else 5, 1 if short else 3)
            told = ", ".join(
                f"{name} {one.of('rate'):.0f}/с (p99 {one.of('p99'):.0f} мс)" for name, one in seen.items()
            )
            yield words, told, "", True


@contextmanager
def _served(name: str, urls: dict[str, str], folder: str) -> Iterator[Case]:
    """The cabinet over this engine and somebody signed in there."""
    engine, port = open_engine(urls[name]), free()
    with Session(engine) as db, writing(db):
        contract, owner = contracts.find_by_number(db, cast.ANNA)
        token = sessions.start(db, datetime.now(UTC), subscriber_id=owner.id, contract_id=contract.id)
    engine.dispose()
    env = {
        "CABINET_DATABASE": urls[name].removeprefix("sqlite:///"),
        "CABINET_SECRETS": '["' + "x" * 40 + '"]',
        "CABINET_ATTACHMENT_KEYS": '["' + "A" * 43 + '="]',
        "CABINET_BANK_SANDBOX_FILE": f"{folder}/bank.sqlite",
    }
    with serving([*COMMAND, "--port", str(port)], port, os.environ | MONEY | env) as process:
        for path in ("/", "/inbox/envelope"):  # templates are compiled once a process
            httpx.get(
                f"http://127.0.0.1:{port}{path}", cookies={"cabinet": token}, timeout=60, trust_env=False
            ).raise_for_status()
        yield Case(process, cookies=[f"cabinet={token}"], connections=8)


def _ingest(urls: dict[str, str], batches: int) -> Row:
    rates = {name: _rate(url, batches) for name, url in urls.items()}
    told = ", ".join(f"{name} {rate:.0f}/с" for name, rate in rates.items())
    return f"приём событий по {BATCH}", told, "", True


def _rate(url: str, batches: int) -> float:
    """Events a second, the median batch: each batch is one durable transaction, each event a second earlier
    than the last.
    """
    engine, took = open_engine(url), []
    with Session(engine, expire_on_commit=False) as db:
        keys, began_at = list(db.exec(select(SiteKey.number))), datetime.now(UTC)
        for batch in range(batches):
            places = range(batch * BATCH, (batch + 1) * BATCH)
            reports = [
                StationReport(keys[n % len(keys)], began_at - timedelta(seconds=n), "R401", EventKind.arm)
                for n in places
            ]
            began = time.monotonic()
            with writing(db):
                answers = station.ingest(db, "bench", reports, datetime.now(UTC))
            took.append(time.monotonic() - began)
            if answers != [station.TAKEN] * BATCH:
                raise AssertionError("each of these events is new")
    engine.dispose()
    return BATCH / median(took)


if __name__ == "__main__":
    for row in rows("--short" in sys.argv):
        print(*row, sep=" | ")
