"""The database is restored from a backup: nothing that was charged before is charged again."""

from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlmodel import Session, select

from commands import check, restored
from db.money import accruals
from db.money.fiscal_receipts import FiscalReceipt
from db.money.ledger import LedgerEntry
from db.payments import restores
from db.payments.autopay import AutopayDue
from db.payments.discrepancies import Discrepancy
from db.payments.payments import Payment
from db.people import contracts
from gateways import banks
from gateways.sandbox import payment_page
from rules import days
from rules.payments import autopay as rules
from rules.payments.banking import BankSilent, PaymentOrder
from tests.kit import cast, engines
from tests.kit.paying import add_autopay
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

NUMBER = 78300100


BACK = "http://testserver.local/payments/901"


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
