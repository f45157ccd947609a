"""Metrics of the database: counts and ages without personal data.

Each query uses an index or the newest rows only, because metrics are read four times a minute.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from sqlmodel import Session, col, func, select

from db import backups, job_runs
from db.access import sms_limits
from db.desk.queue import OURS, STATES
from db.events import station
from db.outbox import Message
from db.payments.payments import Payment
from db.registry import RegistryImport
from db.requests.requests import Request

# name, description, label name or "", label → value
Metric = tuple[str, str, str, Mapping[str, float]]
NEWEST = 2000
LATELY = timedelta(minutes=15)
DAY = timedelta(days=1)


def read_metrics(db: Session, now: datetime, copies: Path | None = None) -> list[Metric]:
    """Return all metrics. `copies` is the backup folder, None when another program makes backups.

    No label may be called job or instance: Prometheus sets these itself and would rename ours.
    """
    return [
        *_outbox(db, now),
        *_jobs(db, now),
        *_payments(db, now),
        *_desk(db, now),
        *_station(db, now),
        *_database_file(db),
        *_imports(db, now),
        *_backups(copies, now),
    ]


def _outbox(db: Session, now: datetime) -> list[Metric]:
    states = dict(
        db.exec(
            select(Message.state, func.count()).where(col(Message.state) != "sent").group_by(Message.state)
        ).all()
    )
    oldest = db.exec(
        select(func.min(Message.put_at)).where(Message.state == "waiting", Message.not_before <= now)
    ).one()
    newest = (
        select(Message.put_at, Message.sent_at, Message.channel)
        .order_by(col(Message.id).desc())
        .limit(NEWEST)
    )
    fresh = [
        (put, sent)
        for put, sent, channel in db.exec(newest)
        if channel == "sms" and sent and sent > now - LATELY
    ]
    delays = sorted((sent - put).total_seconds() for put, sent in fresh)
    slow = {
        name: delays[min(len(delays) - 1, int(len(delays) * float(name)))]
        for name in ("0.5", "0.95", "1")
        if delays
    }
    return [
        (
            "outbox",
            "Messages by state, sent ones left out",
            "state",
            {"waiting": 0, "sending": 0, "dead": 0} | states,
        ),
        (
            "outbox_oldest_seconds",
            "How long the oldest message that should have gone waits",
            "",
            {"": (now - oldest).total_seconds() if oldest else 0},
        ),
        (
            "form_sms_day",
            "SMS that people's forms caused in the last day, by whose they were",
            "who",
            sms_limits.daily_totals(db, now),
        ),
        (
            "sms_delay_seconds",
            "From writing an SMS to its gateway, the last quarter of an hour",
            "quantile",
            slow,
        ),
    ]


def _jobs(db: Session, now: datetime) -> list[Metric]:
    rows = job_runs.all_runs(db)
    return [
        (
            "job_age_seconds",
            "Since the job last ran",
            "task",
            {row.name: (now - row.at).total_seconds() for row in rows},
        ),
        ("job_failing", "1: its last run failed", "task", {row.name: int(bool(row.error)) for row in rows}),
    ]


def _payments(db: Session, now: datetime) -> list[Metric]:
    newest = select(Payment.state, Payment.created_at).order_by(col(Payment.id).desc()).limit(NEWEST)
    states = dict.fromkeys(("created", "pending", "paid", "failed", "expired"), 0)
    for state, created in db.exec(newest):
        states[state] = states.get(state, 0) + (created > now - DAY)
    open_count = db.exec(select(func.count()).where(col(Payment.ask_at).is_not(None))).one()
    return [
        ("payments_day", "Payments begun in the last day, by state", "state", dict(states)),
        ("payments_open", "Payments the bank is still asked about", "", {"": open_count}),
    ]


def _desk(db: Session, now: datetime) -> list[Metric]:
    ours = col(Request.state).in_(STATES[OURS])
    waiting = db.exec(select(func.count()).where(ours)).one()
    late = db.exec(
        select(func.count()).where(ours, Request.answer_by < now, col(Request.answered_at).is_(None))
    ).one()
    return [("desk_queue", "Requests waiting for staff", "what", {"waiting": waiting, "late": late})]


def _station(db: Session, now: datetime) -> list[Metric]:
    live = [one for one in station.sources(db) if not one.name.startswith("csv")]
    return [
        (
            "station_silent_seconds",
            "Since the last contact of a source of the station",
            "source",
            {one.name: (now - one.contact_at).total_seconds() for one in live},
        )
    ]


def _imports(db: Session, now: datetime) -> list[Metric]:
    newest = dict(
        db.exec(select(RegistryImport.kind, func.max(RegistryImport.at)).group_by(RegistryImport.kind)).all()
    )
    ages = {kind: (now - at).total_seconds() for kind, at in newest.items() if at}
    return [("import_age_seconds", "Since the registry was last taken in", "kind", ages)]


def _backups(folder: Path | None, now: datetime) -> list[Metric]:
    if folder is None:
        return []
    found = backups.list_backups(folder)
    age = {"": max(0.0, now.timestamp() - found[0].stat().st_mtime)} if found else {}
    return [
        ("backups", "Checked copies of the file", "", {"": len(found)}),
        ("backup_age_seconds", "Since the newest copy was made", "", age),
    ]


def _database_file(db: Session) -> list[Metric]:
    name = db.get_bind().engine.url.database
    if db.get_bind().dialect.name != "sqlite" or not name:
        return []
    sizes = {
        part: Path(name + end).stat().st_size
        for part, end in (("file", ""), ("log", "-wal"))
        if Path(name + end).exists()
    }
    return [("file_bytes", "Size of the file and of its write-ahead log", "part", sizes)]
