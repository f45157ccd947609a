"""A request between its form and its review: what was typed and attached, kept for a day, never in the page's
address.
"""

from datetime import datetime, timedelta

from sqlalchemy import JSON, Engine
from sqlmodel import Field, Session, SQLModel, select

from db import Instant, writing
from db.journal import Person
from db.requests import attachments

KEPT = timedelta(days=1)


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


def owned(db: Session, who: Person, draft_id: int) -> Draft | None:
    """The draft if this subscriber began it, for the contract now looked at."""
    return db.exec(
        select(Draft).where(
            Draft.id == draft_id, Draft.subscriber_id == who.id, Draft.contract_id == who.contract_id
        )
    ).first()


def save(
    db: Session, who: Person, kind: str, form: dict[str, str], now: datetime, draft: Draft | None = None
) -> Draft:
    """A new draft, or what was typed anew in this one; one already sent is left alone and a new one begun."""
    if draft is None or draft.number or draft.kind != kind:
        draft = Draft(subscriber_id=who.id, contract_id=who.contract_id, kind=kind, at=now)
    draft.form, draft.at = form, now
    db.add(draft)
    db.flush()
    return draft


def sweep(engine: Engine, settings: object, now: datetime) -> None:
    """Job: drafts of yesterday go, with the files nobody sent."""
    query = select(Draft).where(Draft.at < now - KEPT)
    with Session(engine) as db:
        if not db.exec(query.limit(1)).first():
            return
        with writing(db):
            for draft in db.exec(query):
                for row in attachments.of_draft(db, draft.id):
                    attachments.drop(db, row)
                db.flush()
                db.delete(draft)
