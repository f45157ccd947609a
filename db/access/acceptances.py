"""Texts a person accepted: version, SHA-256, time and address. A new version never changes an old
acceptance.
"""

from datetime import datetime
from typing import Any, NamedTuple

from sqlmodel import Field, Session, SQLModel, select

from db import Instant
from db.access.account_rows import rows_of_subscriber
from rules import accepted_texts


class Acceptance(SQLModel, table=True):
    id: int = Field(default=None, primary_key=True)
    subscriber_id: int = Field(foreign_key="subscriber.id", index=True)
    contract_id: int | None = Field(default=None, foreign_key="contract.id")
    name: str = Field(description="which text: consent, suspend, autopay…")
    version: int
    sha256: str
    at: datetime = Field(sa_type=Instant)
    address: str = Field(description="the network address it came from")
    signed_in: int = Field(
        default=0,
        sa_column_kwargs={"server_default": "0"},
        description="1: by whoever had entered; 0: typed into a form before the entry, by anybody",
    )
    representative_id: int | None = Field(
        default=None, foreign_key="representative.id", description="who accepted, if acting"
    )


class AcceptedText(SQLModel, table=True):
    """An accepted wording by its hash: the file with the operator's details filled in.

    It contains no personal data, is shared by everybody who accepted it, and is kept for ever as acceptances
    are.
    """

    __tablename__ = "accepted_text"

    sha256: str = Field(primary_key=True)
    name: str
    version: int
    body: str
    at: datetime = Field(sa_type=Instant, description="when the first of them accepted it")


class AcceptedEdition(NamedTuple):
    """An acceptance as a page shows it."""

    title: str
    version: int
    at: datetime


def accepted_edition(db: Session, acceptance_id: int | None) -> AcceptedEdition | None:
    """Return what was accepted and when, with the title of that version."""
    row = db.get(Acceptance, acceptance_id) if acceptance_id else None
    return (
        AcceptedEdition(accepted_texts.find_version(row.name, row.version).title, row.version, row.at)
        if row
        else None
    )


CONSENT = "consent"
# A representative consents to the processing of their own name and phone.
REPRESENTATIVE = "consent_representative"


def consent_text(representative_id: int | None, settings: Any) -> accepted_texts.Text:
    """Return the consent text for a subscriber, or for a representative."""
    return accepted_texts.current_text(_consent_name(representative_id), settings)


def _consent_name(representative_id: int | None) -> str:
    return CONSENT if representative_id is None else REPRESENTATIVE


def has_consent(db: Session, subscriber_id: int, representative_id: int | None = None) -> bool:
    """Return whether this person, signed in, agreed to the current text. A consent from a form before sign-in
    does not count.
    """
    name = _consent_name(representative_id)
    given = select(Acceptance.id).where(
        rows_of_subscriber(Acceptance, subscriber_id, representative_id),
        Acceptance.name == name,
        Acceptance.version == accepted_texts.current_version(name),
        Acceptance.signed_in == 1,
    )
    return db.exec(given.limit(1)).first() is not None


def accepted_wording(db: Session, row: Acceptance) -> str | None:
    """Return the words that were accepted; None when neither the saved texts nor the file of that version
    have this hash.
    """
    stored = db.get(AcceptedText, row.sha256)
    if stored:
        return stored.body
    file = accepted_texts.find_version(row.name, row.version)
    return file.body if file.sha256 == row.sha256 else None


def accept(
    db: Session,
    subscriber_id: int,
    name: str,
    now: datetime,
    address: str,
    contract_id: int | None = None,
    settings: Any = None,
    representative_id: int | None = None,
) -> Acceptance:
    """Record that this subscriber, signed in, accepted the current text; inside `writing`, together with what
    it was for.
    """
    agreed = accepted_texts.current_text(name, settings)
    if db.get(AcceptedText, agreed.sha256) is None:
        db.add(
            AcceptedText(sha256=agreed.sha256, name=name, version=agreed.version, body=agreed.body, at=now)
        )
    row = Acceptance(
        subscriber_id=subscriber_id,
        contract_id=contract_id,
        name=name,
        version=agreed.version,
        sha256=agreed.sha256,
        at=now,
        address=address,
        signed_in=1,
        representative_id=representative_id,
    )
    db.add(row)
    db.flush()
    return row
