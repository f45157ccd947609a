"""Records views of personal data by staff: a journal entry for each staff page, and the people whose data it
showed.

A page about one contract names it in the entry itself. A list (search, queue, debtors) names everybody on it
in `journal_subject`, so that «who saw my data» has a complete answer. A list longer than `MOST` is recorded
as «everybody».
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Field, Index, Session, SQLModel, col, exists, insert, select

from db import Instant, journal
from db.journal import Note, Person
from db.people import ownership

MOST = 200
EVERYBODY = 0  # used in place of a subscriber's id when the list is longer than MOST
SELDOM = timedelta(hours=1)


class Subject(SQLModel, table=True):
    """A person whose data a page showed, when the journal entry itself does not name them."""

    __tablename__ = "journal_subject"
    __table_args__ = (
        Index("ix_journal_subject_subscriber_id_at", "subscriber_id", "at"),
        {"sqlite_with_rowid": False},
    )

    journal_id: int = Field(
        primary_key=True, foreign_key="journal.id", sa_column_kwargs={"autoincrement": False}
    )
    subscriber_id: int = Field(
        primary_key=True, sa_column_kwargs={"autoincrement": False}, description="0: everybody"
    )
    at: datetime = Field(sa_type=Instant, description="the line's own, for it lives as long")


_put = insert(Subject)


@dataclass(frozen=True)
class Look:
    """What a staff page is about to show: one contract, or a list of subscribers and contracts.

    `seldom` is for a page that stays open all day: each person is recorded once an hour per employee.
    """

    verb: str
    contract_id: int | None = None
    subscriber_id: int | None = None
    people: Iterable[int] = ()
    contracts: Iterable[int | None] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    seldom: bool = False


def add(db: Session, who: Person | str, look: Look, now: datetime) -> None:
    """Write the entry and the people shown. Inside `writing`."""
    held = {int(one) for one in (*look.contracts, look.contract_id) if one}
    found = {*look.people, *(ownership.all_owners(db, held) if held else ())} - {None}
    actor = who if isinstance(who, str) else who.actor
    if look.seldom:
        found -= _recorded_people(db, actor, look.verb, found, now - SELDOM)
        if not found and _has_recent_line(db, actor, look.verb, now - SELDOM):
            return
    count = len(found)
    subject = look.subscriber_id or (found.pop() if count == 1 else None)
    facts = look.facts | ({"people": count} if count > MOST else {})
    note_id = journal.note(
        db, who, look.verb, now, contract_id=look.contract_id, subscriber_id=subject, **facts
    )
    rest = {EVERYBODY} if count > MOST else found - {subject}
    if rest:
        db.connection().execute(
            _put, [{"journal_id": note_id, "subscriber_id": one, "at": now} for one in sorted(rest)]
        )


def journal_ids(subscriber_id: int) -> Any:
    """Return a query of the ids of entries that showed this subscriber in a list, or everybody."""
    return select(Subject.journal_id).where(col(Subject.subscriber_id).in_((subscriber_id, EVERYBODY)))


def _recorded_people(db: Session, actor: str, verb: str, people: set[int], since: datetime) -> set[int]:
    """Return which of these people this employee has already seen on that page since `since`."""
    same = exists().where(
        col(Note.id) == Subject.journal_id, col(Note.actor) == actor, col(Note.verb) == verb
    )
    listed = select(Subject.subscriber_id).where(
        col(Subject.subscriber_id).in_(people), col(Subject.at) > since, same
    )
    alone = select(Note.subscriber_id).where(
        col(Note.subscriber_id).in_(people), col(Note.at) > since, Note.actor == actor, Note.verb == verb
    )
    return {*db.exec(listed), *(one for one in db.exec(alone) if one)}


def _has_recent_line(db: Session, actor: str, verb: str, since: datetime) -> bool:
    query = select(Note.id).where(Note.actor == actor, Note.verb == verb, col(Note.at) > since)
    return db.exec(query.limit(1)).first() is not None
