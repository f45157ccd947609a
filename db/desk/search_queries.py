"""Search queries of staff, kept for an hour under a random token.

Names, phones and contract numbers stay out of URLs, browser history and proxy logs, while the page can still
be reloaded and returned to.
"""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import JSON
from sqlmodel import Field, Session, SQLModel, col, delete, select

from db import Instant

LIFE = timedelta(hours=1)


class StaffQuery(SQLModel, table=True):
    """One submitted search form; only the employee who sent it can open it again."""

    __tablename__ = "staff_query"

    token: str = Field(primary_key=True)
    staff_id: int = Field(foreign_key="staff.id")
    page: str = Field(description="the address of the page that was asked")
    form: dict[str, str] = Field(sa_type=JSON, default_factory=dict)
    at: datetime = Field(sa_type=Instant, index=True)


def add(db: Session, staff_id: int, page: str, form: dict[str, str], now: datetime) -> str:
    """Store the form and return its token. Inside `writing`."""
    row = StaffQuery(token=secrets.token_urlsafe(12), staff_id=staff_id, page=page, form=form, at=now)
    db.add(row)
    return row.token


def load_form(db: Session, staff_id: int, page: str, token: str, now: datetime) -> dict[str, str] | None:
    """Return the submitted form, None when it has expired or belongs to another employee."""
    mine = select(StaffQuery.form).where(
        StaffQuery.token == token,
        StaffQuery.staff_id == staff_id,
        StaffQuery.page == page,
        StaffQuery.at > now - LIFE,
    )
    found = db.exec(mine).first()
    return None if found is None else dict(found)


def delete_expired(db: Session, now: datetime) -> None:
    db.connection().execute(delete(StaffQuery).where(col(StaffQuery.at) <= now - LIFE))
