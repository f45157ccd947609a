"""A contract with rows in every table that names it, before and after it passes to another subscriber."""

from datetime import date

import pytest
from sqlmodel import select

from db.access import acceptances
from db.desk.search import SearchDocument
from db.events import deliveries, key_claims, keys
from db.events.alarms import AlarmNote
from db.events.key_claims import KeyTry
from db.events.key_names import KeyName
from db.money import corrections, fiscal_receipts, ledger
from db.payments import payments
from db.payments.autopay import Autopay, AutopayDue, AutopayTry
from db.people import contracts
from db.people.services import Service, ServiceInterval
from rules.money.corrections import CorrectionPlan as CorrectionPlan
from rules.payments.payments import PaymentPlan
from tests.kit import cast
from tests.kit.registry import LINE, house, take  # noqa: F401
from tests.kit.station import says
from tests.test_strangers import things

PLACE = "Санкт-Петербург, Лиговский пр., д. 50, кв. 12"


PETR = LINE | {
    "Номер договора": "78 000 001",
    "Код абонента": "Ф-222",
    "Абонент": "Орехов Пётр Ильич",
    "Телефон": "8 900 333-33-33",
    "E-mail": "petr@example.com",
    "Адрес": PLACE,
    "Дата договора": "23.11.2024",
    "Сальдо": "",
    "Дата сальдо": "",
}


@pytest.fixture
def rich(anna, enter, write, clock, engine, settings):
    """Fill every table for Anna's cabinet; return addresses by thing."""
    found = things(anna, enter, write, clock, engine, settings)
    with write() as db:
        contract, _ = contracts.find_by_number(db, cast.ANNA)
        id_ = int(contract.id)
        paid = payments.add(
            db,
            id_,
            PaymentPlan("operator", 77777, "card", "bill@former.example"),
            "Услуги связи",
            clock.now(),
        )
        paid.state, paid.card, paid.paid_at, paid.bank_id = "paid", "Мир •• 4477", clock.now(), "bank-1"
        for n, (day, amount, kind, note) in enumerate(
            [
                (date(2026, 9, 12), 33331, "payment", "Автоплатёж с карты Мир •• 4477"),
                (date(2026, 10, 31), -11111, "fee", "Октябрь"),
                (date(2026, 11, 20), 5555, "correction", "Перерасчёт по звонку"),
                (date(2026, 11, 22), 77777, "payment", "Оплата"),
            ]
        ):
            ledger.add(
                db,
                id_,
                amount,
                kind,
                f"payment:{paid.id}" if n == 3 else f"old:{n}",
                day=day,
                now=clock.now(),
                note=note,
            )
        fiscal_receipts.add_prepayment_receipt(
            db, id_, 77777, 0, f"payment:{paid.id}", "bill@former.example", clock.now(), settings.vat_rates
        )
        corrections.add(db, id_, CorrectionPlan(5555, "Перерасчёт по звонку", False), 1, clock.now())
        agreed = acceptances.accept(db, 1, "autopay", clock.now(), "", id_, settings)
        row = Autopay(
            contract_id=id_,
            mode="monthly",
            cap=33331,
            day=5,
            contact="bill@former.example",
            acceptance_id=agreed.id,
            payment_id=paid.id,
            state="on",
            token_clear="t",
            card="Мир •• 4477",
            asked_at=clock.now(),
            on_at=clock.now(),
        )
        db.add(row)
        db.flush()
        due = AutopayDue(
            autopay_id=row.id,
            contract_id=id_,
            day=date(2026, 11, 5),
            charge_on=date(2026, 11, 5),
            amount=33331,
            noticed_at=clock.now(),
            state="paid",
        )
        db.add(due)
        db.flush()
        db.add(
            AutopayTry(
                due_id=due.id,
                contract_id=id_,
                day=date(2026, 11, 5),
                number=1,
                payment_id=paid.id,
                at=clock.now(),
            )
        )
        key = keys.find_by_number(db, "00010")
        db.add(KeyName(key_id=key.id, contract_id=id_, what="user", number="3", name="Няня Света"))
        db.add(KeyName(key_id=key.id, contract_id=id_, what="zone", number="4", name="Кладовка"))
        opened = db.exec(select(keys.AddedKey).where(keys.AddedKey.contract_id == id_)).first()
        opened.name = "Бабушкина дача"
        where = [int(part) for part in found["alarm"].removeprefix("/alarms/").split("-")]
        db.add(
            AlarmNote(
                key_id=where[0],
                at_event=where[1],
                event_id=where[2],
                contract_id=id_,
                author="subscriber",
                name="Соколова Анна",
                text="Заперта дверь",
                at=clock.now(),
            )
        )
        for number, name in (("5550", "Свекровь"), ("5551", "Ошиблись дверью")):
            db.add(KeyTry(contract_id=id_, number=number, name=name, outcome="waiting", at=clock.now()))
        db.flush()
        second = db.exec(select(KeyTry).where(KeyTry.number == "5551")).one()
        key_claims.refuse(db, second, "staff:1", "Ошиблись дверью", clock.now())
        deliveries.set_quiet_hours(db, id_, deliveries.QuietPeriod(61, 119))
        service = db.exec(select(Service).where(Service.contract_id == id_)).one()
        db.add(
            ServiceInterval(
                service_id=service.id, state="suspended", first=date(2025, 6, 1), last=date(2025, 6, 20)
            )
        )
        db.add(
            SearchDocument(
                kind="contract", ref_id=987654, contract_id=id_, words="соколова няня света", stems="соколов"
            )
        )
    with write() as db:
        from db.people import announcements
        from rules.people.announcements import AnnouncementPlan as NoticePlan

        plan = NoticePlan(
            "Работы только у вас", "Дверь", date(2026, 11, 21), date(2026, 11, 22), False, "78 000 001", False
        )
        announcements.add(db, plan, 1, [(id_, 1)], clock.now())
    says(write, clock, "00010", "disarm", who="3", minutes=-3)
    return found | {"receipt": "/receipts/1", "payment": f"/payments/{paid.id}", "contract": id_}


@pytest.fixture
def passed(rich, take, clock, db):
    """Pass the contract to another subscriber at noon and move the clock two days on."""
    take(PETR)
    db.rollback()
    clock.forward(days=2)
    return rich


def words(db, row) -> str:
    from db.requests import requests

    return requests.steps(db, row)[-1].words
