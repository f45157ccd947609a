"""Keys that subscribers added themselves, with named users; somebody else's number and an unknown one wait
for staff.
"""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from commands import Context
from commands.demo.papers import ANNA, BORIS, LETO
from commands.demo.talks import subscriber
from commands.demo.year import Year
from db import journal, writing
from db.events import key_claims, key_names
from db.events.keys import SiteKey
from db.people import subscribers
from db.people.contracts import Contract, Site
from db.people.subscribers import Subscriber
from rules.events import keys as rule

USERS = {ANNA: ["Анна", "Игорь", "Мама"], LETO: ["Ольга, директор", "Денис", "Сменный продавец", "Уборка"]}


def fill(context: Context) -> None:
    year = Year(context.clock.now())
    with Session(context.engine, expire_on_commit=False) as db, writing(db):
        entered = select(SiteKey, Contract, Subscriber, Site.name).join(
            Contract, col(SiteKey.contract_id) == Contract.id
        )
        entered = entered.join(Subscriber).join(Site, col(SiteKey.site_id) == Site.id, isouter=True)
        for key, contract, who, site in db.exec(
            entered.where(col(Subscriber.registered_at).is_not(None))
        ).all():
            at = max(who.registered_at or year.now, year.at(contract.signed_on, 12)) + timedelta(minutes=10)
            add(db, contract.number, key.number, site or "", at)
            subscribers.hide_welcome(db, who.id)
        for number, users in USERS.items():
            name(db, number, users)
        add(
            db, BORIS, "00010", "Подъезд", year.now - timedelta(hours=20)
        )  # Анна's: looks no different to him
        add(db, 78_000_104, "777123", "Дача", year.now - timedelta(hours=5))


def add(db: Session, number: int, key: str, name: str, at: datetime) -> None:
    who = subscriber(db, number)
    plan = rule.plan(key, name, key_claims.key_facts(db, who.contract_id, key, at))  # type: ignore[arg-type]
    key_claims.add(db, who.contract_id, plan, at)  # type: ignore[arg-type]
    journal.note(db, who, "keys.add", at, key=rule.mask(key), outcome=plan.outcome)


def name(db: Session, number: int, users: list[str]) -> None:
    contract_id = int(subscriber(db, number).contract_id or 0)
    for row in db.exec(
        select(key_claims.AddedKey).where(key_claims.AddedKey.contract_id == contract_id)
    ).all():
        for n, user in enumerate(users, 1):
            key_names.set_name(db, row, "user", str(n), user)
