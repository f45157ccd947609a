"""A file for the trials: subscribers with a password, a contract, a key and SMS-информирование, and staff of
each role.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from argon2 import PasswordHasher
from sqlmodel import Session

from db import open_engine, writing
from db.access.staff import Staff
from db.migrations.run import migrate
from tests.kit import cast

FIRST = 78100000


@dataclass(frozen=True)
class Subscriber:
    contract: int
    key: str
    mobile: str


def subscribers(count: int) -> list[Subscriber]:
    return [Subscriber(FIRST + n, f"{(FIRST + n) % 10000:04}0", f"+7921555{n:04}") for n in range(count)]


def fill(url: str, count: int) -> list[Subscriber]:
    """The database made and filled; the same people as `subscribers(count)`."""
    engine = open_engine(url)
    migrate(engine)
    now = datetime.now(UTC)
    # At the cabinet's own cost: the tests' cheap one would tell by the time who is there and who is not.
    digest = PasswordHasher().hash(cast.PASSWORD)
    with Session(engine) as db, writing(db):
        for one in subscribers(count):
            owner = cast.person(db, f"T-{one.contract}", f"Испытатель № {one.contract}", one.mobile, now)
            owner.password_hash = digest
            held = cast.contract(
                db, one.contract, owner, "Санкт-Петербург, Невский пр., д. 1", now, ["Квартира"], 100_000
            )
            cast.service(db, held, "sms", "SMS", 10_000, held.signed_on, one.mobile)
        for login, role in cast.STAFF.items():
            db.add(Staff(login=login, name=login.title(), role=role, password_hash=digest))
        db.add(Staff(login="semyon", name="Семён", role="manager", password_hash=digest))
    engine.dispose()
    return subscribers(count)
