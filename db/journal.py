"""Who did or looked at what, and when; written in the transaction of the deed itself and never changed."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Field, Session, SQLModel, col, insert, select

from db import Instant
from rules.access import representatives


@dataclass(frozen=True)
class Person:
    """Whoever is signed in. `kind` is "subscriber" or "staff"; `contract_id` is the contract now being looked
    at.

    A representative of a subscriber has the subscriber's `id`, a name of their own, `rights`, and `owner` for
    whom they act.
    """

    session_id: int
    kind: str
    id: int
    name: str
    contract_id: int | None = None
    contract_number: int | None = None
    role: str | None = None
    stage: str = "open"
    confirmed_at: datetime | None = None
    unread: int = 0
    contracts: int = 1  # how many this subscriber has: more than one, and every page shows a switcher
    owner: str = ""
    representative_id: int | None = None
    rights: frozenset[str] | None = None
    # this session's random value: what outlives a request is bound to it, for a row's number may come again
    binding: str = ""
    security_unread: int = 0  # 1: word of a changed way of entry waits to be read
    app_off_at: datetime | None = (
        None  # when the application of codes is removed, after its loss was declared
    )

    @property
    def actor(self) -> str:
        """subscriber:7, staff:2; subscriber:7/5 is the representative 5 of the subscriber 7."""
        return f"{self.kind}:{self.id}" + (f"/{self.representative_id}" if self.representative_id else "")

    def may(self, right: str) -> bool:
        """Whether this person may do what the right names; who acts for themselves may do all."""
        return self.rights is None or right in self.rights

    def opens(self, path: str) -> bool:
        """Whether the door lets this person look at that page; a link to a closed one is not shown."""
        return self.rights is None or representatives.allowed(self.rights, "GET", path)


class Note(SQLModel, table=True):
    __tablename__ = "journal"

    id: int = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Instant, index=True)
    actor: str = Field(index=True, description="subscriber:7, staff:2, system:jobs, station:main…")
    verb: str = Field(description="capability.deed, e.g. access.sign_in")
    contract_id: int | None = Field(default=None, index=True)
    subscriber_id: int | None = Field(default=None, index=True)
    facts: str = Field(default="{}", description="JSON, no secrets")


# Not an entity: nobody reads it back here, and every deed of the house writes one.
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
    """Write one line, its id; call it inside `writing`."""
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


def of_representatives(db: Session, subscriber_id: int, limit: int = 50) -> list[Note]:
    """What representatives of a subscriber did, newest first; which of them is the part of the actor after
    «/».
    """
    theirs = select(Note).where(
        Note.subscriber_id == subscriber_id, col(Note.actor).startswith(f"subscriber:{subscriber_id}/")
    )
    return list(db.exec(theirs.order_by(col(Note.id).desc()).limit(limit)))
