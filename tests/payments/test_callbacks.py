"""What the bank tells us: kept raw, asked about, applied once, also by a thousand at a time."""

import asyncio
import json
import os
import signal
import socket
import time

import httpx
import pytest
from sqlmodel import Session, select

from db import sealed_columns, writing
from db.money.ledger import LedgerEntry
from db.payments import discrepancies
from db.payments.callbacks import BankCallback
from db.payments.payments import Payment
from gateways.banks import configured_bank
from tests.kit.living import live, paid_at_the_bank
from tests.kit.paying import FROM_BANK, Till


@pytest.fixture(autouse=True)
def till(app, settings, clock, visitor, monkeypatch):
    monkeypatch.setattr("routes.payments.sandbox.deliver_soon", lambda bank: None)
    return Till(app, settings, clock, visitor)


@pytest.fixture
def paid(anna, till):
    """A payment its person has paid, of which the bank has not told yet."""
    till.begin(anna)
    till.pay(anna, manner="never")
    return till.last()


def calls(db):
    db.rollback()
    return [(call.outcome, call.address) for call in db.exec(select(BankCallback).order_by(BankCallback.id))]


def test_a_strangers_address_is_kept_and_not_believed(paid, till, db):
    answer = till.call(paid.bank_id, headers={"x-forwarded-for": "8.8.8.8"})
    assert answer.status_code == 403 and till.entries() == [] and till.last().state == "pending"
    assert calls(db) == [("stranger", "8.8.8.8")]


def test_what_the_sender_writes_before_the_proxy_does_not_count(paid, till):
    assert till.call(paid.bank_id, headers={"x-forwarded-for": "127.0.0.1, 8.8.8.8"}).status_code == 403


def test_a_callback_of_a_changed_amount_changes_nothing(paid, till):
    body = {
        "type": "notification",
        "event": "payment.succeeded",
        "object": {
            "id": paid.bank_id,
            "amount": {"value": "999999.00", "currency": "RUB"},
            "status": "succeeded",
        },
    }
    till.client.post("/callbacks/bank", json=body, headers=FROM_BANK)
    assert [amount for amount, _ in till.entries()] == [150050]


def test_a_callback_lying_that_it_is_paid_is_found_out(anna, till):
    till.begin(anna)
    assert till.call(till.last().bank_id).text == "pending" and till.entries() == []


def test_an_unknown_order_is_kept_and_answered(till, db):
    assert till.call("00000000-0000-4000-8000-000000000000").status_code == 200
    assert [outcome for outcome, _ in calls(db)] == ["unknown"]


def test_money_nobody_asked_for_is_raised_at_the_desk(paid, till, db, write):
    with write() as one:
        row = one.get(Payment, paid.id)
        row.order, row.bank_id = "another", None
    assert till.call(paid.bank_id).text == "unknown" and till.entries() == []
    assert [odd.kind for odd in discrepancies.open_discrepancies(db)] == ["unknown"]


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"\xff\xfe", b"[1]", b"null", b'{"type":"notification"}', b"x" * 300_000]
)
def test_what_is_no_callback_is_refused_and_nothing_breaks(till, body):
    answer = till.client.post("/callbacks/bank", content=body, headers=FROM_BANK)
    assert answer.status_code in (400, 413)


def test_the_raw_text_is_kept_as_it_came(paid, till, db):
    body = json.dumps(
        {"type": "notification", "event": "payment.succeeded", "object": {"id": paid.bank_id}, "ё": 1}
    )
    till.client.post("/callbacks/bank", content=body.encode(), headers=FROM_BANK)
    assert sealed_columns.read(db, db.exec(select(BankCallback)).one(), "body_sealed") == body


def test_a_refund_seen_at_the_bank_is_shown(anna, paid, till, settings, clock):
    till.call(paid.bank_id)
    configured_bank(settings, clock.now()).refund(paid.bank_id, 50, "r1")
    till.ring()
    assert till.last().refunded == 50 and "Возвращено" in anna.get(f"/payments/{paid.id}").text


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def storm(origin, bank_id, count) -> list[int]:
    body = {"type": "notification", "event": "payment.succeeded", "object": {"id": bank_id}}
    limits = httpx.Limits(max_connections=100)
    async with httpx.AsyncClient(timeout=60, limits=limits, trust_env=False) as client:
        answers = await asyncio.gather(
            *(client.post(f"{origin}/callbacks/bank", json=body) for _ in range(count))
        )
    return [answer.status_code for answer in answers]


def test_a_thousand_at_once_make_one_entry(app, engine, settings, port):
    from db.clock import Clock

    settings.trusted_proxy = False
    payment_id, bank_id = paid_at_the_bank(engine, settings, Clock().now())
    with live(settings, port) as (_, origin):
        codes = asyncio.run(storm(origin, bank_id, 1000))
    assert codes == [200] * 1000
    with Session(engine) as db:
        assert [row.source for row in db.exec(select(LedgerEntry).where(LedgerEntry.kind == "payment"))] == [
            f"payment:{payment_id}"
        ]
        assert len(db.exec(select(BankCallback.id)).all()) == 1000
        assert db.get(Payment, payment_id).state == "paid"


def test_killed_in_the_middle_of_the_storm_it_completes_and_posts_once(app, engine, settings, port):
    from db.clock import Clock

    settings.trusted_proxy = False
    made = [paid_at_the_bank(engine, settings, Clock().now(), 1000 + n) for n in range(5)]
    for bank_id in [bank_id for _, bank_id in made]:
        with live(settings, port) as (server, origin), pytest.raises((httpx.HTTPError, AssertionError)):
            killer = asyncio.run

            async def both(origin=origin, bank_id=bank_id, server=server):
                asyncio.get_running_loop().call_later(0.15, lambda: os.kill(server.pid, signal.SIGKILL))
                await storm(origin, bank_id, 200)

            killer(both())
            raise AssertionError("the storm ended before the server was killed")
    with Session(engine) as db, writing(db):
        for payment_id, _ in made:
            row = db.get(Payment, payment_id)
            row.ask_at = row.created_at if row.state != "paid" else None
    with live(settings, port):
        for _ in range(100):
            with Session(engine) as db:
                left = db.exec(select(Payment).where(Payment.state != "paid")).all()
            if not left:
                break
            time.sleep(0.2)
    with Session(engine) as db:
        rows = db.exec(
            select(LedgerEntry.source, LedgerEntry.amount).where(LedgerEntry.kind == "payment")
        ).all()
    assert sorted(amount for _, amount in rows) == [1000 + n for n in range(5)] and len(rows) == 5
