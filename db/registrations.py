"""A registration on its way: what was typed, kept between the form and the consent page, for anybody who asks alike."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from sqlmodel import Field, Session, SQLModel, col, delete, select

from db import Instant

LIFE = timedelta(hours=1)


class Registration(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(unique=True)
    number: int
    phone: str
    email: str
    at: datetime = Field(sa_type=Instant)


def add(db: Session, number: int, phone: str, email: str, now: datetime) -> str:
    """Keep it and return the token of its consent page."""
    token = secrets.token_urlsafe(18)
    db.add(
        Registration(token_hash=sha256(token.encode()).hexdigest(), number=number, phone=phone, email=email, at=now)
    )
    return token


def find(db: Session, token: str, now: datetime) -> Registration | None:
    kept = select(Registration).where(Registration.token_hash == sha256(token.encode()).hexdigest())
    return db.exec(kept.where(Registration.at > now - LIFE)).first()


def sweep(db: Session, now: datetime) -> None:
    db.connection().execute(delete(Registration).where(col(Registration.at) < now - LIFE))


def spend(db: Session, asked: Registration) -> None:
    """Used once: a second «Согласен» of the same page finds nothing to do."""
    db.connection().execute(delete(Registration).where(col(Registration.id) == asked.id))
