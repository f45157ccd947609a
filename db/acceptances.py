"""What texts a person accepted: version, SHA-256, time and address; a new version never changes an old acceptance."""

from datetime import datetime
from typing import NamedTuple

from sqlmodel import Field, Session, SQLModel, col, select

from db import Instant
from rules import texts


class Acceptance(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    subscriber_id: int = Field(foreign_key="subscriber.id", index=True)
    contract_id: int | None = Field(default=None, foreign_key="contract.id")
    name: str = Field(description="which text: consent, suspend, autopay…")
    version: int
    sha256: str
    at: datetime = Field(sa_type=Instant)
    address: str = Field(description="the network address it came from")
    signed_in: int = Field(default=0, sa_column_kwargs={"server_default": "0"},
                           description="1: by whoever had entered; 0: typed into a form before the entry, by anybody")
    representative_id: int | None = Field(default=None, foreign_key="representative.id", description="who accepted, if acting")


class Told(NamedTuple):
    """An acceptance as a page tells it."""

    title: str
    version: int
    at: datetime


def told(db: Session, acceptance_id: int | None) -> Told | None:
    """What was accepted and when, in the words of that very version."""
    row = db.get(Acceptance, acceptance_id) if acceptance_id else None
    return Told(texts.at(row.name, row.version).title, row.version, row.at) if row else None


CONSENT = "consent"
# A representative consents for themselves: it is their own name and phone that are kept.
REPRESENTATIVE = "consent_representative"


def consent_to(representative_id: int | None) -> texts.Text:
    """The consent asked of a subscriber, or of a representative."""
    return texts.newest(CONSENT if representative_id is None else REPRESENTATIVE)


def has_consent(db: Session, subscriber_id: int, representative_id: int | None = None) -> bool:
    """Whether this very person, having entered, agreed to the newest text. What a form took before the entry proves nothing."""
    text = consent_to(representative_id)
    acting = col(Acceptance.representative_id)
    given = select(Acceptance.id).where(
        Acceptance.subscriber_id == subscriber_id, Acceptance.name == text.name, Acceptance.version == text.version,
        Acceptance.signed_in == 1, acting.is_(None) if representative_id is None else acting == representative_id,
    )  # fmt: skip
    return db.exec(given.limit(1)).first() is not None


def accept(
    db: Session, subscriber_id: int, name: str, now: datetime, address: str, contract_id: int | None = None,
    representative_id: int | None = None,
) -> Acceptance:  # fmt: skip
    """Keep that this subscriber, signed in, accepted the text in force; call inside `writing`, with what it was for."""
    agreed = texts.newest(name)
    row = Acceptance(
        subscriber_id=subscriber_id, contract_id=contract_id, name=name, version=agreed.version,
        sha256=agreed.sha256, at=now, address=address, signed_in=1, representative_id=representative_id,
    )  # fmt: skip
    db.add(row)
    db.flush()
    return row
