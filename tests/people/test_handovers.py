"""A contract given to another subscriber by the registry: what was the former one's ends, and both are
told.
"""

from datetime import date, datetime, timedelta

import pytest
from sqlmodel import Session, select

from db import journal, sealed_columns, writing
from db.access import acceptances
from db.events import keys
from db.events.keys import AddedKey, SiteKey
from db.events.supervision import SupervisionWatch
from db.money import fiscal_receipts
from db.money.fiscal_receipts import FiscalReceipt
from db.payments import autopay, payments
from db.payments.autopay import Autopay, AutopayDue
from db.payments.payment_templates import PaymentTemplate
from db.payments.payments import Payment
from db.people.contracts import find_by_number
from rules.payments.autopay import AutopayTerms
from rules.payments.payments import PaymentPlan
from rules.people import handovers
from rules.phones import format_phone
from tests.kit.registry import LINE, but, house, take  # noqa: F401

OTHER = {"Код_абонента": "Ф-222", "Абонент": "Орехов Пётр Ильич", "Телефон": "89003333333"}
FORMER, NEW = "+79001111111", "+79003333333"


@pytest.fixture
def settled(take, db, clock, engine, settings):
    """Дарья's contract with autopay on, a charge announced, a key open, a wish and a template; its id."""
    take(LINE)
    with Session(engine, expire_on_commit=False) as own, writing(own):
        contract, holder = find_by_number(own, 78111111)
        agreed = acceptances.accept(own, holder.id, "autopay", clock.now(), "", contract.id, settings)
        paid = payments.add(
            own, contract.id, PaymentPlan("operator", 100, "card", "daria@example.com"), "x", clock.now()
        )
        row = autopay.add(
            own,
            contract.id,
            AutopayTerms("monthly", 100_000, 30),
            "daria@example.com",
            agreed.id,
            paid.id,
            clock.now(),
        )
        row.state, row.on_at, row.card = "on", clock.now(), "Мир •• 4477"
        sealed_columns.write(own, row, "token_sealed", "token")
        own.add(
            AutopayDue(
                autopay_id=row.id,
                contract_id=contract.id,
                day=date(2026, 11, 30),
                charge_on=date(2026, 11, 30),
                amount=100,
                noticed_at=clock.now(),
            )
        )
        key = SiteKey(number="7001", contract_id=contract.id)
        own.add(key)
        own.flush()
        keys.open_key(own, key, contract.id, "дом", "registry", clock.now())
        own.add(
            SupervisionWatch(
                contract_id=contract.id,
                place="k1",
                kind="arm",
                minute=60,
                weekdays="0",
                channel="sms",
                made_at=clock.now(),
            )
        )
        own.add(
            PaymentTemplate(
                contract_id=contract.id,
                name="Квартира",
                payer="Гусева",
                branch="1",
                account="1",
                address="x",
                first=date(2026, 1, 1),
                last=date(2026, 1, 31),
                purpose="x",
                changed_at=clock.now(),
            )
        )
        return contract.id


def all_of(db, table):
    db.rollback()
    return list(db.exec(select(table)))


def test_autopay_is_off_and_its_card_unlinked(settled, take, db):
    take(but(**OTHER))
    [row] = all_of(db, Autopay)
    assert (row.state, row.has_card, row.off_why) == ("off", False, "moved")
    assert [due.state for due in all_of(db, AutopayDue)] == ["stopped"]


def test_a_card_being_bound_just_now_is_not_bound(settled, take, db, write, clock):
    with write() as own:
        own.get(Autopay, 1).state = "binding"
    take(but(**OTHER))
    with write() as own:
        from rules.payments.banking import SavedCard

        autopay.on_binding_paid(own, own.get(Payment, 1), SavedCard("token", "Мир"), clock.now())
    assert [row.state for row in all_of(db, Autopay)] == ["off"]


def test_nobody_goes_on_seeing_the_other_ones_home(settled, take, db, clock):
    take(but(**OTHER))
    assert all_of(db, AddedKey) == [] == all_of(db, SupervisionWatch) and all_of(db, PaymentTemplate) == []
    held = db.exec(select(SiteKey.held_since).where(SiteKey.number == "7001")).one()
    assert isinstance(held, datetime) and abs(held - clock.now()) < timedelta(days=1)


def test_both_are_told_and_the_journal_knows(settled, take, db, texts):
    take(but(**OTHER))
    [said] = [text for text in texts(to=FORMER) if "другого абонента" in text]
    assert "автоплатёж выключен, карта отвязана" in said and "больше не видны" in said
    assert "теперь оформлен на вас" in texts(to=NEW)[-1]
    verbs = [note.verb for note in all_of(db, journal.Note)]
    assert {"registry.owner", "registry.gone", "autopay.off"} <= set(verbs)


def test_the_same_file_again_says_nothing_more(settled, take, texts):
    take(but(**OTHER))
    before = len(texts())
    take(but(**OTHER))
    assert len(texts()) == before


def test_the_owner_staying_loses_nothing(settled, take, db):
    take(but(Телефон="8 900 222-22-22"))
    assert [row.state for row in all_of(db, Autopay)] == ["on"] and len(all_of(db, AddedKey)) == 1


@pytest.mark.parametrize(
    ("autopay_on", "opened", "said"),
    [
        (False, 0, "другого абонента. Не"),
        (True, 0, "карта отвязана. Не"),
        (False, 2, "абонента: события его объектов"),
    ],
)
def test_only_what_there_was_is_said_to_have_ended(autopay_on, opened, said):
    assert said in handovers.former_owner_text(78111111, autopay_on, opened, "+74822000001")


def test_the_former_owner_is_given_the_phone_of_this_operator(settled, take, settings, texts):
    settings.service_phone = "+74822000001"
    take(but(**OTHER))
    assert any(
        f"Не вы это решили? {format_phone(settings.service_phone)}" in text for text in texts(to=FORMER)
    )


def test_the_new_owner_reads_nothing_of_the_former_ones_days(settled, take, db, write, clock):
    with write() as own:
        own.add(
            FiscalReceipt(
                contract_id=settled,
                kind="prepayment",
                source="payment:1",
                contact="former@example.com",
                amount=100,
                lines="[]",
                put_at=clock.now(),
            )
        )
    db.rollback()
    assert (
        payments.contract_payments(db, settled)
        and autopay.autopay_history(db, settled)
        and fiscal_receipts.contract_receipts(db, settled)
        and fiscal_receipts.owned_receipt(db, settled, 1)
    )
    assert (payments.last_contact(db, settled), fiscal_receipts.receipt_contact(db, settled)) == (
        "daria@example.com",
        "former@example.com",
    )
    take(but(**OTHER))
    db.rollback()
    assert (
        payments.contract_payments(db, settled)
        == autopay.autopay_history(db, settled)
        == fiscal_receipts.contract_receipts(db, settled)
        == []
    )
    assert payments.owned_payment(db, settled, 1) is None is fiscal_receipts.owned_receipt(db, settled, 1)
    assert len(fiscal_receipts.contract_receipts(db, settled, former=True)) == 1
    assert (
        payments.last_contact(db, settled) == ""
        and fiscal_receipts.receipt_contact(db, settled) != "former@example.com"
    )
    with write() as own:
        plan = PaymentPlan("operator", 100, "card", "petr@example.com")
        number = payments.add(own, settled, plan, "x", clock.now() + timedelta(days=1)).id
    db.rollback()
    assert payments.owned_payment(db, settled, number)
