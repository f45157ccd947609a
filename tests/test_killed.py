"""Killed −9 at every step between creating a payment and posting it, as a real process; started again, it is
done once.
"""

import re
import socket
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlmodel import Session, col, select

from db import clock, writing
from db.access import acceptances, sessions
from db.money import ledger
from db.money.ledger import LedgerEntry
from db.payments import autopay, banking
from db.payments.autopay import AutopayDue, AutopayTry
from db.payments.payments import Payment
from db.people.contracts import find_by_number
from gateways.banks import configured_bank, sandbox
from gateways.sandbox import payment_page
from rules import days
from rules.payments.autopay import AutopayTerms
from tests.kit import cast
from tests.kit.living import live, paid_at_the_bank, started, wait


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def dying(settings, port):
    """`with`-less: a server that kills itself at a step; `dying(step)` → (process, origin)."""
    settings.origin = f"http://127.0.0.1:{port}"
    running = []

    def start(step: str):
        running.append(started(settings, port, ["-m", "tests.kit.dying", str(port), *step.split()]))
        return running[-1], settings.origin

    yield start
    for one in running:
        one.kill()
        one.wait()


def dead(server) -> None:
    """It died by −9, by its own hand, and not by the end of our patience."""
    assert server.wait(timeout=120) == -9


def asked_soon(engine) -> None:
    """What waits to be asked about need not wait for its ten seconds."""
    with Session(engine) as db, writing(db):
        for row in db.exec(select(Payment).where(col(Payment.ask_at).is_not(None))):
            row.ask_at = row.created_at
            db.add(row)


def until(engine, done) -> None:
    for _ in range(1500):
        with Session(engine) as db:
            if done(db):
                return
        time.sleep(0.2)
    raise AssertionError("not done after the restart")


def entries(engine) -> list[str]:
    with Session(engine) as db:
        return list(
            db.exec(select(LedgerEntry.source).where(LedgerEntry.kind == "payment").order_by(LedgerEntry.id))
        )


def at_the_bank(settings) -> int:
    with sandbox(settings, datetime.now(UTC)).writing() as file:
        return file.execute("SELECT count(*) FROM thing WHERE kind='payments'").fetchone()[0]


def pressed(engine, origin: str) -> None:
    """Анна presses «Перейти к оплате»; the answer never comes."""
    with Session(engine) as db, writing(db):
        contract, who = find_by_number(db, cast.ANNA)
        token = sessions.start(
            db, datetime.now(UTC), subscriber_id=who.id, contract_id=contract.id, device="тест"
        )
    with httpx.Client(base_url=origin, cookies={"cabinet": token}, trust_env=False, timeout=60) as client:
        form = client.get("/payments/operator").text
        form = form[form.index('action="/payments/operator"') :]
        hidden = {
            name: re.search(rf'name="{name}" value="([^"]*)"', form)[1] for name in ("_csrf_token", "key")
        }
        with pytest.raises(httpx.HTTPError):
            client.post(
                "/payments/operator",
                data=hidden | {"amount": "1500,50", "method": "card", "contact": "anna@example.ru"},
            )


CREATE = [
    "db.payments.banking:send_payment before",
    "db.payments.banking:_prepare_sending after",
    "gateways.yookassa:YooKassa.create after",
    "db.payments.banking:_apply after",
    "db.payments.banking:apply_bank_status after",
]


@pytest.mark.parametrize("step", CREATE)
def test_killed_while_creating_it_is_one_payment_at_the_bank_and_is_posted_once(
    app, engine, settings, port, dying, step
):
    server, origin = dying(step)
    wait(origin)
    pressed(engine, origin)
    dead(server)
    asked_soon(engine)
    with live(settings, port):
        until(engine, lambda db: db.exec(select(Payment.bank_id).where(Payment.state == "pending")).first())
        assert at_the_bank(settings) == 1
        with Session(engine) as db:
            row = db.exec(select(Payment)).one()
        payment_page.decide(sandbox(settings, datetime.now(UTC)), row.bank_id, "pay", manner="never")
        asked_soon(engine)
        until(engine, lambda db: db.exec(select(Payment.state)).one() == "paid")
    assert entries(engine) == [f"payment:{row.id}"]


HEAR = [
    "db.group_commit:GroupCommit.submit before",
    "db.group_commit:GroupCommit.submit after",
    "db.payments.callbacks:_bank_status after",
    "db.payments.payments:_enter after",
    "db.payments.banking:_transition after",
    "db.payments.callbacks:apply_bank_status after",
]


@pytest.mark.parametrize("step", HEAR)
def test_killed_while_hearing_the_bank_it_is_posted_once(app, engine, settings, port, dying, step):
    settings.origin = f"http://127.0.0.1:{port}"
    payment_id, bank_id = paid_at_the_bank(engine, settings, datetime.now(UTC))
    said = {"type": "notification", "event": "payment.succeeded", "object": {"id": bank_id}}
    server, origin = dying(step)
    wait(origin)
    with pytest.raises(httpx.HTTPError):
        httpx.post(f"{origin}/callbacks/bank", json=said, trust_env=False, timeout=60)
    dead(server)
    with live(settings, port):
        assert httpx.post(f"{origin}/callbacks/bank", json=said, trust_env=False, timeout=60).text in (
            "applied",
            "repeated",
        )
        until(engine, lambda db: db.get(Payment, payment_id).state == "paid")
    assert entries(engine) == [f"payment:{payment_id}"]


def due_now(engine, settings, now: datetime) -> None:
    """Autopay bound by a payment, a debt, and a charge announced for today."""
    payment_id, _ = paid_at_the_bank(engine, settings, now, 10_000, save_card=True)
    with Session(engine) as db:
        with writing(db):
            contract, who = find_by_number(db, cast.ANNA)
            agreed = acceptances.accept(db, who.id, "autopay", now, "127.0.0.1", contract.id, settings)
            terms = AutopayTerms("monthly", 300_000, days.today(now).day)
            row = autopay.add(db, contract.id, terms, "anna@example.ru", agreed.id, payment_id, now)
        banking.refresh_status(db, configured_bank(settings, now), payment_id, now, settings)
        with writing(db):
            today = days.today(now)
            ledger.add(db, contract.id, -900_000, "correction", "correction:test", day=today, now=now)
            db.add(
                AutopayDue(
                    autopay_id=row.id,
                    contract_id=contract.id,
                    day=today,
                    charge_on=today,
                    amount=300_000,
                    noticed_at=now - timedelta(days=1),
                )
            )


CHARGE = [
    "db.payments.autopay_charges:create_charge before",
    "db.payments.banking:_prepare_sending after",
    "gateways.yookassa:YooKassa.charge_saved before",
    "gateways.yookassa:YooKassa.charge_saved after",
    "db.payments.autopay_charges:on_payment_finished after",
    "db.payments.banking:apply_bank_status after",
]


@pytest.mark.parametrize("step", CHARGE)
def test_killed_while_charging_a_saved_card_the_day_is_charged_once(app, engine, settings, port, dying, step):
    noon = days.midnight(days.today(datetime.now(UTC))) + timedelta(hours=12)
    with Session(engine) as db, writing(db):
        clock.set_shift(db, int((noon - datetime.now(UTC)).total_seconds()))
    settings.origin = f"http://127.0.0.1:{port}"
    due_now(engine, settings, noon)
    server, _ = dying(step)
    dead(server)
    asked_soon(engine)
    with live(settings, port):
        until(engine, lambda db: db.exec(select(AutopayDue.state)).one() == "paid")
    with Session(engine) as db:
        assert len(db.exec(select(AutopayTry.id)).all()) == 1
    assert len(entries(engine)) == 2 and at_the_bank(settings) == 2
