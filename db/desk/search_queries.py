"""What staff searched for, kept for an hour under a random name: names, phones and contract numbers stay out
of addresses, of the browser's history and of the proxy's log, while a page can still be reloaded and come
back to.
"""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import JSON
from sqlmodel import Field, Session, SQLModel, col, delete, select

from db import Instant

LIFE = timedelta(hours=1)


class StaffQuery(SQLModel, table=True):
    """One filled form of a search; only whoever sent it opens it again."""

    __tablename__ = "staff_query"

    token: str = Field(primary_key=True)
    staff_id: int = Field(foreign_key="staff.id")
    page: str = Field(description="the address of the page that was asked")
    form: dict[str, str] = Field(sa_type=JSON, default_factory=dict)
    at: datetime = Field(sa_type=Instant, index=True)


def add(db: Session, staff_id: int, page: str, form: dict[str, str], now: datetime) -> str:
    """The name under which the form is found. Inside `writing`."""
    row = StaffQuery(token=secrets.token_urlsafe(12), staff_id=staff_id, page=page, form=form, at=now)
    db.add(row)
    return row.token


def load_form(db: Session, staff_id: int, page: str, token: str, now: datetime) -> dict[str, str] | None:
    """What was typed, None when the hour is over or it was somebody else's."""
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
