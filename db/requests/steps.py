"""The single UPDATE of a request's state, and the row and the journal line of each step."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, update

from db import journal
from db.journal import Person
from db.requests import requests
from db.requests.requests import Request, RequestStep
from rules import Refused
from rules.requests import requests as rule


def move(db: Session, request: Request, verb: str, who: Person | str, now: datetime, **rest: Any) -> None:
    """Make the step `verb`. Refused when the state does not allow it. `rest` are further columns to set."""
    move_to(db, request, rule.next_state(verb, request.state), verb, who, now, **rest)


def move_to(
    db: Session,
    request: Request,
    state: str,
    verb: str,
    who: Person | str,
    now: datetime,
    *,
    words: str = "",
    internal: bool = False,
    seen: int | None = None,
    **values: Any,
) -> None:
    """Set the state and `values`. Refused when the request has changed since the version `seen`."""
    version = seen or request.version
    db.flush()
    moved = db.connection().execute(
        update(Request)
        .where(
            col(Request.id) == request.id,
            col(Request.version) == version,
            col(Request.state) == request.state,
        )
        .values(state=state, version=version + 1, moved_at=now, **values)
    )
    if moved.rowcount != 1:
        raise Refused(form=rule.TOO_LATE)
    db.refresh(request)
    add_step(db, request, who, verb, now, words, internal)


def add_step(
    db: Session,
    request: Request,
    who: Person | str,
    verb: str,
    now: datetime,
    words: str = "",
    internal: bool = False,
) -> None:
    """Write the step's row and its journal line."""
    actor, name = requests.actor(who)
    db.add(
        RequestStep(
            request_id=request.id,
            at=now,
            actor=actor,
            name=name,
            verb=verb,
            state=request.state,
            words=words,
            internal=int(internal),
        )
    )
    journal.note(
        db,
        who,
        f"requests.{verb}",
        now,
        contract_id=request.contract_id,
        subscriber_id=request.subscriber_id,
        number=request.number,
        kind=request.kind,
    )
