"""The debt of each debtor: calculated daily and updated by every ledger entry made since.

Only the debtors' pages use it. The balance itself always comes from db/money/accruals.
"""

from datetime import date, datetime

from sqlmodel import Field, Index, Session, SQLModel, col, delete, update

from db import Instant


class Debt(SQLModel, table=True):
    __table_args__ = (Index("ix_debt_debt_contract_id", "debt", "contract_id"),)

    contract_id: int = Field(
        primary_key=True, foreign_key="contract.id", sa_column_kwargs={"autoincrement": False}
    )
    debt: int = Field(description="kopecks, positive")
    fee: int = Field(description="kopecks of a whole month")
    paid_on: date | None = Field(default=None, description="the day of the last payment")


class DebtCalculation(SQLModel, table=True):
    """The time when the list was calculated; the table has one row."""

    __tablename__ = "debt_reckoning"

    id: int = Field(primary_key=True)
    day: date | None = Field(default=None, description="the Moscow day whose accrual is in it")
    at: datetime | None = Field(default=None, sa_type=Instant)
    asked_at: datetime | None = Field(
        default=None, sa_type=Instant, description="somebody wants it made anew"
    )


def apply_entry(db: Session, contract_id: int, amount: int, kind: str, day: date) -> None:
    """Reduce the debt by an entry of signed kopecks; a paid debt is deleted. Inside `writing`."""
    owes = col(Debt.contract_id) == contract_id
    values = {"debt": Debt.debt - amount} | ({"paid_on": day} if kind == "payment" else {})
    if db.connection().execute(update(Debt).where(owes).values(values)).rowcount:
        db.connection().execute(delete(Debt).where(owes, col(Debt.debt) <= 0))
