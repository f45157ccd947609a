"""Drafts of requests: the typed fields and files between the form and its review, kept for a day."""

from datetime import datetime, timedelta

from sqlalchemy import JSON, Engine
from sqlmodel import Field, Session, SQLModel, select

from db import Instant, writing
from db.journal import Person
from db.requests import attachments

LIFETIME = timedelta(days=1)


class Draft(SQLModel, table=True):
    __tablename__ = "request_draft"
    __table_args__ = {"sqlite_autoincrement": True}

    id: int = Field(default=None, primary_key=True)
    subscriber_id: int = Field(foreign_key="subscriber.id", index=True)
    contract_id: int = Field(foreign_key="contract.id")
    kind: str
    form: dict[str, str] = Field(sa_type=JSON, default_factory=dict)
    at: datetime = Field(sa_type=Instant, index=True)
    number: int | None = Field(default=None, description="the request it became")


def find_owned(db: Session, who: Person, draft_id: int) -> Draft | None:
    """Return the draft if it belongs to this subscriber and to the contract now open."""
    return db.exec(
        select(Draft).where(
            Draft.id == draft_id, Draft.subscriber_id == who.id, Draft.contract_id == who.contract_id
        )
    ).first()


def save(
    db: Session, who: Person, kind: str, form: dict[str, str], now: datetime, draft: Draft | None = None
) -> Draft:
    """Save the form in `draft`, or in a new draft when there is none or it was already sent."""
    if draft is None or draft.number or draft.kind != kind:
        draft = Draft(subscriber_id=who.id, contract_id=who.contract_id, kind=kind, at=now)  # type: ignore[arg-type]
    draft.form, draft.at = form, now
    db.add(draft)
    db.flush()
    return draft


def delete_expired(engine: Engine, settings: object, now: datetime) -> None:
    """Job: delete drafts older than a day, with their files."""
    query = select(Draft).where(Draft.at < now - LIFETIME)
    with Session(engine) as db:
        if not db.exec(query.limit(1)).first():
            return
        with writing(db):
            for draft in db.exec(query):
                for row in attachments.list_of_draft(db, draft.id):
                    attachments.delete_unsent(db, row)
                db.flush()
                db.delete(draft)
