"""What texts a person accepted: version, SHA-256, time and address; a new version never changes an old
acceptance.
"""

from datetime import datetime
from typing import Any, NamedTuple

from sqlmodel import Field, Session, SQLModel, col, select

from db import Instant
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
    """A wording that somebody accepted, by the hash that acceptances name: the file with the operator's words
    put in.

    It tells of the operator alone, is shared by everybody who accepted it, and is kept for ever as
    acceptances are.
    """

    __tablename__ = "accepted_text"

    sha256: str = Field(primary_key=True)
    name: str
    version: int
    body: str
    at: datetime = Field(sa_type=Instant, description="when the first of them accepted it")


class AcceptedEdition(NamedTuple):
    """An acceptance as a page tells it."""

    title: str
    version: int
    at: datetime


def accepted_edition(db: Session, acceptance_id: int | None) -> AcceptedEdition | None:
    """What was accepted and when, in the words of that very version."""
    row = db.get(Acceptance, acceptance_id) if acceptance_id else None
    return (
        AcceptedEdition(accepted_texts.at(row.name, row.version).title, row.version, row.at) if row else None
    )


CONSENT = "consent"
# A representative consents for themselves: it is their own name and phone that are kept.
REPRESENTATIVE = "consent_representative"


def consent_text(representative_id: int | None, settings: Any) -> accepted_texts.Text:
    """The consent asked of a subscriber, or of a representative."""
    return accepted_texts.newest(_consent_name(representative_id), settings)


def _consent_name(representative_id: int | None) -> str:
    return CONSENT if representative_id is None else REPRESENTATIVE


def has_consent(db: Session, subscriber_id: int, representative_id: int | None = None) -> bool:
    """Whether this very person, having entered, agreed to the newest text. What a form took before the entry
    proves nothing.
    """
    name, acting = _consent_name(representative_id), col(Acceptance.representative_id)
    given = select(Acceptance.id).where(
        Acceptance.subscriber_id == subscriber_id,
        Acceptance.name == name,
        Acceptance.version == accepted_texts.version(name),
        Acceptance.signed_in == 1,
        acting.is_(None) if representative_id is None else acting == representative_id,
    )
    return db.exec(given.limit(1)).first() is not None


def accepted_wording(db: Session, row: Acceptance) -> str | None:
    """The very words that were accepted; None when neither the kept wordings nor the file of that version
    have this hash.
    """
    stored = db.get(AcceptedText, row.sha256)
    if stored:
        return stored.body
    file = accepted_texts.at(row.name, row.version)
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
    """Keep that this subscriber, signed in, accepted the text in force; call inside `writing`, with what it
    was for.
    """
    agreed = accepted_texts.newest(name, settings)
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
