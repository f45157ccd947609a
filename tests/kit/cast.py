"""The people every test knows, added to an empty database as an import and a first sign-in would.

Анна Соколова, 78 000 001, a person with one site, a channel and a small balance, signed in with an own
password. Борис Ким, 78 000 002, a stranger who must see none of her data; also has a password. ООО «Лето», 78
000 003 and 78 000 004, a company with two contracts and several sites; registered. Вера Новикова, 78 000 005,
never registered. Staff: manager Мария, accountant Алексей, engineer Егор, admin Ада.
"""

from datetime import date, timedelta

from sqlmodel import Session

from db import open_engine, writing
from db.access import acceptances, passwords, sessions, staff
from db.access.staff import Staff
from db.events.keys import SiteKey
from db.migrations.run import migrate
from db.money.ledger import LedgerEntry
from db.people import contracts
from db.people.contracts import Contract, Site
from db.people.services import Service, ServiceInterval, ServicePrice
from db.people.subscribers import Subscriber
from rules import days
from settings import Settings

PASSWORD = "синий трамвай у моста"
ANNA, BORIS, LETO, LETO_TOO, VERA = 78000001, 78000002, 78000003, 78000004, 78000005
STAFF = {"maria": "manager", "alexey": "accountant", "egor": "engineer", "ada": "admin"}

# Hashing takes a tenth of a second, so tests share one hash of the same password.
_digest = passwords.hash_password(PASSWORD)


def file(folder, now):
    """A SQLite file in this folder, filled."""
    path = folder / "cabinet.sqlite"
    fill(f"sqlite:///{path}", now)
    return path


def fill(url, now) -> None:
    """Migrate the database at this address and add everybody."""
    migrated(url, lambda engine: settle(engine, now))


def migrated(url, further=lambda _: None) -> None:
    """Migrate and write a single complete file, to be copied for each test."""
    engine = open_engine(url)
    migrate(engine)
    further(engine)
    if url.startswith("sqlite"):
        with engine.connect() as db:
            db.exec_driver_sql("COMMIT")
            db.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()


def settle(engine, now) -> None:
    """Add everybody, with contracts signed two years ago and services active since."""
    with Session(engine) as db, writing(db):
        anna = person(db, "P-1", "Соколова Анна Игоревна", "+79211234567", now)
        boris = person(db, "P-2", "Ким Борис Львович", "+79217654321", now)
        leto = person(db, "C-3", "ООО «Лето»", "+79219990033", now, kind="company")
        vera = person(db, "P-5", "Новикова Вера Павловна", "+79215550055", None)
        contract(db, ANNA, anna, "Санкт-Петербург, Лиговский пр., д. 50, кв. 12", now, ["Квартира"], 150_000)
        contract(db, BORIS, boris, "Санкт-Петербург, ул. Рубинштейна, д. 5, кв. 3", now, ["Квартира"], 0)
        contract(
            db, LETO, leto, "Санкт-Петербург, наб. реки Фонтанки, д. 20", now, ["Магазин", "Склад"], -90_000
        )
        contract(db, LETO_TOO, leto, "Пушкин, ул. Садовая, д. 7", now, ["Кафе"], 0)
        contract(db, VERA, vera, "Санкт-Петербург, Невский пр., д. 100, кв. 7", now, ["Квартира"], 0)
        for login, role in STAFF.items():
            db.add(Staff(login=login, name=login.title(), role=role, password_hash=_digest))


def person(db, code, name, mobile, now, kind="person") -> Subscriber:
    row = Subscriber(
        code=code,
        kind=kind,
        name=name,
        mobile=mobile,
        contact_mobile=mobile,
        email=f"{code.lower()}@example.ru",
    )
    if now:
        row.entry, row.password_hash, row.registered_at = "password", _digest, now
    db.add(row)
    db.flush()
    if now:
        acceptances.accept(
            db, row.id, acceptances.CONSENT, now, "127.0.0.1", settings=Settings(_env_file=None, demo=True)
        )
    return row


def contract(db, number, owner, address, now, sites, opening) -> Contract:
    signed = days.today(now) - timedelta(days=730)
    row = Contract(number=number, subscriber_id=owner.id, signed_on=signed, address=address)
    db.add(row)
    db.flush()
    for order, name in enumerate(sites):
        site = Site(contract_id=row.id, name=name, address=address)
        db.add(site)
        db.flush()
        db.add(SiteKey(number=f"{number % 10000:04}{order}", contract_id=row.id, site_id=site.id))
    service(db, row, "channel", "Охрана квартиры", 90_000, signed)
    if opening:
        db.add(
            LedgerEntry(
                contract_id=row.id,
                day=days.month_start(days.today(now)),
                at=now,
                amount=opening,
                kind="opening",
                source=f"opening:{number}",
            )
        )
    return row


def signed_in(engine, now, who, stage="open") -> str:
    """Return the session cookie of the subscriber of this contract, or of the employee with this login."""
    with Session(engine, expire_on_commit=False) as db, writing(db):
        if isinstance(who, str):
            return sessions.start(
                db, now, staff_id=staff.find_by_login(db, who).id, stage=stage, device="тест"
            )
        held, owner = contracts.find_by_number(db, who)
        return sessions.start(
            db, now, subscriber_id=owner.id, contract_id=held.id, stage=stage, device="тест"
        )


def service(db, contract, kind, tariff, kopecks, since: date, mobile=None) -> Service:
    row = Service(contract_id=contract.id, kind=kind, tariff=tariff, mobile=mobile)
    db.add(row)
    db.flush()
    db.add(ServicePrice(service_id=row.id, since=since, kopecks=kopecks))
    db.add(ServiceInterval(service_id=row.id, state="active", first=since))
    return row
