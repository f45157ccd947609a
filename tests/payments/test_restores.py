"""The database is put back from a copy: nothing that was charged, given back or sent before is done a second
time.
"""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlmodel import Session, select

import jobs
from commands import Context, backup, check, restore, restored
from db import backups, outbox
from db.money import accruals
from db.money.fiscal_receipts import FiscalReceipt
from db.money.ledger import LedgerEntry
from db.payments import banking, payments, restores
from db.payments.autopay import AutopayDue
from db.payments.discrepancies import Discrepancy
from db.payments.payments import Payment
from db.payments.refunds import Refund
from db.people import contracts
from db.requests.requests import Request, RequestStep
from gateways import banks
from gateways.sandbox import payment_page
from rules import days
from rules.payments import autopay as rules
from rules.payments.banking import BankSilent, PaymentOrder
from rules.payments.payments import PaymentPlan
from tests.kit import cast, engines
from tests.kit.paying import add_autopay

NUMBER = 78300100
BACK = "http://testserver.local/payments/901"


@pytest.fixture
def house(engine, settings, clock):
    return Context(engine, settings, clock)


def run(command, house, *args):
    done = CliRunner().invoke(command, [str(one) for one in args], obj=house)
    assert done.exit_code == 0, done.output
    return done.output


def all_of(engine, model) -> list:
    with Session(engine) as db:
        return list(db.exec(select(model)))


def work(engine, settings, clock, *names) -> None:
    """One turn of these jobs, as the loop runs them."""
    table = {name: job for name, _, job in [*jobs.AT_ONCE, *jobs.SCHEDULE]}
    for name in names:
        assert jobs.run_job(engine, settings, clock.now(), name, table[name])


def at_bank(settings, clock, kind: str) -> int:
    with sqlite3.connect(banks.sandbox_file(settings)) as file:
        return file.execute("SELECT count(*) FROM thing WHERE kind=?", (kind,)).fetchone()[0]


def forget_keys(settings) -> None:
    """The bank remembers an Idempotence-Key for a day."""
    with sqlite3.connect(banks.sandbox_file(settings)) as file:
        file.execute("DELETE FROM heard")


def lose(house, copy: Path) -> None:
    """The machine is lost and the copy put in its place, by the operator's own command."""
    house.file.dispose()
    run(restore.commands, house, copy, "--force")


def copied(house, folder) -> Path:
    run(backup.commands, house, "--into", folder)
    return backups.list_backups(folder)[0]


@engines.sqlite_only
@pytest.mark.parametrize(
    "later", [timedelta(minutes=20), timedelta(hours=30)], ids=["the key is known", "the key is forgotten"]
)
def test_an_autopay_charge_made_after_the_copy_is_not_made_again(
    house, engine, settings, clock, tmp_path, later
):
    with Session(engine, expire_on_commit=False) as db:
        add_autopay(db, settings, clock.now(), NUMBER)
    copy = copied(house, tmp_path / "copies")
    clock.forward(minutes=10)
    work(engine, settings, clock, "autopay")
    assert at_bank(settings, clock, "payments") == 2  # the one that bound the card, and the charge
    lost = next(one for one in all_of(engine, Payment) if one.method == "saved")
    assert lost.state == "paid"

    lose(house, copy)
    clock.forward(seconds=later.total_seconds())
    forget_keys(settings) if later > timedelta(days=1) else None
    work(engine, settings, clock, "autopay", "restore", "autopay", "autopay")
    assert at_bank(settings, clock, "payments") == 2
    [found] = [one for one in all_of(engine, Payment) if one.method == "saved"]
    assert (found.order, found.key, found.bank_id, found.state) == (
        lost.order,
        lost.key,
        lost.bank_id,
        "paid",
    )
    assert [one.state for one in all_of(engine, AutopayDue)] == ["paid"]
    entries = [one for one in all_of(engine, LedgerEntry) if one.source == f"payment:{found.id}"]
    assert [one.amount for one in entries] == [lost.amount]
    last = all_of(engine, restores.Restore)[0]
    assert (last.recovered, last.unknown) == (1, 0) and last.reconciled_at


@engines.sqlite_only
def test_a_charge_waits_while_the_bank_is_silent_and_check_says_so(
    house, engine, settings, clock, tmp_path, monkeypatch
):
    with Session(engine, expire_on_commit=False) as db:
        add_autopay(db, settings, clock.now(), NUMBER)
    lose(house, copied(house, tmp_path / "copies"))
    silent = banks.configured_bank(settings, clock.now())

    def nothing(*_):
        raise BankSilent("down")

    silent.between = nothing
    with monkeypatch.context() as patch:
        patch.setattr(banks, "configured_bank", lambda *_: silent)
        work(engine, settings, clock, "restore", "autopay", "refunds", "receipts")
        said = CliRunner().invoke(check.commands, [], obj=house)
        assert said.exit_code == 2 and "с банком ещё не сверен; банк не отвечает (BankSilent)" in said.output
    assert (
        at_bank(settings, clock, "payments") == 1
        and all_of(engine, restores.Restore)[0].error == "BankSilent"
    )
    work(engine, settings, clock, "restore", "autopay")
    assert at_bank(settings, clock, "payments") == 2
    assert "сверена с банком" in run(restored.commands, house, "status")


def test_a_payment_begun_after_the_copy_is_credited_to_its_contract(engine, settings, clock, write):
    bank = banks.configured_bank(settings, clock.now())
    copied_at = clock.now()
    clock.forward(minutes=5)
    order = PaymentOrder("lost-order", 70_000, "Услуги связи", return_url=BACK, contract=cast.ANNA)
    police = PaymentOrder("lost-police", 40_000, "ОВО", return_url=BACK, payee="police", contract=cast.ANNA)
    for one in (order, police):
        known = bank.create(one, f"key {one.id}")
        payment_page.decide(banks.sandbox(settings, clock.now()), known.bank_id, "pay", manner="never")
    abandoned = bank.create(PaymentOrder("left", 100, "Услуги", return_url=BACK, contract=cast.ANNA), "k3")
    with write() as db:
        restores.record_restore(db, copied_at, clock.now())
        contract = contracts.find_by_number(db, cast.ANNA)[0]
        before = accruals.balance(db, contract.id, clock.now())
    work(engine, settings, clock, "restore", "restore")
    with Session(engine) as db:
        assert accruals.balance(db, contract.id, clock.now()) == before + 70_000
        rows = {one.order: one for one in db.exec(select(Payment))}
        assert (
            rows["lost-order"].state == rows["lost-police"].state == "paid"
            and rows["lost-police"].payee == "police"
        )
        assert rows["left"].bank_id == abandoned.bank_id and rows["left"].state in ("created", "pending")
        [receipt] = db.exec(
            select(FiscalReceipt).where(FiscalReceipt.source == f"payment:{rows['lost-order'].id}")
        )
        assert receipt.contact and len(db.exec(select(restores.Restore)).all()) == 1


def test_money_of_no_contract_of_ours_is_the_accountants(engine, settings, clock, write, enter):
    bank = banks.configured_bank(settings, clock.now())
    known = bank.create(PaymentOrder("whose", 5_000, "Услуги", return_url=BACK, contract=78999999), "k")
    payment_page.decide(banks.sandbox(settings, clock.now()), known.bank_id, "pay", manner="never")
    with write() as db:
        restores.record_restore(db, clock.now() - timedelta(minutes=1), clock.now())
    work(engine, settings, clock, "restore")
    [odd] = all_of(engine, Discrepancy)
    assert (odd.kind, odd.bank_id, odd.reported_amount) == ("unknown", known.bank_id, 5_000)
    assert all_of(engine, restores.Restore)[0].unknown == 1


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


def test_an_older_restore_is_marked_by_hand_and_a_wrong_moment_is_refused(house, engine):
    for wrong in ("вчера", "2026-11-01T10:00:00", "2999-01-01T00:00:00+03:00"):
        assert CliRunner().invoke(restored.commands, ["mark", wrong], obj=house).exit_code == 2
    assert all_of(engine, restores.Restore) == []
    run(restored.commands, house, "mark", "2026-11-01T10:00:00+03:00")
    [row] = all_of(engine, restores.Restore)
    assert row.copied_at == datetime(2026, 11, 1, 7, tzinfo=UTC) and row.reconciled_at is None


def test_the_desk_sees_that_the_bank_was_not_asked_yet(engine, clock, write, enter):
    with write() as db:
        restores.record_restore(db, clock.now(), clock.now())
    assert "ещё не сверена с банком" in enter("ada").get("/staff/work").text


def test_ids_and_keys_of_a_try_are_the_same_whenever_they_are_made():
    day = days.today(datetime(2026, 11, 25, tzinfo=UTC))
    made = {rules.order_id(NUMBER, day, n) for n in range(3)} | {
        rules.charge_key(NUMBER, day, n) for n in range(3)
    }
    assert len(made) == 6 and rules.order_id(NUMBER, day, 0) == rules.order_id(NUMBER, day, 0)
    assert rules.order_id(NUMBER + 1, day, 0) not in made
