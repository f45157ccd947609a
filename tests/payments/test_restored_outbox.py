"""Refunds, messages and receipts after a restore: none goes out a second time."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from commands import restored
from db import outbox
from db.money.fiscal_receipts import FiscalReceipt
from db.money.ledger import LedgerEntry
from db.payments import banking, payments, restores
from db.payments.refunds import Refund
from db.people import contracts
from db.requests.requests import Request, RequestStep
from gateways import banks
from gateways.sandbox import payment_page
from rules.payments.payments import PaymentPlan
from tests.kit import cast, engines
from tests.kit.restore_steps import (
    all_of,
    at_bank,
    copied,
    forget_keys,
    house,  # noqa: F401 - fixtures
    lose,
    run,
    work,
)


@pytest.fixture
def approved(engine, settings, clock, write):
    """Anna paid 2 000 ₽ and asked for 500 back, and a manager agreed; (request's number, the bank's id of her
    payment).
    """
    bank = banks.configured_bank(settings, clock.now())
    with write() as db:
        contract, anna = contracts.find_by_number(db, cast.ANNA)
        wanted = PaymentPlan("operator", 200_000, "card", "a@example.ru", False)
        row = payments.add(db, contract.id, wanted, "Услуги", clock.now())
        request = Request(
            number=100_500,
            contract_id=contract.id,
            subscriber_id=anna.id,
            kind="refund",
            state="approved",
            payload={"amount": 50_000},
            fingerprint="r",
            sent_at=clock.now(),
            answer_by=clock.now(),
            moved_at=clock.now(),
        )
        db.add(request)
        db.flush()
        db.add(
            RequestStep(
                request_id=request.id, at=clock.now(), actor="staff:1", verb="approve", state="approved"
            )
        )
    with Session(engine, expire_on_commit=False) as db:
        sent = banking.send_payment(db, bank, row.id, clock.now(), settings)
        payment_page.decide(banks.sandbox(settings, clock.now()), sent.bank_id, "pay", manner="never")
        paid = banking.refresh_status(db, bank, row.id, clock.now(), settings)
    assert paid.state == "paid"
    return 100_500, paid.bank_id


@engines.sqlite_only
@pytest.mark.parametrize("forgotten", [False, True])
def test_a_refund_made_after_the_copy_is_not_made_again(
    approved, house, engine, settings, clock, enter, tmp_path, forgotten
):
    number, along = approved
    copy = copied(house, tmp_path / "copies")
    alexey = enter("alexey")
    alexey.get("/staff/refunds")
    alexey.submit(f"/staff/refunds/{number}", payment=along)
    work(engine, settings, clock, "refunds")
    assert at_bank(settings, clock, "refunds") == 1 and all_of(engine, Refund)[0].state == "paid"
    lose(house, copy)
    if forgotten:
        clock.forward(hours=30)
        forget_keys(settings)
    work(engine, settings, clock, "refunds", "restore", "refunds", "refunds")
    [row] = all_of(engine, Refund)
    assert row.state == "paid" and at_bank(settings, clock, "refunds") == 1
    assert [one.amount for one in all_of(engine, LedgerEntry) if one.kind == "refund"] == [-50_000]


@engines.sqlite_only
def test_messages_that_waited_in_the_copy_are_held_and_new_ones_go(
    house, engine, settings, clock, tmp_path, write
):
    with write() as db:
        outbox.put(db, "sms", "+79211234567", "Тревога вчера", kind="event", now=clock.now(), urgent=True)
    lose(house, copied(house, tmp_path / "copies"))
    with write() as db:
        outbox.put(db, "sms", "+79211234567", "Тревога сегодня", kind="event", now=clock.now(), urgent=True)
    work(engine, settings, clock, "outbox")
    assert {one.text: one.state for one in all_of(engine, outbox.Message)} == {
        "Тревога вчера": "held",
        "Тревога сегодня": "sent",
    }
    assert "Задержано сообщений: 1" in run(restored.commands, house, "status")
    assert "Оставлены неотправленными: 1" in run(restored.commands, house, "messages", "--drop")
    work(engine, settings, clock, "outbox")
    assert {one.state for one in all_of(engine, outbox.Message)} == {"dead", "sent"}


def test_a_receipt_that_waited_in_an_old_copy_is_not_printed_by_itself(engine, settings, clock, write):
    with write() as db:
        contract = contracts.find_by_number(db, cast.ANNA)[0]
        for n, at in enumerate((clock.now() - timedelta(hours=31), clock.now())):
            db.add(
                FiscalReceipt(
                    contract_id=contract.id,
                    kind="prepayment",
                    source=f"payment:{n}",
                    contact="a@b.ru",
                    amount=100,
                    lines="[]",
                    put_at=at,
                    next_at=at,
                )
            )
        restores.record_restore(db, clock.now() - timedelta(hours=30), clock.now())
    work(engine, settings, clock, "restore")
    old, new = sorted(all_of(engine, FiscalReceipt), key=lambda one: one.put_at)
    assert (old.state, new.state) == ("failed", "waiting") and "мог уйти раньше" in old.error


def test_two_payments_that_got_one_number_have_two_receipts_at_the_register():
    first = FiscalReceipt(
        contract_id=1,
        kind="prepayment",
        source="payment:501",
        contact="",
        amount=1,
        lines="[]",
        series=0,
        put_at=datetime.now(UTC),
        bank_id="a",
        key_seed="prepayment:a",
    )
    second = first.model_copy(update={"bank_id": "b", "key_seed": "prepayment:b"})
    older = first.model_copy(update={"key_seed": None})
    assert len({first.key, second.key, older.key}) == 3
