"""When each job last ran and how it went, for the desk's work page and the operator's check."""

from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Field, Session, SQLModel, col, select

from db import Instant, writing

# A job every second need not write every second: the work page is about minutes.
EVERY = 20


class Run(SQLModel, table=True):
    __tablename__ = "job_run"

    name: str = Field(primary_key=True)
    at: datetime = Field(sa_type=Instant)
    error: str = ""
    failed_at: datetime | None = Field(default=None, sa_type=Instant)


def remember(engine: Engine, name: str, now: datetime, error: str) -> None:
    with Session(engine) as db:
        row = db.get(Run, name)
        if row and row.error == error and abs((now - row.at).total_seconds()) < EVERY:
            return
        with writing(db):
            row = db.get(Run, name) or Run(name=name, at=now)
            row.at, row.error = now, error
            row.failed_at = now if error else row.failed_at
            db.add(row)


def all_runs(db: Session) -> list[Run]:
    return list(db.exec(select(Run).order_by(col(Run.name))))
