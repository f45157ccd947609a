"""What was typed into a form whose session had ended: kept sealed for a day, shown to the same person again.

Text fields only. A person has at most five; the oldest goes first.
"""

import json
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Field, Session, SQLModel, col, delete, select

from db import Instant, sealed_columns, writing

LIFETIME = timedelta(days=1)
MOST = 5


class UnsentForm(SQLModel, table=True):
    __tablename__ = "unsent_form"
    __table_args__ = {"sqlite_autoincrement": True}

    id: int = Field(default=None, primary_key=True)
    person: str = Field(index=True, description="as the form named it: s7, s7/5, t2")
    contract_id: int | None = Field(default=None, description="the contract the form was for")
    fields_sealed: str | None = Field(default=None, description="{field: text} as JSON, sealed")
    at: datetime = Field(sa_type=Instant, index=True)


def save(
    db: Session, person: str, contract_id: int | None, fields: dict[str, str], now: datetime
) -> UnsentForm:
    """Keep the fields and forget the person's oldest forms above five. Inside `writing`."""
    row = UnsentForm(person=person, contract_id=contract_id, at=now)
    sealed_columns.write(db, row, "fields_sealed", json.dumps(fields, ensure_ascii=False))
    newest = select(UnsentForm.id).where(UnsentForm.person == person).order_by(col(UnsentForm.id).desc())
    older = db.exec(newest.offset(MOST)).all()
    db.connection().execute(delete(UnsentForm).where(col(UnsentForm.id).in_(older)))
    return row


def find(db: Session, person: str, form_id: int, now: datetime) -> UnsentForm | None:
    """The form if it is this person's and younger than a day."""
    row = db.get(UnsentForm, form_id)
    return row if row and row.person == person and row.at > now - LIFETIME else None


def read_fields(db: Session, row: UnsentForm) -> dict[str, str]:
    """{field: text}; LookupError when no key opens it."""
    return json.loads(sealed_columns.read(db, row, "fields_sealed") or "{}")


def delete_expired(engine: Engine, settings: object, now: datetime) -> None:
    """Job: delete what is older than a day."""
    old = col(UnsentForm.at) < now - LIFETIME
    with Session(engine) as db:
        if db.exec(select(UnsentForm.id).where(old).limit(1)).first() is None:
            return
        with writing(db):
            db.connection().execute(delete(UnsentForm).where(old))
