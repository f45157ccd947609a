"""Manual corrections of the ledger.

Up to the limit a correction is posted at once; above it, only after a second accountant confirms.
"""

from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select

from db import Instant
from db.access.staff import Staff
from db.money import ledger
from db.people.contracts import Contract
from rules import days
from rules.money import corrections
from rules.money.corrections import CorrectionPlan


class Correction(SQLModel, table=True):
    id: int = Field(default=None, primary_key=True)
    contract_id: int = Field(foreign_key="contract.id", index=True)
    amount: int = Field(description="signed kopecks")
    reason: str
    state: str = Field(default="waiting", index=True)
    asked_by: int = Field(foreign_key="staff.id")
    asked_at: datetime = Field(sa_type=Instant)
    decided_by: int | None = Field(default=None, foreign_key="staff.id")
    decided_at: datetime | None = Field(default=None, sa_type=Instant)

    @property
    def words(self) -> str:
        return corrections.STATES[self.state]


def add(db: Session, contract_id: int, plan: CorrectionPlan, who: int, now: datetime) -> Correction:
    """Post the correction, or store it as pending for a second accountant. Inside `writing`."""
    row = Correction(
        contract_id=contract_id, amount=plan.amount, reason=plan.reason, asked_by=who, asked_at=now
    )
    db.add(row)
    db.flush()
    if not plan.needs_second:
        _enter(db, row, who, now)
    return row


def confirm(db: Session, row: Correction, who: int, now: datetime) -> None:
    """Confirm and post the correction as the second accountant. Inside `writing`."""
    corrections.check_waiting(row.state)
    corrections.check_second_accountant(row.asked_by, who)
    _enter(db, row, who, now)


def refuse(db: Session, row: Correction, who: int, now: datetime) -> None:
    """Refuse the correction; its author may withdraw it in the same way. Inside `writing`."""
    corrections.check_waiting(row.state)
    row.state, row.decided_by, row.decided_at = "refused", who, now
    db.add(row)


def find_correction(db: Session, correction_id: int) -> Correction | None:
    return db.exec(select(Correction).where(Correction.id == correction_id)).first()


def contract_corrections(db: Session, contract_id: int) -> list[tuple[Correction, str]]:
    """Return (correction, name of its author) for a contract, newest first."""
    found = select(Correction, Staff.name).join(Staff, col(Staff.id) == Correction.asked_by)
    return list(
        db.exec(found.where(Correction.contract_id == contract_id).order_by(col(Correction.id).desc()))
    )


def pending_corrections(db: Session) -> list[tuple[Correction, int, str]]:
    """Return (correction, contract number, name of its author) for pending corrections, oldest first."""
    found = select(Correction, Contract.number, Staff.name).join(Contract)
    found = found.join(Staff, col(Staff.id) == Correction.asked_by).where(Correction.state == "waiting")
    return list(db.exec(found.order_by(col(Correction.id))))


def _enter(db: Session, row: Correction, who: int, now: datetime) -> None:
    row.state, row.decided_by, row.decided_at = "entered", who, now
    db.add(row)
    ledger.add(
        db,
        row.contract_id,
        row.amount,
        "correction",
        f"correction:{row.id}",
        day=days.today(now),
        now=now,
        note=row.reason,
    )
