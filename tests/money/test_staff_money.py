"""The accountant's desk: a contract's ledger, corrections and the second pair of eyes, receipts that
failed.
"""

from datetime import date

import pytest
from sqlmodel import Session, select

from db import writing
from db.access.staff import Staff
from db.journal import Note
from db.money import accruals, fiscal_receipt_sending, fiscal_receipts
from db.money.corrections import Correction
from db.money.ledger import LedgerEntry
from db.people import contracts
from tests.kit import cast

REASON = "Перерасчёт за ремонт линии"


@pytest.fixture
def id(engine) -> int:
    with Session(engine) as db:
        return contracts.find_by_number(db, cast.ANNA)[0].id


@pytest.fixture
def alexey(enter):
    return enter("alexey")


@pytest.fixture
def other(enter, write):
    """A second accountant."""
    with write() as db:
        db.add(Staff(login="olga", name="Ольга", role="accountant"))
    return enter("olga")


@pytest.fixture
def rows(engine):
    def read(model) -> list:
        with Session(engine) as db:
            return list(db.exec(select(model).order_by(model.id)))

    return read


def correct(browser, id, amount="300", direction="add", reason=REASON, status=200, **more):
    browser.get(f"/staff/ledger/{id}")
    return browser.submit(
        f"/staff/ledger/{id}", direction=direction, amount=amount, reason=reason, status=status, **more
    )


def test_a_small_correction_counts_at_once_and_its_owner_reads_why(alexey, anna, id, rows, clock):
    page = correct(alexey, id, "300,50")
    assert "Корректировка 300,50 ₽: проведена." in page.text
    assert [(one.amount, one.kind, one.note) for one in rows(LedgerEntry)][-1] == (
        30_050,
        "correction",
        REASON,
    )
    assert REASON in anna.get("/statement").text
    verbs = [note.verb for note in rows(Note)]
    assert verbs.count("corrections.add") == 1 and "ledger.look" in verbs


def test_a_large_one_waits_for_another_accountant(alexey, other, id, rows):
    assert "ждёт второго бухгалтера" in correct(alexey, id, "5000,01", "take").text
    assert not [one for one in rows(LedgerEntry) if one.kind == "correction"]
    page = alexey.get("/staff/money")
    assert not page.tree.cssselect("form[action$=confirm]")
    page = other.get("/staff/money")
    assert REASON in page.text
    page = other.submit("/staff/corrections/1/confirm")
    assert "Корректировка проведена." in page.text
    [entry] = [one for one in rows(LedgerEntry) if one.kind == "correction"]
    [row] = rows(Correction)
    assert entry.amount == -500_001 and row.asked_by != row.decided_by


def test_nobody_confirms_their_own_even_by_hand(alexey, id, rows):
    correct(alexey, id, "9000")
    alexey.get("/staff/money")
    token = dict(alexey.page.form("/staff/corrections/1/refuse").form_values())
    answer = alexey.client.post("/staff/corrections/1/confirm", data=token)
    assert answer.status_code == 422 and "другой бухгалтер" in answer.text
    assert rows(Correction)[0].state == "waiting"


def test_decided_twice_counts_once(alexey, other, id, rows):
    correct(alexey, id, "9000")
    other.get("/staff/money")
    token = dict(other.page.form("/staff/corrections/1/confirm").form_values())
    other.submit("/staff/corrections/1/confirm")
    answer = other.client.post("/staff/corrections/1/confirm", data=token)
    assert answer.status_code == 422 and "уже решили" in answer.text
    assert len([one for one in rows(LedgerEntry) if one.kind == "correction"]) == 1


def test_a_double_click_is_one_correction_and_the_same_again_is_asked(alexey, id, rows):
    alexey.get(f"/staff/ledger/{id}")
    fields = dict(alexey.page.form(f"/staff/ledger/{id}").form_values())
    fields |= {"direction": "add", "amount": "100", "reason": REASON}
    for _ in range(2):
        assert (
            alexey.client.post(f"/staff/ledger/{id}", data=fields, follow_redirects=False).status_code == 303
        )
    assert len(rows(Correction)) == 1
    page = correct(alexey, id, "100", status=422)
    assert "уже внесли" in page.text and len(rows(Correction)) == 1
    alexey.submit(f"/staff/ledger/{id}")
    assert len(rows(Correction)) == 2


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"amount": "0"}, "amount"),
        ({"amount": "1e3"}, "amount"),
        ({"amount": "сто"}, "amount"),
        ({"reason": "так"}, "reason"),
        ({"direction": "sideways"}, "direction"),
    ],
)
def test_what_is_typed_wrong_is_said_at_its_field_and_kept(alexey, id, rows, fields, wrong):
    page = correct(alexey, id, status=422, **fields)
    assert list(page.errors) == [wrong]
    assert rows(Correction) == []
    if wrong == "amount":
        assert page.one("#f-amount").get("value") == fields["amount"]


def test_a_manager_looks_but_does_not_correct(enter, id):
    maria = enter("maria")
    page = maria.get(f"/staff/ledger/{id}")
    assert "Перенесённый остаток" in page.text
    assert not page.tree.cssselect("main form")


def test_the_ledger_to_take_away(alexey, id):
    correct(alexey, id, "300,50")
    answer = alexey.client.get(f"/staff/ledger/{id}/csv")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[1].endswith(";Перенесённый остаток;;opening:78000001;1500,00")
    assert lines[2].endswith(f";Корректировка;{REASON};correction:1;300,50")


def test_a_contract_that_is_none(alexey):
    for text in ("999999", "0", "x", "9" * 30):
        alexey.get(f"/staff/ledger/{text}", status=404)


def test_a_receipt_the_register_refused_goes_again_to_a_mended_address(alexey, engine, id, clock, settings):
    with Session(engine) as db, writing(db):
        fiscal_receipts.add_prepayment_receipt(
            db, id, 50_000, 0, "payment:1", "anna@exampel.ru", clock.now(), settings.vat_rates
        )
        fiscal_receipt_sending.mark_declined(db, 1, "Адрес не существует")
    page = alexey.get("/staff/money")
    assert "Адрес не существует" in page.text
    page = alexey.submit("/staff/receipts/1/again", contact="это не адрес", status=422)
    assert "contact" in page.errors
    page = alexey.submit("/staff/receipts/1/again", contact="anna@example.ru")
    assert "Чек отправим снова." in page.text and "Таких нет" in page.text
    with Session(engine) as db:
        [row] = fiscal_receipts.contract_receipts(db, id)
        assert (row.state, row.contact, row.series) == ("waiting", "anna@example.ru", 1)


def test_closed_months_are_shown(enter, db, clock):
    clock.forward(days=10)
    accruals.post_month(db, date(2026, 11, 1), clock.now())
    assert "ноябрь 2026 начислений: 5" in enter("alexey").get("/staff/money").text
