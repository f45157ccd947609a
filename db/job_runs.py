"""The last run of each job and its error, for the work page of staff and `litestar check`."""

from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Field, Session, SQLModel, col, select

from db import Instant, writing

# Seconds between writes of an unchanged result: the work page shows minutes.
WRITE_INTERVAL = 20


class JobRun(SQLModel, table=True):
    __tablename__ = "job_run"

    name: str = Field(primary_key=True)
    at: datetime = Field(sa_type=Instant)
    error: str = ""
    failed_at: datetime | None = Field(default=None, sa_type=Instant)


def record_run(engine: Engine, name: str, now: datetime, error: str) -> None:
    with Session(engine) as db:
        row = db.get(JobRun, name)
        if row and row.error == error and abs((now - row.at).total_seconds()) < WRITE_INTERVAL:
            return
        with writing(db):
            row = db.get(JobRun, name) or JobRun(name=name, at=now)
            row.at, row.error = now, error
            row.failed_at = now if error else row.failed_at
            db.add(row)


def all_runs(db: Session) -> list[JobRun]:
    return list(db.exec(select(JobRun).order_by(col(JobRun.name))))
