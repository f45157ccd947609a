"""Two real job processes over one file, a dozen charges due at one moment: each day is charged once, however they race."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from db import acceptances, autopay, banking, clock, ledger, payments, writing
from db.autopay import AutopayDue, AutopayTry
from db.ledger import LedgerEntry
from db.payments import Payment
from gateways import sandbox_till
from gateways.banks import chosen, sandbox
from rules import days
from rules.autopay import Terms
from rules.payments import Plan
from tests import cast
from tests.process import at_work, env, litestar, running, until

MANY = 12


@pytest.fixture
def noon(engine):
    """The processes' own noon: nothing is charged at night."""
    at = days.midnight(days.today(datetime.now(UTC))) + timedelta(hours=12)
    with Session(engine) as db, writing(db):
        clock.move(db, int((at - datetime.now(UTC)).total_seconds()))
    return at


def bound(db, settings, noon, number: int) -> None:
    """A contract in debt whose card the bank keeps and whose charge was announced yesterday for today."""
    bank, today = chosen(settings, noon), days.today(noon)
    with writing(db):
        who = cast.person(db, f"A-{number}", f"Плательщик № {number}", f"+7921444{number % 10000:04}", noon)
        held = cast.contract(db, number, who, "Санкт-Петербург, Невский пр., д. 1", noon, ["Квартира"], -900_000)
        row = asked(db, held.id, noon)
    row = banking.send(db, bank, row.id, noon, settings)
    sandbox_till.decide(sandbox(settings, noon), row.bank_id, "pay", manner="never")
    with writing(db):
        agreed = acceptances.accept(db, who.id, "autopay", noon, "127.0.0.1", held.id, settings)
        on = autopay.add(db, held.id, Terms("monthly", 300_000, today.day), "a@example.ru", agreed.id, row.id, noon)
    banking.ask(db, bank, row.id, noon, settings)
    with writing(db):
        ledger.add(db, held.id, -900_000, "correction", f"correction:{number}", day=today, now=noon)
        db.add(AutopayDue(autopay_id=on.id, contract_id=held.id, day=today, charge_on=today, amount=300_000,
                          noticed_at=noon - timedelta(days=1)))  # fmt: skip


def asked(db, contract_id: int, noon) -> Payment:
    row = payments.add(db, contract_id, Plan("operator", 10_000, "card", "a@example.ru", True), "Проверка", noon)
    row.ask_at = None
    return row


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
            bound(db, settings, noon, 78300100 + n)
    assert states(engine) == ["open"] * MANY
    mine = env(settings, CABINET_ORIGIN=settings.origin)
    with both(mine, tmp_path, "jobs") as (one, two):
        with Session(engine) as db, writing(db):  # neither writes before both are at work: then they race
            until(lambda: at_work(one) and at_work(two))
        until(lambda: states(engine) == ["paid"] * MANY, one)
        assert one.poll() is two.poll() is None, "one of them died"
    with both(mine, tmp_path, "jobs", "--once") as (one, two):  # to the very end: whatever was left to do is done
        assert one.wait(120) == two.wait(120) == 0
    with Session(engine) as db:
        tries = [(one.due_id, one.number) for one in db.exec(select(AutopayTry))]
    at_the_bank = sandbox(settings, noon).connect().execute("SELECT count(*) FROM thing WHERE kind='payments'").fetchone()[0]
    assert len(tries) == len(set(tries)) == MANY and at_the_bank == 2 * MANY
    assert len(charged(engine)) == len(set(charged(engine))) == MANY
