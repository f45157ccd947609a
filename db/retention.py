"""Deletes data that is no longer needed or whose lawful storage period has ended, a few rows at a time so
that writers do not wait.

Short-lived rows (sessions, codes, attempts, form keys) follow periods set in their own modules. Periods of
months are settings, and each such deletion is recorded in the journal. Passport papers, drafts and exports
have jobs of their own. Money is never deleted: the ledger, receipts and payments are kept as bookkeeping law
requires.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, col, delete, select, update

from db import hash_seals, journal, submissions, writing
from db.access import codes, device_tokens, rate_limits, registrations, sessions
from db.access.security_notices import SecurityNotice
from db.desk import search_queries
from db.events import key_claims
from db.events.waiting_events import WaitingEvent
from db.outbox import Message
from db.payments.callbacks import BankCallback
from settings import Settings

BATCH = 2000
Remove = Callable[[Session, datetime], int]


def remove_short_lived(engine: Engine, settings: Settings, now: datetime) -> None:
    """Job: delete rows that are kept for minutes or days."""
    with Session(engine) as db, writing(db):
        sessions.delete_expired(db, now, timedelta(hours=settings.session_hours))
        for forget in (
            rate_limits.delete_expired,
            codes.delete_expired,
            registrations.delete_expired,
            submissions.delete_old,
            key_claims.delete_old_challenges,
            search_queries.delete_expired,
        ):
            forget(db, now)
        device_tokens.delete_expired(db, now, timedelta(days=settings.device_days))


def remove_by_period(engine: Engine, settings: Settings, now: datetime) -> None:
    """Job: delete rows older than the number of days in the settings; 0 keeps them for ever."""
    now = min(
        now, datetime.now(UTC)
    )  # the journal is dated by real time, so a demonstration's shifted clock must delete nothing
    hash_seals.seal_new_rows(engine, settings, now)  # the journal is deleted by whole seals
    for name, days, forget in _periods(settings):
        if days:
            _remove_in_batches(engine, name, days, forget, now)


def _periods(settings: Settings) -> list[tuple[str, int, Remove]]:
    return [
        ("journal", settings.keep_journal_days, hash_seals.remove_oldest),
        ("callbacks", settings.keep_callbacks_days, _remove_older_rows(BankCallback, BankCallback.at)),
        (
            "waiting events",
            settings.keep_raw_days,
            _remove_older_rows(WaitingEvent, WaitingEvent.received_at),
        ),
        ("messages", settings.keep_messages_days, _empty_message_texts),
        (
            "security notices",
            settings.keep_messages_days,
            _remove_older_rows(SecurityNotice, SecurityNotice.at),
        ),
    ]


def _remove_in_batches(engine: Engine, name: str, days: int, forget: Remove, now: datetime) -> None:
    gone = 0
    with Session(engine) as db:
        while True:
            with writing(db):
                count = forget(db, now - timedelta(days=days))
                gone += count
                if not count:
                    if gone:
                        journal.note(
                            db, "system:jobs", "retention.forget", now, what=name, rows=gone, days=days
                        )
                    return


def _remove_older_rows(model: Any, at: Any) -> Remove:
    """Return a function that deletes rows older than a moment; it looks only among the oldest, because ids
    grow with time.
    """

    def forget(db: Session, before: datetime) -> int:
        oldest = select(model.id, at).order_by(col(model.id)).limit(BATCH).subquery()
        old = select(oldest.c.id).where(oldest.c[col(at).key] < before)  # type: ignore[attr-defined]
        return db.connection().execute(delete(model).where(col(model.id).in_(old))).rowcount

    return forget


def _empty_message_texts(db: Session, before: datetime) -> int:
    """Delete the text and the recipient of messages sent or given up; their kind and times stay."""
    over = col(Message.state).in_(("sent", "dead"))
    old = select(Message.id).where(over, col(Message.put_at) < before, col(Message.text) != "")
    old = old.order_by(col(Message.id)).limit(BATCH)
    gone = {"text": "", "sealed": None, "secret": 1, "to": "", "subject": None, "error": None}
    emptied = update(Message).where(col(Message.id).in_(old)).values(gone)
    return db.connection().execute(emptied).rowcount
