"""What the pages of the desk share: who may open them, and that every look at a subscriber's data leaves a line."""

from datetime import datetime, timedelta
from typing import Any

from litestar.exceptions import PermissionDeniedException
from sqlmodel import Session

from db import writing
from db.journal import Person, lately, note
from rules.staff import RIGHTS, may

SELDOM = timedelta(hours=1)


def of(*acts: str) -> str:
    """The roles any of these acts belongs to, as the `staff` option of a route wants them."""
    return " ".join(sorted(set().union(*(RIGHTS[act] for act in acts))))


def allow(who: Person, act: str) -> None:
    """403 for a role the act does not belong to, where one page serves roles that may do different things."""
    if not may(who.role, act):
        raise PermissionDeniedException("role")


def looked(db: Session, who: Person, verb: str, now: datetime, **facts: Any) -> None:
    """A line in the journal before the page is shown: what was not written was not seen."""
    with writing(db):
        note(db, who, verb, now, **facts)


def looked_around(db: Session, who: Person, verb: str, now: datetime) -> None:
    """The same for a page that is open all day and reloaded at every turn: one line an hour for each person."""
    if lately(db, who, verb, now - SELDOM):
        return
    with writing(db):
        if not lately(db, who, verb, now - SELDOM):
            note(db, who, verb, now)
