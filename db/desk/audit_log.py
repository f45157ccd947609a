"""Queries of the journal for the admin's page and for the export of an incident."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, or_, select

from db.access.staff import Staff
from db.journal import Note
from db.people.contracts import Contract
from db.people.subscribers import Subscriber
from rules.numbers import whole_number
from rules.people import contracts


@dataclass(frozen=True)
class LogFilter:
    """A filter of the journal. `who` is an actor or the beginning of one, `verbs` are LIKE patterns."""

    who: str = ""
    verbs: tuple[str, ...] = ()
    contract_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


def read(db: Session, wanted: LogFilter, *, before: int | None = None, limit: int = 50) -> list[Note]:
    """Return journal entries, newest first. `before` is the last id of the previous page."""
    query = select(Note)
    if wanted.who:
        query = query.where(
            col(Note.actor) == wanted.who if ":" in wanted.who else col(Note.actor).startswith(wanted.who)
        )
    if wanted.verbs:
        query = query.where(or_(*(col(Note.verb).like(verb) for verb in wanted.verbs)))
    if wanted.contract_id:
        query = query.where(Note.contract_id == wanted.contract_id)
    if wanted.since:
        query = query.where(Note.at >= wanted.since)
    if wanted.until:
        query = query.where(Note.at < wanted.until)
    if before:
        query = query.where(col(Note.id) < before)
    return list(db.exec(query.order_by(col(Note.id).desc()).limit(limit)))


def names(db: Session, notes: Sequence[Note]) -> dict[str, str]:
    """Return names of the actors and contracts of these entries: «staff:2» → Мария, «contract:7» → 78 000
    001.
    """
    found = {
        f"contract:{id_}": contracts.format_number(number)
        for id_, number in _numbers(db, {n.contract_id for n in notes})
    }
    return found | actors(db, {n.actor for n in notes})


def actors(db: Session, codes: set[str]) -> dict[str, str]:
    """Return «staff:2» → Мария; actors who are neither staff nor subscribers are left out."""
    found: dict[str, str] = {}
    for kind, model in (("staff", Staff), ("subscriber", Subscriber)):
        ids = {code.partition(":")[2] for code in codes if code.startswith(kind + ":")}
        rows = db.exec(
            select(model.id, model.name).where(col(model.id).in_([int(i) for i in ids if whole_number(i)]))
        )
        found |= {f"{kind}:{id_}": name for id_, name in rows}
    return found


def _numbers(db: Session, ids: set[int | None]) -> list[tuple[int, int]]:
    return list(db.exec(select(Contract.id, Contract.number).where(col(Contract.id).in_(ids - {None}))))  # type: ignore[arg-type]


def facts_of(note: Note) -> list[tuple[str, str]]:
    """Return the facts of an entry as (name, value)."""
    return [(name, str(value)) for name, value in json.loads(note.facts).items() if value not in (None, "")]
