"""What the bank said and nobody asked for: in sight until the accountant closes it, and then the payment is
over too.
"""

import pytest
from sqlmodel import select

import jobs
from db.journal import Note
from db.money.fiscal_receipts import FiscalReceipt
from db.payments.autopay import Autopay
from db.payments.discrepancies import Discrepancy
from db.payments.payments import Payment
from tests.kit import cast
from tests.kit.paying import CONTACT, Till

NOTE = "Письмо банка от 23 ноября, № 7"


@pytest.fixture(autouse=True)
def till(app, settings, clock, visitor, monkeypatch):
    monkeypatch.setattr("routes.payments.sandbox.deliver_soon", lambda bank: None)
    return Till(app, settings, clock, visitor)


@pytest.fixture
def odd(anna, till):
    """Anna was to pay 1 500,50 ₽; the bank says it is something else."""

    def happen(**change):
        till.begin(anna)
        till.pay(anna, manner="never")
        row = till.last()
        till.settled(row, **(change or {"amount": {"value": "1400.00", "currency": "RUB"}}))
        till.call(row.bank_id)
        return row.id

    return happen


def close(enter, outcome, number=1, note=NOTE, status=200):
    alexey = enter("alexey")
    alexey.get("/staff/reconciliations")
    return alexey.submit(f"/staff/discrepancies/{number}", outcome=outcome, note=note, status=status)


def test_a_wrong_sum_stays_in_sight_until_it_is_said_what_was_done(odd, enter, anna, db):
    id = odd()
    page = enter("alexey").get("/staff/reconciliations")
    assert "сумма не та Банк говорит 1 400,00 ₽, мы ждали 1 500,50 ₽. На счёт не зачислено." in page.text
    assert set(close(enter, "corrected", note="да", status=422).errors) == {"note", "outcome"}
    assert "Разбираемся" in anna.get(f"/payments/{id}").text
    page = close(enter, "returned")
    assert "Расхождение закрыто." in page.text and "Расхождений нет" in page.text
    row = db.exec(select(Discrepancy)).one()
    assert (row.note, row.settled_by) == (NOTE, "staff:2") and row.settled_at
    facts = db.exec(select(Note.facts).where(Note.verb == "payments.settle_discrepancy")).one()
    assert '"outcome": "returned"' in facts


def test_credited_is_the_banks_own_sum_with_its_receipt(odd, enter, anna, till, db, texts):
    id = odd()
    close(enter, "credited")
    assert till.entries() == [(140_000, f"payment:{id}")]
    assert db.exec(select(FiscalReceipt.amount)).one() == 140_000
    page = anna.get(f"/payments/{id}")
    assert "Банк принял 1 400,00 ₽, а не 1 500,50 ₽" in page.text and not page.tree.cssselect(
        "#payment-state[data-hx-trigger]"
    )
    assert "зачислили 1\u00a0400,00" in texts()[-1]
    assert "оплачен" in anna.get("/payments").text


@pytest.mark.parametrize(
    ("outcome", "state", "heading", "told"),
    [
        ("returned", "returned", "Деньги возвращены", "возвращаются туда, откуда пришли"),
        ("mistake", "failed", "Платёж не прошёл", "банк ошибся"),
    ],
)
def test_every_end_is_said_to_the_subscriber(odd, enter, anna, till, texts, outcome, state, heading, told):
    id = odd()
    close(enter, outcome)
    assert till.last().state == state and till.last().final and till.entries() == []
    page = anna.get(f"/payments/{id}")
    assert heading in page.text and "Спросить банк" not in page.text
    assert told in texts()[-1]


def test_another_order_is_settled_by_a_correction(odd, enter, anna, till):
    id = odd(metadata={"order": "somebody else's"})
    close(enter, "corrected")
    assert till.last().state == "settled" and till.entries() == []
    assert "Зачислено вручную" in anna.get(f"/payments/{id}").text
    assert "зачислен вручную" in anna.get("/payments").text


def test_two_things_wrong_end_the_payment_only_together(odd, enter, till):
    odd(amount={"value": "1400.00", "currency": "RUB"}, metadata={"order": "x"})
    assert "outcome" in close(enter, "credited", status=422).errors
    close(enter, "returned")
    assert till.last().state == "pending"
    close(enter, "returned", number=2)
    assert till.last().state == "returned"


def test_the_bank_may_repeat_itself_for_ever(odd, enter, till, engine, settings, clock):
    odd()
    close(enter, "credited")
    for _ in range(3):
        till.call(till.last().bank_id)
        clock.forward(hours=7)
        jobs.ask_bank(engine, settings, clock.now())
    assert len(till.entries()) == 1
    assert "Расхождений нет" in enter("alexey").get("/staff/reconciliations").text


def test_closed_twice_is_closed_once(odd, enter, till):
    odd()
    alexey, other = enter("alexey"), enter("ada")
    for one in (alexey, other):
        one.get("/staff/reconciliations")
    alexey.submit("/staff/discrepancies/1", outcome="credited", note=NOTE)
    page = other.submit("/staff/discrepancies/1", outcome="credited", note=NOTE, status=422)
    assert "его закрыли" in page.text and len(till.entries()) == 1


def test_the_bank_mending_its_mistake_is_still_posted(odd, enter, till):
    id = odd()
    close(enter, "mistake")
    till.settled(till.last(), amount={"value": "1500.50", "currency": "RUB"})
    till.call(till.last().bank_id)
    assert till.entries() == [(150_050, f"payment:{id}")]


def test_money_nobody_knows_is_only_noted(anna, enter, till, write, db):
    till.begin(anna)
    till.pay(anna, manner="never")
    bank_id = till.last().bank_id
    with write() as session:
        row = session.get(Payment, till.last().id)
        row.order, row.bank_id, row.ask_at = "another", None, None
    assert till.call(bank_id).text == "unknown"
    assert "Расхождение закрыто." in close(enter, "returned").text
    assert till.entries() == [] and till.last().state == "pending"


def test_a_binding_payment_credited_with_another_sum_leaves_autopay_off(odd, enter, db, till, write, clock):
    from datetime import date

    from db.access import acceptances
    from db.payments import autopay
    from rules.payments.autopay import AutopayTerms

    id = odd()
    with write() as session:
        agreed = acceptances.accept(
            session, 1, "autopay", clock.now(), "127.0.0.1", till.contract(cast.ANNA), till.settings
        )
        terms = AutopayTerms("monthly", 300_000, date(2026, 11, 30).day)
        autopay.add(session, till.contract(cast.ANNA), terms, CONTACT, agreed.id, id, clock.now())
    close(enter, "credited")
    assert db.exec(select(Autopay.state)).one() == "off"
