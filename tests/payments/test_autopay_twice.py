"""Two real job processes over one file, a dozen charges due at one moment: each day is charged once, however
they race.
"""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from db import clock, writing
from db.money.ledger import LedgerEntry
from db.payments.autopay import AutopayDue, AutopayTry
from db.payments.payments import Payment
from gateways.banks import sandbox
from rules import days
from tests.kit.paying import add_autopay
from tests.kit.process import at_work, env, litestar, running, until

MANY = 12


@pytest.fixture
def noon(engine):
    """The processes' own noon: nothing is charged at night."""
    at = days.midnight(days.today(datetime.now(UTC))) + timedelta(hours=12)
    with Session(engine) as db, writing(db):
        clock.set_shift(db, int((at - datetime.now(UTC)).total_seconds()))
    return at


def states(engine) -> list[str]:
    with Session(engine) as db:
        return list(db.exec(select(AutopayDue.state)))


def charged(engine) -> list[int]:
    """The contracts of every posting by a saved card."""
    with Session(engine) as db:
        saved = db.exec(select(Payment.id).where(Payment.method == "saved")).all()
        sources = [f"payment:{one}" for one in saved]
        return list(db.exec(select(LedgerEntry.contract_id).where(col(LedgerEntry.source).in_(sources))))


@contextmanager
def both(mine, folder, *command):
    with (
        running(litestar(*command), mine, folder / "one.log") as one,
        running(litestar(*command), mine, folder / "two.log") as two,
    ):
        yield one, two


def test_two_job_processes_charge_every_due_day_once(app, engine, settings, noon, tmp_path):
    with Session(engine, expire_on_commit=False) as db:
        for n in range(MANY):
            add_autopay(db, settings, noon, 78300100 + n)
    assert states(engine) == ["open"] * MANY
    mine = env(settings, CABINET_ORIGIN=settings.origin)
    with both(mine, tmp_path, "jobs") as (one, two):
        with Session(engine) as db, writing(db):  # neither writes before both are at work: then they race
            until(lambda: at_work(one) and at_work(two))
        until(lambda: states(engine) == ["paid"] * MANY, one)
        assert one.poll() is two.poll() is None, "one of them died"
    with both(mine, tmp_path, "jobs", "--once") as (
        one,
        two,
    ):  # to the very end: whatever was left to do is done
        assert one.wait(120) == two.wait(120) == 0
    with Session(engine) as db:
        tries = [(one.due_id, one.number) for one in db.exec(select(AutopayTry))]
    at_the_bank = (
        sandbox(settings, noon)
        .connect()
        .execute("SELECT count(*) FROM thing WHERE kind='payments'")
        .fetchone()[0]
    )
    assert len(tries) == len(set(tries)) == MANY and at_the_bank == 2 * MANY
    assert len(charged(engine)) == len(set(charged(engine))) == MANY
