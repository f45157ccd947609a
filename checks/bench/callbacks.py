"""A bank that loses its head: the same callback a thousand times at once. `python -m checks.bench.callbacks
[calls] [connections]`.

The cabinet is a process of its own with the sandbox bank inside, asked over real connections on loopback; a
payment is paid at the bank and the cabinet has not heard of it. Prints what was answered, what came into the
ledger, and the times.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles

from sqlmodel import Session, func, select

import db as house
from checks.bench.load import free, serving
from db.money.ledger import LedgerEntry
from db.payments import banking, payments
from db.payments.callbacks import BankCallback
from db.people.contracts import find_by_number
from gateways.banks import configured_bank, sandbox
from gateways.sandbox import payment_page
from rules.payments.payments import PaymentPlan
from settings import Settings
from tests.kit import cast


def main(calls: int, connections: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        port = free()
        path = str(cast.file(Path(folder), datetime.now(UTC)))
        settings = Settings(
            _env_file=None, demo=True, database=path, port=port, origin=f"http://127.0.0.1:{port}"
        )
        engine = house.open_engine(f"sqlite:///{path}")
        bank_id = paid(engine, settings)
        env = {
            "CABINET_DEMO": "1",
            "CABINET_DATABASE": path,
            "CABINET_ORIGIN": settings.origin,
            "CABINET_PORT": str(port),
        }
        command = [
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "asgi",
            "--factory",
            "--port",
            str(port),
            "--backlog",
            "2048",
            "--log-level",
            "warning",
            "app:create_app",
        ]
        with serving(command, port, env) as server:
            for name in ("first", "again, when it is paid"):
                before, began = server.cpu, time.monotonic()
                answers = asyncio.run(storm(port, bank_id, calls, connections))
                told(name, answers, time.monotonic() - began, server.cpu - before)
            with Session(engine) as db:
                entries = db.exec(
                    select(LedgerEntry.source, LedgerEntry.amount).where(LedgerEntry.kind == "payment")
                ).all()
                outcomes = db.exec(
                    select(BankCallback.outcome, func.count()).group_by(BankCallback.outcome)
                ).all()
        print(f"ledger entries: {len(entries)} {entries}; calls kept: {dict(outcomes)}")
        assert len(entries) == 1 and sum(count for _, count in outcomes) == 2 * calls
        engine.dispose()


def paid(engine, settings: Settings) -> str:
    """A payment written, told to the bank and paid there; the bank's id of it."""
    now = datetime.now(UTC)
    with Session(engine, expire_on_commit=False) as db:
        with house.writing(db):
            contract = find_by_number(db, cast.ANNA)[0]
            row = payments.add(
                db, contract.id, PaymentPlan("operator", 150_050, "card", "anna@example.ru"), "Проверка", now
            )
            row.ask_at = None
        row = banking.send_payment(db, configured_bank(settings, now), row.id, now, settings)
    payment_page.decide(sandbox(settings, now), row.bank_id, "pay", manner="never")
    return row.bank_id


async def storm(port: int, bank_id: str, calls: int, connections: int) -> list[tuple[int, str, float]]:
    """(code, words, seconds) of each call; every connection is open before the first of them speaks."""
    body = json.dumps(
        {"type": "notification", "event": "payment.succeeded", "object": {"id": bank_id}}
    ).encode()
    head = f"POST /callbacks/bank HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {len(body)}\r\n\r\n"
    lines = await asyncio.gather(*(asyncio.open_connection("127.0.0.1", port) for _ in range(connections)))
    shares = [calls // connections + (n < calls % connections) for n in range(connections)]
    spoken = await asyncio.gather(
        *(line(*one, head.encode() + body, share) for one, share in zip(lines, shares, strict=True))
    )
    return [answer for one in spoken for answer in one]


async def line(reader, writer, request: bytes, count: int) -> list[tuple[int, str, float]]:
    found = []
    for _ in range(count):
        began = time.monotonic()
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length:")[1].split("\r\n")[0])
        words = (await reader.readexactly(length)).decode()
        found.append((int(head.split()[1]), words, time.monotonic() - began))
    writer.close()
    return found


def told(name: str, answers: list[tuple[int, str, float]], wall: float, cpu: float) -> None:
    cut = quantiles((seconds for *_, seconds in answers), n=100)
    said = dict(Counter(f"{code} {words}" for code, words, _ in answers))
    each = f"{cpu:.1f} s of the server's CPU ({cpu / len(answers) * 1000:.1f} ms each)"
    waits = f"p50 {cut[49] * 1000:.0f} ms, p99 {cut[98] * 1000:.0f} ms"
    print(f"{name}: {len(answers)} answers in {wall:.1f} s, {each}; {waits}; {said}")


if __name__ == "__main__":
    main(*(int(one) for one in [*sys.argv[1:3], "1000", "1000"][:2]))
