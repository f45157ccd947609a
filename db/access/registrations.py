"""Registrations begun under an earlier release, which had a page between the form and the SMS: only forgotten
now.

The table goes once no program that writes it can be put back over the file.
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
