"""Leases of due rows: a job claims a row by a conditional UPDATE before it acts, so two jobs never process
one row.

The condition selects free rows. The values written make the row busy until the lease ends, so a row of a
process that died becomes due again by itself. Call these functions inside `writing`.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, update
from sqlmodel import Session, SQLModel, col

LEASE = timedelta(minutes=5)


def claim(db: Session, model: type[SQLModel], row_id: int, *free: ColumnElement[bool], **values: Any) -> bool:
    """Claim one row. False when another process was faster."""
    return claim_many(db, model, [row_id], *free, **values) == {row_id}


def claim_many(
    db: Session, model: type[SQLModel], row_ids: list[int], *free: ColumnElement[bool], **values: Any
) -> set[int]:
    """Claim the free rows among these and return their ids."""
    key = col(model.id)  # type: ignore[attr-defined]
    claimed = update(model).where(key.in_(row_ids), *free).values(**values).returning(key)
    return {row_id for (row_id,) in db.connection().execute(claimed)}
