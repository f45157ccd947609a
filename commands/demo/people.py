"""Registered subscribers and staff accounts. They share one password, which the demonstration prints."""

from random import Random

from sqlmodel import Session, col, select

from commands import Context
from commands.demo.papers import VERA
from commands.demo.year import Year
from db import writing
from db.access import acceptances, passwords, sign_in
from db.access.staff import Staff
from db.people import subscribers
from db.people.contracts import Contract
from db.people.subscribers import Subscriber
from db.requests import canned_answers
from settings import Settings

PASSWORD = "синий трамвай у моста"  # noqa: S105 - the demonstration prints it
STAFF = {
    "maria": ("Мария Орлова", "manager"),
    "semyon": ("Семён Рожков", "manager"),
    "alexey": ("Алексей Гусев", "accountant"),
    "egor": ("Егор Носов", "engineer"),
    "ada": ("Ада Ершова", "admin"),
}


def fill(context: Context) -> None:
    digest, dice, year = passwords.hash_password(PASSWORD), Random(2), Year(context.clock.now())  # noqa: S311 - a show
    with Session(context.engine, expire_on_commit=False) as db, writing(db):
        canned_answers.add_defaults(db)
        for login, (name, role) in STAFF.items():
            db.add(Staff(login=login, name=name, role=role, password_hash=digest))
        for number, who in db.exec(
            select(Contract.number, Subscriber).join(Subscriber).order_by(col(Contract.number))
        ):
            if (
                who.mobile
                and not who.registered_at
                and number != VERA
                and (number < 78_000_100 or dice.random() < 0.7)
            ):
                enter(db, who, digest, year, dice, context.settings)


def enter(db: Session, who: Subscriber, digest: str, year: Year, dice: Random, settings: Settings) -> None:
    """Register on some day of the year: consent, an own password (or codes), an e-mail that most confirm."""
    now = year.at(year.months[dice.randrange(12)].replace(day=dice.randint(1, 27)), dice.uniform(8, 22))
    acceptances.accept(db, who.id, acceptances.CONSENT, now, "127.0.0.1", settings=settings)
    sign_in.save_entry(db, who.id, "sms" if dice.random() < 0.15 else "password", digest, now)
    if who.code in ("Ф-900001", "Ф-900002", "Ю-900003"):
        sign_in.save_entry(db, who.id, "password", digest, now)
    if who.email and dice.random() < 0.8:
        subscribers.request_email(db, who.id, who.email)
        subscribers.confirm_email(db, who.id, subscribers.address_fingerprint(who.email), now)
