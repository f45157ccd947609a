"""The audit log: who did or viewed what, and when; written in the transaction of the action, append-only."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Field, Session, SQLModel, col, insert, select

from db import Instant
from rules.access import representatives


@dataclass(frozen=True)
class Person:
    """Who is signed in. `kind` is "subscriber" or "staff"; `contract_id` is the contract being viewed.

    A representative has the `id` of the subscriber and a name of their own; `rights` limits them, and `owner`
    names the subscriber.
    """

    session_id: int
    kind: str
    id: int
    name: str
    contract_id: int | None = None
    contract_number: int | None = None
    contract_address: str = ""
    role: str | None = None
    stage: str = "open"
    confirmed_at: datetime | None = None
    unread: int = 0
    contracts: int = 1  # contracts of this subscriber; with more than one every page has a switcher
    owner: str = ""
    representative_id: int | None = None
    rights: frozenset[str] | None = None
    # a random value of the session, to bind what outlives a request: row ids may be reused
    binding: str = ""
    security_unread: int = 0  # 1: an unread notice about changed credentials
    app_off_at: datetime | None = (
        None  # when the application of codes is removed, after its loss was declared
    )

    @property
    def actor(self) -> str:
        """subscriber:7, staff:2; subscriber:7/5 is the representative 5 of the subscriber 7."""
        return f"{self.kind}:{self.id}" + (f"/{self.representative_id}" if self.representative_id else "")

    def may(self, right: str) -> bool:
        """Whether this person has the right; subscribers and staff themselves are not limited."""
        return self.rights is None or right in self.rights

    def opens(self, path: str) -> bool:
        """Whether this person may view that page; links to other pages are hidden."""
        return self.rights is None or representatives.is_path_allowed(self.rights, "GET", path)


class Note(SQLModel, table=True):
    __tablename__ = "journal"

    id: int = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Instant, index=True)
    actor: str = Field(index=True, description="subscriber:7, staff:2, system:jobs, station:main…")
    verb: str = Field(description="capability.deed, e.g. access.sign_in")
    contract_id: int | None = Field(default=None, index=True)
    subscriber_id: int | None = Field(default=None, index=True)
    facts: str = Field(default="{}", description="JSON, no secrets")


# A plain INSERT: it is cheaper than an ORM object, and every action writes one.
_line = insert(Note)


def note(
    db: Session,
    who: Person | str,
    verb: str,
    now: datetime,
    *,
    contract_id: int | None = None,
    subscriber_id: int | None = None,
    **facts: Any,
) -> int:
    """Write one entry and return its id; call inside `writing`."""
    actor = who if isinstance(who, str) else who.actor
    if isinstance(who, Person) and who.kind == "subscriber":
        subscriber_id = subscriber_id or who.id
        contract_id = contract_id or who.contract_id
    text = json.dumps(facts, ensure_ascii=False, default=str) if facts else "{}"
    line = {
        "at": now,
        "actor": actor,
        "verb": verb,
        "contract_id": contract_id,
        "subscriber_id": subscriber_id,
        "facts": text,
    }
    return int(db.connection().execute(_line, line).inserted_primary_key[0])  # type: ignore[index]


def representatives_notes(db: Session, subscriber_id: int, limit: int = 50) -> list[Note]:
    """Entries of a subscriber's representatives, newest first; the actor ends in the representative's id."""
    theirs = select(Note).where(
        Note.subscriber_id == subscriber_id, col(Note.actor).startswith(f"subscriber:{subscriber_id}/")
    )
    return list(db.exec(theirs.order_by(col(Note.id).desc()).limit(limit)))
