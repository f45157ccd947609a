"""A file of a hundred thousand contracts in the product's own tables, made once and kept until this module
changes.

`contracts(folder)` → its path; `people()` are the 500 subscribers signed in, `refresh` opens their sessions
anew, so that a measure of some seconds meets no session that has to be touched or has ended.
"""

import hashlib
import os
import random
import shutil
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert
from sqlmodel import SQLModel

import db as house
from db.access.sessions import SessionRow, hash_token
from db.events.events import Event
from db.events.keys import AddedKey, SiteKey
from db.events.station import StationSource
from db.migrations import run
from db.money.accruals import LedgerMonth
from db.money.ledger import LedgerEntry
from db.people.contracts import Contract, Site
from db.people.services import Service, ServiceInterval, ServicePrice
from db.people.subscribers import Subscriber
from db.requests.requests import Request
from rules import days

CONTRACTS, SIGNED_IN, MONTHS, EVENTS = int(os.environ.get("BENCH_CONTRACTS", "100000")), 500, 12, 8
BATCH = 20_000
SITES = 130  # sites, keys and added keys of a hundred contracts
STREETS = (
    "Невский проспект",
    "Захарьевская улица",
    "проспект Энергетиков",
    "улица Композиторов",
    "Большой проспект П. С.",
)


def contracts(folder: Path) -> Path:
    """The file, newly made when this module or the month are not those it was made by, and brought to the
    newest shape.
    """
    path = folder / f"contracts-{_shape()}.sqlite"
    if path.exists():
        engine = house.open_engine(f"sqlite:///{path}")
        run.migrate(engine)
        engine.dispose()
    else:
        for old in folder.glob("contracts-*"):
            old.unlink()
        began, making = time.monotonic(), folder / "making.sqlite"
        making.unlink(missing_ok=True)
        _make(making)
        making.rename(path)
        print(
            f"{path}: {CONTRACTS:,} contracts, {path.stat().st_size >> 20} MB in "
            f"{time.monotonic() - began:.0f} s"
        )
    return path


def copy(path: Path, name: str) -> Path:
    """A copy for measures that write."""
    other = path.with_name(name)
    for old in path.parent.glob(f"{name}*"):
        old.unlink()
    shutil.copyfile(path, other)
    return other


@cache
def people() -> dict[str, int]:
    """Cookie → contract of everybody signed in, spread over the file."""
    chosen = random.Random(7).sample(range(1, CONTRACTS + 1), SIGNED_IN)
    return {f"bench-{n:04}-{'x' * 21}": contract for n, contract in enumerate(chosen)}


def unread(contract: int) -> bool:
    return contract % 7 == 0


def refresh(path: Path) -> None:
    """All sessions anew."""
    now, engine = datetime.now(UTC), house.open_engine(f"sqlite:///{path}")
    rows = (
        {
            "token_hash": hash_token(token),
            "kind": "subscriber",
            "subscriber_id": n,
            "contract_id": n,
            "created_at": now,
            "seen_at": now,
        }
        for token, n in people().items()
    )
    with engine.begin() as db:
        db.execute(delete(SessionRow))
        _put(db, SessionRow, rows)
    engine.dispose()


def _shape() -> str:
    seed = f"{CONTRACTS} {days.today(datetime.now(UTC)):%Y-%m}".encode() + Path(__file__).read_bytes()
    return hashlib.sha256(seed).hexdigest()[:10]


def _make(path: Path) -> None:
    engine, now = house.open_engine(f"sqlite:///{path}"), datetime.now(UTC)
    run.migrate(engine)
    _script(
        engine,
        "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA foreign_keys=OFF; PRAGMA cache_size=-400000",
    )
    with engine.begin() as db:
        for model, rows in _tables(now, days.today(now)):
            _put(db, model, rows)
    _script(engine, "PRAGMA journal_mode=WAL")
    engine.dispose()


def _script(engine: Engine, statements: str) -> None:
    """Straight to the driver, on the connection the pool gives next: these refuse to run inside a
    transaction.
    """
    raw = engine.raw_connection()
    raw.driver_connection.executescript(statements)  # type: ignore[union-attr]
    raw.close()


def _put(db: Connection, model: type[SQLModel], rows: Iterable[dict[str, Any]]) -> None:
    """Rows of a table, what they leave out filled from the model's defaults."""
    usual = {name: field.default for name, field in model.model_fields.items() if not field.is_required()}
    usual.pop("id", None) if model is not Event else None
    rows = ({**usual, **row} for row in rows)
    while batch := list(islice(rows, BATCH)):
        db.execute(insert(model), batch)


def _tables(now: datetime, today: date) -> Iterator[tuple[type[SQLModel], Iterable[dict[str, Any]]]]:
    every, month = range(1, CONTRACTS + 1), days.month_start(today)
    months = [days.add_months(month, -n) for n in range(MONTHS, 0, -1)]
    sites = [
        (n, owner)
        for n, owner in enumerate((o for o in every for _ in range(1 + (o % 100 < SITES - 100))), 1)
    ]
    yield Subscriber, map(_subscriber, every)
    yield (
        Contract,
        (
            {
                "id": n,
                "number": 78_000_000 + n,
                "subscriber_id": n,
                "signed_on": date(2015 + n % 10, 1 + n % 12, 5),
                "address": _address(n),
                "unread": unread(n),
            }
            for n in every
        ),
    )
    yield (
        Site,
        (
            {"id": n, "contract_id": o, "name": "Квартира" if n % 3 else "Дача", "address": _address(n)}
            for n, o in sites
        ),
    )
    yield SiteKey, ({"id": n, "number": f"{100_000 + n}", "contract_id": o, "site_id": n} for n, o in sites)
    yield AddedKey, ({"key_id": n, "contract_id": o, "how": "registry", "added_at": now} for n, o in sites)
    services = [
        (2 * n + sms, n, "sms" if sms else "channel") for n in every for sms in range(1 + (n % 3 == 0))
    ]
    yield Service, ({"id": s, "contract_id": n, "kind": kind, "tariff": "Базовый"} for s, n, kind in services)
    yield (
        ServicePrice,
        (
            {"service_id": s, "since": date(2018 + 6 * late, 1, 1), "kopecks": 60_000 + 20_000 * late}
            for s, _, _ in services
            for late in (0, 1)
        ),
    )
    yield (
        ServiceInterval,
        ({"service_id": s, "state": "active", "first": date(2018, 1, 1)} for s, _, _ in services),
    )
    yield LedgerMonth, ({"first": one, "at": now, "entries": CONTRACTS} for one in months)
    yield LedgerEntry, (row for n in every for row in _ledger(n, now, months))
    yield Request, map(partial(_request, now=now, today=today), every[::2])
    yield StationSource, [{"id": 1, "name": "dc09", "contact_at": now}]
    much = set(people().values())  # what they see of the feed is a whole page
    yield Event, (row for n, o in sites for row in _events(n, 10 * EVENTS if o in much else EVENTS, now))


def _subscriber(n: int) -> dict[str, Any]:
    return {
        "id": n,
        "code": f"b{n}",
        "kind": "person",
        "name": f"Константинопольская Анна {n}-я",
        "mobile": f"+7921{n:07}",
        "registered_at": datetime(2024, 1, 1, tzinfo=UTC),
        "entry": "password",
    }


def _address(n: int) -> str:
    return f"Санкт-Петербург, {STREETS[n % 5]}, д. {1 + n % 180}, кв. {1 + n % 300}"


def _ledger(n: int, now: datetime, months: list[date]) -> Iterator[dict[str, Any]]:
    """A payment and a fee a month, the books opened a year ago."""
    usual = {"contract_id": n, "at": now}
    yield {**usual, "day": months[0], "amount": 250_000, "kind": "opening", "source": f"opening:{n}"}
    for one in months:
        yield {**usual, "day": one, "amount": 80_000, "kind": "payment", "source": f"payment:{n}:{one}"}
        yield {
            **usual,
            "day": days.month_end(one),
            "amount": -80_000,
            "kind": "fee",
            "source": f"fee:{2 * n}:{one:%Y-%m}",
        }


def _request(n: int, now: datetime, today: date) -> dict[str, Any]:
    """One request of every other contract; one in twenty waits for its day."""
    waits = n % 40 == 1
    day = today + timedelta(days=12)
    payload = (
        {"first": day.isoformat(), "last": (day + timedelta(days=20)).isoformat()}
        if waits
        else {"text": "Спасибо."}
    )
    return {
        "number": 1000 + n,
        "contract_id": n,
        "subscriber_id": n,
        "kind": "suspend" if waits else "letter",
        "state": "approved" if waits else "done",
        "payload": payload,
        "fingerprint": f"{n}",
        "sent_at": now,
        "answer_by": now,
        "effective_day": day if waits else None,
        "moved_at": now,
        "unread": unread(n),
    }


def _events(key: int, count: int, now: datetime) -> Iterator[dict[str, Any]]:
    """Armed in the morning, disarmed in the evening, the last weeks."""
    at = int(now.timestamp()) - key % 3600
    for n in range(count):
        yield {
            "key_id": key,
            "at": at - 21_600 * n,
            "id": 1000 * key + n,
            "kind": n % 2,
            "code": "E401" if n % 2 else "R401",
            "who": str(1 + key % 3),
            "source_id": 1,
            "late": 0,
            "part": 0,
            "raw": None,
        }
