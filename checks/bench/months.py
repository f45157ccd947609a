"""Closing a month for many contracts, and the list of who owes: `python -m checks.bench.months [contracts]`.

Every contract has a channel, every third SMS too, every seventh was suspended for some days; half have money
before the month (so that the advance is closed by a receipt), a fifth owe. Prints contracts a second, and
what a page of debtors costs.
"""

import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from sqlalchemy import insert
from sqlmodel import Session

import db as house
from db.migrations.run import migrate
from db.money import accruals, debtor_list
from db.money.ledger import LedgerEntry
from db.people.contracts import Contract
from db.people.services import Service, ServiceInterval, ServicePrice
from db.people.subscribers import Subscriber
from rules import days
from rules.money import fiscal_receipts

MONTH = date(2026, 11, 1)
NOW = days.midnight(date(2026, 12, 1))
RATES = fiscal_receipts.parse_rates("2019-01-01=20 2026-01-01=22")


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        engine = house.open_engine(f"sqlite:///{Path(folder) / 'bench.sqlite'}")
        migrate(engine)
        with Session(engine) as db:
            settle(db, count)
            with house.writing(db):
                accruals.start_books(db, days.midnight(MONTH))
            wall, cpu = time.monotonic(), time.process_time()
            entered = accruals.post_month(db, MONTH, NOW, RATES)
            told("posting with receipts", count, wall, cpu)
            print(f"  entries {entered}")
            wall, cpu = time.monotonic(), time.process_time()
            assert accruals.post_month(db, MONTH, NOW, RATES) == 0
            told("posting again", count, wall, cpu)
            owed(db, count)
        engine.dispose()


def owed(db: Session, count: int) -> None:
    wall, cpu = time.monotonic(), time.process_time()
    debtor_list.calculate(db, NOW)
    told("reckoning who owes", count, wall, cpu)
    place, wall, cpu = None, time.monotonic(), time.process_time()
    for _ in range(40):
        found = debtor_list.debtor_page(db, 1, place)
        place = tuple(map(int, found.older.split("-"))) if found.older else None
    print(
        f"  debtors {found.owing}; a page of {debtor_list.PAGE}: "
        f"{(time.monotonic() - wall) / 40 * 1000:.1f} ms, "
        f"{(time.process_time() - cpu) / 40 * 1000:.1f} ms of CPU, forty in a row"
    )


def told(what: str, count: int, wall: float, cpu: float) -> None:
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    print(
        f"{what}: {wall:.2f} s ({cpu:.2f} s of CPU), {count / wall:,.0f} contracts/s ({count / cpu:,.0f} "
        "per CPU second)"
    )


def settle(db: Session, count: int) -> None:
    everybody, first = range(1, count + 1), date(2024, 1, 1)
    rows: dict[type, list[dict]] = {
        Subscriber: [
            {
                "id": n,
                "code": f"c{n}",
                "kind": "person",
                "name": f"Абонент {n}",
                "mobile": "+79210000000",
                "email": f"a{n}@example.ru",
            }
            for n in everybody
        ],
        Contract: [
            {"id": n, "number": 78_000_000 + n, "subscriber_id": n, "signed_on": first, "address": "x"}
            for n in everybody
        ],
        Service: [{"contract_id": n, "kind": "channel", "tariff": "Канал GSM"} for n in everybody]
        + [{"contract_id": n, "kind": "sms", "tariff": "SMS"} for n in everybody if n % 3 == 0],
    }
    with house.writing(db):
        for table, each in rows.items():
            db.connection().execute(insert(table), each)
        served = db.execute(house_services()).all()
        db.connection().execute(
            insert(ServicePrice),
            [
                {"service_id": id, "since": first, "kopecks": 90_000 if kind == "channel" else 15_000}
                for id, _, kind in served
            ],
        )
        db.connection().execute(insert(ServiceInterval), [part for row in served for part in intervals(*row)])
        db.connection().execute(
            insert(LedgerEntry),
            [
                {
                    "contract_id": n,
                    "day": MONTH,
                    "at": days.midnight(MONTH),
                    "kind": "opening",
                    "source": f"opening:{n}",
                    "amount": 150_000 if n % 2 else 10_000 if n % 5 else -200_000,
                }
                for n in everybody
            ],
        )


def house_services():
    from sqlmodel import select

    return select(Service.id, Service.contract_id, Service.kind)


def intervals(id: int, contract: int, kind: str) -> list[dict]:
    if contract % 7 or kind == "sms":
        return [{"service_id": id, "state": "active", "first": date(2024, 1, 1), "last": None}]
    ends = [
        (date(2024, 1, 1), date(2026, 11, 9), "active"),
        (date(2026, 11, 10), date(2026, 11, 20), "suspended"),
        (date(2026, 11, 21), None, "active"),
    ]
    return [{"service_id": id, "state": state, "first": first, "last": last} for first, last, state in ends]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
