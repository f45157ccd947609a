"""What is kept for so long and no longer, and that its forgetting is written down."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

import jobs
from db import job_runs, journal, outbox, retention
from db.access import security_notices
from db.events.station import record_contact
from db.events.waiting_events import WaitingEvent
from db.journal import Note
from db.outbox import Message
from db.payments.callbacks import BankCallback
from settings import Settings
from tests.kit import instant


@pytest.fixture
def aged(write, clock):
    """A row of each kind, written four years ago by the database's own clock, which no suite moves:
    by it the journal lets nobody delete a younger line.
    """
    clock.at = instant.machine_now() - timedelta(days=4 * 365)
    with write() as db:
        journal.note(db, "subscriber:1", "test.deed", clock.now())
        db.add(BankCallback(at=clock.now(), address="10.0.0.1", body="{}"))
        source = record_contact(db, "main", clock.now())
        db.add(
            WaitingEvent(
                number="999", at=1, event_id=1, kind=1, code="401", source_id=source, received_at=clock.now()
            )
        )
        for state in ("sent", "dead", "waiting"):
            outbox.put(db, "sms", "+79211234567", "Код 123456", kind="code", now=clock.now()).state = state


def left(engine) -> dict[str, int]:
    with Session(engine) as db:
        return {
            "journal": len(db.exec(select(Note).where(Note.verb == "test.deed")).all()),
            "callbacks": len(db.exec(select(BankCallback)).all()),
            "waiting events": len(db.exec(select(WaitingEvent)).all()),
            "messages": len(db.exec(select(Message).where(Message.text != "")).all()),
        }


def test_word_of_a_changed_entry_goes_with_the_messages(engine, write, settings, clock):
    clock.at = datetime.now(UTC) - timedelta(days=400)
    with write() as db:
        security_notices.add(db, 1, "password", "Пароль от кабинета сменён.", clock.now())
    settings = settings.model_copy(update=dict.fromkeys(KEEPS, 0) | {"keep_messages_days": 90})
    for delta, kept in (({"days": 90}, 1), ({"seconds": 1}, 0)):
        clock.forward(**delta)
        retention.remove_by_period(engine, settings, clock.now())
        with Session(engine) as db:
            assert len(security_notices.latest_notices(db, 1)) == kept


@pytest.mark.parametrize(
    ("what", "setting", "after"),
    [
        ("journal", "keep_journal_days", 0),
        ("callbacks", "keep_callbacks_days", 0),
        ("waiting events", "keep_raw_days", 0),
        ("messages", "keep_messages_days", 1),
    ],
)
def test_goes_after_its_days_and_not_before(engine, settings, clock, aged, what, setting, after):
    settings = settings.model_copy(update=dict.fromkeys(KEEPS, 0) | {setting: 1095})
    before = left(engine)
    clock.forward(days=1095)
    retention.remove_by_period(engine, settings, clock.now())
    assert left(engine) == before
    clock.forward(seconds=1)
    retention.remove_by_period(engine, settings, clock.now())
    assert left(engine) == before | {what: after}
    with Session(engine) as db:
        [note] = db.exec(select(Note).where(Note.verb == "retention.forget")).all()
    assert json.loads(note.facts)["what"] == what and note.actor == "system:jobs"


KEEPS = ("keep_journal_days", "keep_messages_days", "keep_callbacks_days", "keep_raw_days")


def test_nought_keeps_for_ever(engine, settings, clock, aged):
    before = left(engine)
    clock.forward(days=4 * 365)
    retention.remove_by_period(engine, settings.model_copy(update=dict.fromkeys(KEEPS, 0)), clock.now())
    assert left(engine) == before


def test_a_message_that_has_not_gone_keeps_its_words(engine, settings, clock, aged):
    clock.forward(days=400)
    retention.remove_by_period(engine, settings, clock.now())
    with Session(engine) as db:
        kept = db.exec(select(Message).order_by(Message.id)).all()
    assert [(row.state, bool(row.text), bool(row.to)) for row in kept] == [
        ("sent", False, False),
        ("dead", False, False),
        ("waiting", True, True),
    ]


def test_more_than_a_batch_goes_in_one_run(engine, settings, clock, write, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 10)
    clock.at = datetime.now(UTC)
    with write() as db:
        for _ in range(35):
            db.add(BankCallback(at=clock.now() - timedelta(days=366), address="", body=""))
    retention.remove_by_period(engine, settings, clock.now())
    assert left(engine)["callbacks"] == 0


def test_a_young_line_of_the_journal_cannot_be_deleted_by_anybody(engine, settings, clock, write):
    with write() as db:
        journal.note(db, "subscriber:1", "test.deed", datetime.now(UTC) - timedelta(days=1000))
    with pytest.raises(IntegrityError, match="append-only"), write() as db:
        db.connection().exec_driver_sql("DELETE FROM journal")
    with pytest.raises(ValueError, match="KEEP_JOURNAL_DAYS"):
        Settings(_env_file=None, demo=True, keep_journal_days=30)


def test_all_that_forgets_is_in_the_schedule(engine, settings, clock):
    names = {name for name, _, _ in jobs.SCHEDULE}
    assert {"sweep", "retention", "papers", "drafts", "exports", "waiting events"} <= names
    for name, _, job in jobs.SCHEDULE:
        if name in ("sweep", "retention"):
            assert jobs.run_job(engine, settings, clock.now() + timedelta(days=1), name, job)
    with Session(engine) as db:
        assert {"sweep", "retention"} <= {row.name for row in job_runs.all_runs(db)}
