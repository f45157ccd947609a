"""The scheduled jobs. Each is safe to run twice and from two processes, because it claims rows by conditional
UPDATE.

SCHEDULE and AT_ONCE list all jobs; a job is `function(engine, settings, now)`.
"""

import io
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session

from db import engines, exports, hash_seals, job_runs, outbox, retention, sealed_columns, writing
from db.access import denials, second_factors, unsent_forms
from db.clock import Clock
from db.desk import search
from db.events import key_claims, station, supervision
from db.money import accruals, debtor_list, fiscal_receipt_sending, sandbox_receipts
from db.payments import autopay_charges, banking, reconciliations, refunds, restores
from db.requests import attachments, drafts, scheduled_requests, sealed_attachments
from gateways import banks
from rules import Refused
from rules.payments import autopay as autopay_rules
from rules.requests.attachments import Upload
from settings import Settings

log = logging.getLogger("cabinet.jobs")
Job = Callable[[Engine, Settings, datetime], object]


def send_outbox(engine: Engine, settings: Settings, now: datetime) -> None:
    """Send the due messages, urgent ones first. Each message is claimed first, so that two senders never send
    it twice.
    """
    from gateways import (
        outgoing,
        sms,
    )  # imported here, because the web process imports the schedule but sends nothing

    began = time.monotonic()
    with Session(engine, expire_on_commit=False) as db:
        while waiting := outbox.due_ids(db, now):
            with writing(db):
                messages = outbox.claim(db, waiting, now)
            letters = [outbox.open_message(db, message) for message in messages]
            outcomes = outgoing.send_messages(letters, settings)
            now += timedelta(
                seconds=time.monotonic() - began
            )  # messages put meanwhile are due too, urgent ones first
            began = time.monotonic()
            with writing(db):
                for message, (number, error, permanent) in zip(messages, outcomes, strict=True):
                    outbox.record_outcome(
                        db,
                        message,
                        error,
                        now,
                        gateway_id=number,
                        permanent=permanent,
                        keep_words=settings.demo,
                    )
            if any(error for _, error, _ in outcomes):
                break  # the next run is soon; do not delay delivery reports
        delivered = sms.delivery_reports(settings)
        if delivered:
            with writing(db):
                for number, arrived in delivered:
                    outbox.record_delivery_report(db, number, arrived, now)


def redraw_attachments(engine: Engine, settings: Settings, now: datetime) -> None:
    """Redraw one PDF that was uploaded before files were redrawn, in the same way as files uploaded now."""
    from cryptography.exceptions import InvalidTag  # heavy, and the web process imports the schedule

    from gateways import inspector

    with Session(engine, expire_on_commit=False) as db:
        row = attachments.next_to_redraw(db)
        if row is None:
            return
        try:
            data = b"".join(sealed_attachments.read(db, settings.attachment_keys, row))
            sanitized = inspector.sanitize([Upload(row.name, len(data), io.BytesIO(data))])[0]
        except (Refused, LookupError, InvalidTag):  # password, attached file, key no longer in the list
            sanitized = None
        with writing(db):
            fresh = db.get(attachments.Attachment, row.id, populate_existing=True)
            if fresh and fresh.redrawn == attachments.ORIGINAL and fresh.erased_at is None:
                attachments.replace(db, settings.attachment_keys, fresh, sanitized, now)


def send_receipts(engine: Engine, settings: Settings, now: datetime) -> None:
    """Submit due fiscal receipts to the register and ask it for the state of submitted ones."""
    from gateways import receipts as till

    with Session(engine, expire_on_commit=False) as db:
        fiscal_receipt_sending.send_due(db, till.configured_register(settings), now)


def ask_bank(engine: Engine, settings: Settings, now: datetime) -> None:
    """Ask the bank about payments without a final answer, at growing intervals, for three days."""
    bank = banks.configured_bank(settings, now)
    if bank:
        with Session(engine, expire_on_commit=False) as db:
            banking.refresh_due(db, bank, now, settings)


def pay_refunds(engine: Engine, settings: Settings, now: datetime) -> None:
    """Send to the bank the refunds that the accountant approved as returns of a payment, and ask about
    unsettled ones.
    """
    bank = banks.configured_bank(settings, now)
    if bank:
        with Session(engine, expire_on_commit=False) as db:
            refunds.pay_due(db, bank, now, settings)


def reconcile(engine: Engine, settings: Settings, now: datetime) -> None:
    """Compare the payments of yesterday, and of each day the accountant asked for, with the bank's list."""
    bank = banks.configured_bank(settings, now)
    if bank:
        with Session(engine, expire_on_commit=False) as db:
            reconciliations.carry_out_due(db, bank, now)


def reconcile_restored(engine: Engine, settings: Settings, now: datetime) -> None:
    """After a restore from a backup, find the payments at the bank that the backup lacks.

    Jobs that move money (WAIT_AFTER_RESTORE) wait until this is done.
    """
    with Session(engine, expire_on_commit=False) as db:
        for row in restores.unreconciled_restores(db):
            restores.reconcile(db, row, banks.configured_bank(settings, now), now, settings)


def charge_autopay(engine: Engine, settings: Settings, now: datetime) -> None:
    """Announce tomorrow's charges and make today's. Each is decided and committed before the request to the
    bank.
    """
    bank = banks.configured_bank(settings, now)
    if bank and autopay_rules.within_charging_hours(now):
        with Session(engine, expire_on_commit=False) as db:
            for autopay_id in autopay_charges.active_autopay_ids(db):
                with writing(db):
                    payment = autopay_charges.run_autopay(db, autopay_id, now)
                if payment:
                    banking.send_payment(db, bank, payment.id, now, settings)


# (name, seconds between runs, job). Jobs in AT_ONCE must not wait behind a long job, so they have a loop of
# their own: an SMS about an alarm is sent within a second.
AT_ONCE: list[tuple[str, float, Job]] = [("outbox", 0.2, send_outbox)]
SCHEDULE: list[tuple[str, float, Job]] = [
    ("restore", 5, reconcile_restored),
    ("bank", 5, ask_bank),
    ("outbox left", 60, outbox.requeue_abandoned),
    ("secrets", 60, sealed_columns.seal_clear),
    ("autopay", 60, charge_autopay),
    ("sandbox", 2, banks.deliver_sandbox_calls),
    ("waiting events", 60, station.assign_waiting),
    ("keys", 5, key_claims.decide_waiting_tries),
    ("supervision", 20, supervision.send_warnings),
    ("search", 5, search.refresh_job),
    ("sweep", 300, retention.remove_short_lived),
    ("retention", 3600, retention.remove_by_period),
    ("requests", 20, scheduled_requests.carry_out_due),
    ("lost applications", 60, second_factors.remove_lost),
    ("months", 60, accruals.post_finished_months),
    ("debtors", 60, debtor_list.calculate_due),
    ("papers", 3600, attachments.erase_due),
    ("redrawing", 5, redraw_attachments),
    ("drafts", 3600, drafts.delete_expired),
    ("unsent forms", 3600, unsent_forms.delete_expired),
    ("receipts", 5, send_receipts),
    ("exports", 5, exports.make_due),
    ("event months", 3600, engines.create_partitions),
    ("refunds", 10, pay_refunds),
    ("reconciliation", 15, reconcile),
    ("denials", 60, denials.journal_finished_hours),
    ("seals", 120, hash_seals.seal_new_rows),
]

# After a restore from a backup these jobs could repeat what they did after the backup was made, so they wait
# until the bank's lists were compared.
WAIT_AFTER_RESTORE = {"autopay", "refunds", "receipts"}


def periods() -> dict[str, float]:
    """Return the seconds between two runs of each job, by its name."""
    return {name: seconds for name, seconds, _ in [*AT_ONCE, *SCHEDULE]}


@dataclass
class Loop:
    """Runs the schedule until stopped. A job that fails is logged and runs again at its next time."""

    engine: Engine
    settings: Settings
    clock: Clock
    stopped: threading.Event = field(default_factory=threading.Event)
    due: dict[str, float] = field(default_factory=dict)

    def run(self) -> None:
        try:
            sandbox_receipts.erase_numbers(self.engine, self.settings, self.clock.now())
        except Exception:  # disk full or database locked: run the schedule anyway
            log.exception("the jobs began without their first step")
        urgent = threading.Thread(target=self._turn, args=(AT_ONCE, 0.1), name="jobs at once", daemon=True)
        urgent.start()
        self._turn(SCHEDULE, 0.3)
        urgent.join(timeout=10)

    def _turn(self, schedule: list[tuple[str, float, Job]], pause: float) -> None:
        while not self.stopped.is_set():
            try:
                self.once(schedule)
            except Exception:  # disk full or database locked: the loop must go on
                log.exception("a turn of the jobs failed")
            self.stopped.wait(pause)

    def once(self, schedule: list[tuple[str, float, Job]] | None = None) -> None:
        for name, seconds, job in schedule or [*AT_ONCE, *SCHEDULE]:
            if time.monotonic() >= self.due.get(name, 0) and not self.stopped.is_set():
                self.due[name] = time.monotonic() + seconds
                run_job(self.engine, self.settings, self.clock.now(), name, job)


def run_job(engine: Engine, settings: Settings, now: datetime, name: str, job: Job, error: str = "") -> bool:
    """Run a job once and record the run for the desk's work page; return False when it failed."""
    try:
        if name not in WAIT_AFTER_RESTORE or restores.is_reconciled(engine):
            job(engine, settings, now)
    except Exception as wrong:
        error = type(wrong).__name__
        log.exception("job %s failed", name)
    job_runs.record_run(engine, name, now, error)
    return not error


_inside: dict[int, tuple[Loop, threading.Thread]] = {}


def start_inside(engine: Engine, settings: Settings, clock: Clock) -> None:
    """Start the loop in a thread of the web process, for demonstrations and small operators."""
    loop = Loop(engine, settings, clock)
    thread = threading.Thread(target=loop.run, name="jobs", daemon=True)
    _inside[id(engine)] = (loop, thread)
    thread.start()


def stop_inside(engine: Engine) -> None:
    """Stop the loop after the job that is running."""
    loop, thread = _inside.pop(id(engine), (None, None))
    if loop and thread:
        loop.stopped.set()
        thread.join(timeout=10)
