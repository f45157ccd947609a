"""Receipts printed by the sandbox register in a cabinet with real customers: they were never fiscal.

A database that once ran without a configured register had its receipts «printed» by the sandbox. Their
numbers are removed and they become failed. The accountant decides whether to print each again or to issue a
correction receipt (54-ФЗ art. 4.3 п. 4).
"""

from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, update

from db import journal, writing
from db.money.fiscal_receipts import FiscalReceipt
from rules.money.fiscal_receipts import NEVER_FISCAL, SANDBOX_ID_PREFIX
from settings import Settings

GONE = {
    "document": "",
    "storage": "",
    "sign": "",
    "registered_at": None,
    "next_at": None,
    "register_id": None,
}


def void_sandbox_receipts(db: Session) -> int:
    """Remove the invented numbers and return the number of receipts changed. Inside `writing`."""
    theirs = update(FiscalReceipt).where(col(FiscalReceipt.register_id).like(f"{SANDBOX_ID_PREFIX}%"))
    return int(db.connection().execute(theirs.values(state="failed", error=NEVER_FISCAL, **GONE)).rowcount)


def erase_numbers(engine: Engine, settings: Settings, now: datetime) -> None:
    """Remove the invented numbers when the jobs start, except in a demonstration.

    Outside a demonstration nothing may look like a fiscal receipt that is not one.
    """
    if settings.demo:
        return
    with Session(engine) as db, writing(db):
        if number := void_sandbox_receipts(db):
            journal.note(db, "system:jobs", "receipts.disown", now, count=number)
