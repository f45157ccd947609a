"""Payments of the year: by card and СБП through the sandbox bank, by autopay, to the police guard, and by
bank transfer.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from sqlmodel import Session

from commands import Context
from commands.demo.papers import ANNA, BORIS, COUNT, LATER, LETO, LETO_TOO
from commands.demo.talks import subscriber
from commands.demo.year import Year
from db import writing
from db.access import acceptances
from db.money import accruals, ledger
from db.payments import autopay, banking, payment_templates, payments
from db.people import subscribers
from gateways import banks
from gateways.sandbox import payment_page
from rules import days
from rules.payments import autopay as terms
from rules.payments import payment_templates as police
from rules.payments.payments import PaymentPlan, suggested_amount

Step = tuple[datetime, Any]
# By contract number: who pays by autopay, since which month of the year, and on which day.
AUTOPAID = {78_000_101 + n: (2 + n % 6, 3 + n % 20) for n in range(22, 26)}
MISTAKEN = 78_000_108
FORGETFUL = 9  # every ninth contract stopped paying some months ago


@dataclass(frozen=True)
class Purse:
    """How one contract pays: by bank or transfer, each month or sometimes, until which month of the year."""

    number: int
    online: bool
    every: int
    until: int
    day: int


def visits(context: Context, year: Year) -> Iterator[Step]:
    for purse in purses():
        for n in range(1, min(purse.until, 13), purse.every):
            at = year.at(year.months[n].replace(day=purse.day), 9 + purse.number % 11 + 0.3)
            if at < year.now - timedelta(days=2):
                yield at, partial(online if purse.online else transfer, number=purse.number)
    for number, (month, day) in AUTOPAID.items():
        yield year.at(year.months[month].replace(day=1), 20.2), partial(turn_on, number=number, day=day)
    yield from stories(year)


def purses() -> Iterator[Purse]:
    """Yield the same payment habits each time; the story's people pay as their story requires."""
    dice = Random(3)  # noqa: S311 - a show
    yield Purse(ANNA, True, 1, 13, 9)
    yield Purse(BORIS, True, 2, 9, 17)
    yield Purse(LETO, False, 1, 13, 12)
    yield Purse(LETO_TOO, False, 1, 13, 12)
    for n in range(COUNT - LATER):
        number = 78_000_101 + n
        until = 13 if n % FORGETFUL else dice.randint(8, 11)
        if number not in AUTOPAID:
            yield Purse(number, dice.random() < 0.07, dice.choice((1, 2, 2, 3)), until, dice.randint(2, 26))


def stories(year: Year) -> Iterator[Step]:
    """Yield the story's payments: Анна keeps templates for the police guard and once had too little on the
    card; Борис stopped half-way.
    """
    ago = lambda n, hour: year.at(year.today - timedelta(days=n), hour)  # noqa: E731
    yield ago(200, 19), keep_templates
    for n in (170, 80, 12):
        yield ago(n, 19.4), pay_police
    yield ago(45, 13.2), partial(online, number=ANNA, card="empty")
    yield ago(45, 13.4), partial(online, number=ANNA)
    yield ago(1, 21.2), partial(online, number=BORIS, card="")
    yield ago(10, 10.7), twice_too_much


def due(db: Session, context: Context, number: int, at: datetime) -> tuple[Any, int]:
    """Return who pays, and the amount the cabinet would suggest now."""
    who = subscriber(db, number)
    money = accruals.balance_details(db, who.contract_id, at)  # type: ignore[arg-type]
    return who, suggested_amount(money.balance, money.next_fee, context.settings.payment_least)


def transfer(context: Context, at: datetime, number: int) -> None:
    """Record a bank transfer or a cash payment, which enters the ledger from the accountant's statement."""
    with Session(context.engine, expire_on_commit=False) as db, writing(db):
        who, amount = due(db, context, number, at)
        day = days.today(at)
        ledger.add(
            db,
            who.contract_id,
            amount,
            "payment",
            f"transfer:{number}:{day}",
            day=day,
            now=at,
            note="Платёж по реквизитам",
        )


def twice_too_much(context: Context, at: datetime) -> None:
    """Pay for half a year by mistake, to be refunded later."""
    with Session(context.engine, expire_on_commit=False) as db, writing(db):
        who, day = subscriber(db, MISTAKEN), days.today(at)
        ledger.add(
            db,
            who.contract_id,  # type: ignore[arg-type]
            500000,
            "payment",
            f"transfer:{MISTAKEN}:{day}",
            day=day,
            now=at,
            note="Платёж по реквизитам",
        )


def online(context: Context, at: datetime, number: int, card: str = "good") -> None:
    with Session(context.engine, expire_on_commit=False) as db:
        with writing(db):
            who, amount = due(db, context, number, at)
            method = "card" if number % 3 or card != "good" else "sbp"
            plan = PaymentPlan("operator", amount, method, contact(db, who.id))  # type: ignore[arg-type]
            row = payments.add(db, who.contract_id, plan, f"Услуги связи, договор {number}", at)
            payments.note_start(db, who, row, at)
        at_bank(context, db, row.id, at, card)


def contact(db: Session, subscriber_id: int) -> str:
    who = subscribers.get_subscriber(db, subscriber_id)
    return who.email or who.mobile or ""


def at_bank(context: Context, db: Session, payment_id: int, at: datetime, card: str) -> None:
    """Go to the sandbox bank's page, pay there by this card (without a card: leave unpaid), and deliver the
    bank's callback.
    """
    bank, later = banks.configured_bank(context.settings, at), at + timedelta(minutes=2)
    row = banking.send_payment(db, bank, payment_id, at, context.settings)  # type: ignore[arg-type]
    if card and row.bank_id:
        payment_page.decide(banks.sandbox(context.settings, later), row.bank_id, "pay", card, "never")
        banking.refresh_status(db, bank, payment_id, later, context.settings)  # type: ignore[arg-type]


def turn_on(context: Context, at: datetime, number: int, day: int) -> None:
    """Turn autopay on: accept the rules, make the first payment and link its card."""
    with Session(context.engine, expire_on_commit=False) as db:
        with writing(db):
            who, amount = due(db, context, number, at)
            autopay_plan = terms.read_terms({"mode": "monthly", "day": str(day), "cap": "3000"})
            agreed = acceptances.accept(
                db, who.id, "autopay", at, "127.0.0.1", who.contract_id, context.settings
            )
            plan = PaymentPlan("operator", amount, "card", contact(db, who.id), save_card=True)
            words = f"Услуги связи и привязка карты, договор {number}"
            row = payments.add(db, who.contract_id, plan, words, at)
            autopay.add(db, who.contract_id, autopay_plan, plan.contact, agreed.id, row.id, at)
            payments.note_start(db, who, row, at)
        at_bank(context, db, row.id, at, "good")


TEMPLATES = {
    "Квартира": ("spb-cen", "Ц-48213", "Санкт-Петербург, Лиговский пр., д. 50, кв. 12", "Охрана квартиры"),
    "Дача в Токсово": ("lo-vsv", "ВС-1177", "Ленинградская обл., Токсово, ул. Озёрная, д. 8", "Охрана дома"),
}


def fields(name: str, owner: str, at: datetime) -> police.TemplateFields:
    branch, account, address, purpose = TEMPLATES[name]
    first = days.month_start(days.today(at))
    form = {"payer": owner, "branch": branch, "account": account, "address": address, "purpose": purpose}
    return police.read_fields(form | {"first": first.isoformat(), "last": days.month_end(first).isoformat()})


def keep_templates(context: Context, at: datetime) -> None:
    with Session(context.engine, expire_on_commit=False) as db, writing(db):
        who = subscriber(db, ANNA)
        for name in TEMPLATES:
            payment_templates.add(db, who.contract_id, name, fields(name, who.name, at), at)  # type: ignore[arg-type]


def pay_police(context: Context, at: datetime) -> None:
    """Pay the police guard by template: only the amount is new; this money never enters our ledger."""
    with Session(context.engine, expire_on_commit=False) as db:
        with writing(db):
            who = subscriber(db, ANNA)
            template = payment_templates.contract_templates(db, who.contract_id)[0]
            details, plan = fields(template.name, who.name, at), PaymentPlan("police", 95000, "card", "")
            row = payments.add(
                db,
                who.contract_id,  # type: ignore[arg-type]
                plan,
                police.purpose_text(details, police.BANK_PURPOSE),
                at,
                fields=details.as_facts(),
                template_id=template.id,
            )
            payment_templates.remember_amount(db, template, plan.amount)
            payments.note_start(db, who, row, at)
        at_bank(context, db, row.id, at, "good")
