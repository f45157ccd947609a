"""The cabinet as a separate process with the sandbox bank inside and the jobs in a thread, for load, kill and
restart tests.
"""

import os
import subprocess
import sys
import time
from contextlib import contextmanager

import httpx
from sqlmodel import Session

from db import writing
from db.payments import banking, payments
from db.people.contracts import find_by_number
from gateways.banks import configured_bank, sandbox
from gateways.sandbox import payment_page
from rules.payments.payments import PaymentPlan
from tests.kit import cast

PLAIN = [
    "-m",
    "uvicorn",
    "--factory",
    "app:create_app",
    "--no-proxy-headers",
    "--no-access-log",
    "--log-level",
    "warning",
    "--timeout-keep-alive",
    "120",
    "--port",
]


def started(settings, port: int, command: list[str]) -> subprocess.Popen:
    """Start the process; it may not respond yet."""
    env = os.environ | {
        "CABINET_DEMO": "1",
        "CABINET_DATABASE": settings.database,
        "CABINET_ORIGIN": f"http://127.0.0.1:{port}",
        "CABINET_PORT": str(port),
        "CABINET_BANK_SANDBOX_FILE": settings.bank_sandbox_file,
    }
    return subprocess.Popen(
        [sys.executable, *command], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


@contextmanager
def live(settings, port: int):
    """Yield (process, origin) of a healthy cabinet, killed at the end if it is still alive."""
    server, origin = started(settings, port, [*PLAIN, str(port)]), f"http://127.0.0.1:{port}"
    try:
        wait(origin)
        yield server, origin
    finally:
        server.kill()
        server.wait()


def wait(origin: str) -> None:
    for _ in range(600):
        try:
            if httpx.get(f"{origin}/health", trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise AssertionError("the server did not start")


def paid_at_the_bank(engine, settings, now, amount: int = 150050, save_card: bool = False) -> tuple[int, str]:
    """Create a payment, register it at the bank and pay it there; the cabinet has not received the callback
    yet.
    """
    with Session(engine, expire_on_commit=False) as db:
        with writing(db):
            contract = find_by_number(db, cast.ANNA)[0]
            plan = PaymentPlan("operator", amount, "card", "anna@example.ru", save_card)
            row = payments.add(db, contract.id, plan, "Проверка", now)
            row.ask_at = None
        row = banking.send_payment(db, configured_bank(settings, now), row.id, now, settings)
    payment_page.decide(sandbox(settings, now), row.bank_id, "pay", manner="never")
    return row.id, row.bank_id
