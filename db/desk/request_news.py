"""What changed in a request since its staff page was rendered, and which other employees have opened it."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlmodel import Session, col, select

from db.access import staff
from db.journal import Note, Person
from db.requests import requests
from db.requests.requests import Request, RequestMessage, RequestStep
from rules.requests.dialogues import author_words

LOOK = "desk.look"
Row = TypeVar("Row", RequestMessage, RequestStep)
WITH_WORDS = ("ask_more", "close", "reply", "reopen")
RECENT = timedelta(minutes=15)


@dataclass(frozen=True)
class Change:
    """The last action of a person on a request. `verb` is that of a step, or message, answer, note."""

    name: str
    verb: str
    at: datetime


def last_change(db: Session, request: Request) -> Change | None:
    """Return the last step or message of a person, never of the system; None when there is none."""
    message = _last_by_person(db, RequestMessage, request)
    step = _last_by_person(db, RequestStep, request)
    if message and (step is None or message.at > step.at or not _is_made_with(step, message)):
        verb = "note" if message.internal else "message" if _is_subscriber(message.actor) else "answer"
        return Change(author_words(message.actor, message.name), verb, message.at)
    return Change(author_words(step.actor, step.name), step.verb, step.at) if step else None


def messages_since(db: Session, request: Request, message_id: int) -> list[RequestMessage]:
    """Return messages and notes after this one, oldest first."""
    return [one for one in requests.messages(db, request, internal=True) if one.id > message_id]


def last_message_id(db: Session, request: Request) -> int:
    """Return the id of the last message or note, 0 if there is none."""
    query = select(RequestMessage.id).where(RequestMessage.request_id == request.id)
    return db.exec(query.order_by(col(RequestMessage.id).desc()).limit(1)).first() or 0


def other_viewers(db: Session, request: Request, who: Person, now: datetime) -> list[tuple[str, datetime]]:
    """Return (name, when) of other employees who opened this request in the last fifteen minutes."""
    query = select(Note).where(
        Note.contract_id == request.contract_id, Note.verb == LOOK, col(Note.at) > now - RECENT
    )
    seen: dict[str, datetime] = {}
    for look in db.exec(query.order_by(col(Note.id))):
        if look.actor != who.actor and json.loads(look.facts).get("number") == request.number:
            seen[look.actor] = look.at
    names = {f"staff:{id}": name for id, name in staff.staff_names(db).items()}
    return [(names.get(actor, actor), at) for actor, at in seen.items()]


def _is_made_with(step: RequestStep, message: RequestMessage) -> bool:
    """Return whether the step belongs to this message or follows it: a question, a closing
    answer, a reply.
    """
    return step.at > message.at or (step.verb in WITH_WORDS and step.actor == message.actor)


def _is_subscriber(actor: str) -> bool:
    return actor.startswith("subscriber:")


def _last_by_person(db: Session, table: type[Row], request: Request) -> Row | None:
    query = select(table).where(table.request_id == request.id, col(table.actor).not_like("system:%"))
    return db.exec(query.order_by(col(table.id).desc()).limit(1)).first()
