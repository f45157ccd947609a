"""Refused requests of signed-in people: unknown or another's ids (404) and forbidden pages (403), counted by
person, route and hour.

A scanner's thousand requests make one row; when its hour is over it becomes one journal line.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select

from db import Instant, engines, journal, writing

VERBS = {403: "access.forbidden", 404: "access.missing"}


class Denial(SQLModel, table=True):
    """Refusals of one kind to one person within one hour."""

    __table_args__ = (UniqueConstraint("hour", "actor", "route", "status"),)

    id: int = Field(default=None, primary_key=True)
    hour: datetime = Field(sa_type=Instant, description="its first instant")
    actor: str
    route: str = Field(description="GET /payments/{number}: the pattern, never the address itself")
    status: int = Field(description="403 or 404")
    count: int


def count_denial(db: Session, actor: str, route: str, status: int, now: datetime) -> None:
    """Count one more. Inside `writing`."""
    table: Any = Denial.__table__  # type: ignore[attr-defined]
    row = {"hour": _hour(now), "actor": actor, "route": route, "status": status, "count": 1}
    put = engines.insert(table).values(row)
    same = [table.c.hour, table.c.actor, table.c.route, table.c.status]
    db.connection().execute(put.on_conflict_do_update(index_elements=same, set_={"count": table.c.count + 1}))


def pending_denials(db: Session, limit: int = 20) -> list[Denial]:
    """Return counts that are not in the journal yet, the largest first."""
    return list(db.exec(select(Denial).order_by(col(Denial.count).desc(), col(Denial.id)).limit(limit)))


def journal_finished_hours(engine: Engine, settings: object, now: datetime) -> None:
    """Job: move the counts of finished hours to the journal."""
    over = select(Denial).where(col(Denial.hour) < _hour(now)).order_by(col(Denial.id)).limit(500)
    with Session(engine) as db:
        if not db.exec(over.limit(1)).first():
            return
        with writing(db):
            for row in db.exec(over):
                journal.note(
                    db,
                    row.actor,
                    VERBS[row.status],
                    now,
                    subscriber_id=_subscriber(row.actor),
                    route=row.route,
                    times=row.count,
                    hour=int(row.hour.timestamp()),
                )
                db.delete(row)


def _hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)


def _subscriber(actor: str) -> int | None:
    """Return the subscriber of an actor, also for a representative: subscriber:7, subscriber:7/5."""
    kind, _, rest = actor.partition(":")
    return int(rest.partition("/")[0]) if kind == "subscriber" else None
