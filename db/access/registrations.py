"""Registrations of an earlier release, which had a page between the form and the SMS. They are only deleted
now.

The table can be dropped once no release that writes it may be restored over the database.
"""

from datetime import datetime, timedelta

from sqlmodel import Field, Session, SQLModel, col, delete

from db import Instant

LIFETIME = timedelta(hours=1)


class Registration(SQLModel, table=True):
    id: int = Field(default=None, primary_key=True)
    token_hash: str = Field(unique=True)
    number: int
    phone: str
    email: str
    at: datetime = Field(sa_type=Instant)


def delete_expired(db: Session, now: datetime) -> None:
    db.connection().execute(delete(Registration).where(col(Registration.at) < now - LIFETIME))
