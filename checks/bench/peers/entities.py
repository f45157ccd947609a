"""The tables of the home page as SQLModel's tutorial declares them: entities with relationships, in a session
a request.
"""

import os
from datetime import date

from sqlalchemy import create_engine, event
from sqlmodel import Field, Relationship, Session, SQLModel, col, func, select

from checks.bench.peers import shown

engine = create_engine(
    f"sqlite:///{os.environ['CABINET_DATABASE']}", connect_args={"check_same_thread": False}
)


@event.listens_for(engine, "connect")
def on_connect(raw, _record) -> None:  # type: ignore[no-untyped-def]
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
        raw.execute(f"PRAGMA {pragma}")


class Subscriber(SQLModel, table=True):
    id: int = Field(default=None, primary_key=True)
    name: str
    welcome: int


class Contract(SQLModel, table=True):
    id: int = Field(default=None, primary_key=True)
    number: int
    subscriber_id: int = Field(foreign_key="subscriber.id")
    signed_on: date
    address: str
    ends_on: date | None
    unread: int
    subscriber: Subscriber = Relationship()
    services: list["Service"] = Relationship()
    added: list["AddedKey"] = Relationship()


class SessionRow(SQLModel, table=True):
    __tablename__ = "session"
    id: int = Field(default=None, primary_key=True)
    token_hash: bytes
    contract_id: int = Field(foreign_key="contract.id")
    created_at: int
    seen_at: int
    contract: Contract = Relationship()


class Service(SQLModel, table=True):
    id: int = Field(default=None, primary_key=True)
    contract_id: int = Field(foreign_key="contract.id")
    kind: str
    tariff: str
    intervals: list["ServiceInterval"] = Relationship()
    prices: list["ServicePrice"] = Relationship()


class ServiceInterval(SQLModel, table=True):
    __tablename__ = "service_interval"
    id: int = Field(default=None, primary_key=True)
    service_id: int = Field(foreign_key="service.id")
    state: str
    first: date
    last: date | None


class ServicePrice(SQLModel, table=True):
    __tablename__ = "service_price"
    id: int = Field(default=None, primary_key=True)
    service_id: int = Field(foreign_key="service.id")
    since: date
    kopecks: int


class LedgerEntry(SQLModel, table=True):
    __tablename__ = "ledger_entry"
    id: int = Field(default=None, primary_key=True)
    contract_id: int
    amount: int


class LedgerMonth(SQLModel, table=True):
    __tablename__ = "ledger_month"
    first: date = Field(primary_key=True)


class Request(SQLModel, table=True):
    id: int = Field(default=None, primary_key=True)
    contract_id: int
    kind: str
    state: str
    effective_day: date | None


class Site(SQLModel, table=True):
    id: int = Field(default=None, primary_key=True)
    name: str


class Key(SQLModel, table=True):
    id: int = Field(default=None, primary_key=True)
    site_id: int = Field(foreign_key="site.id")
    site: Site = Relationship()


class AddedKey(SQLModel, table=True):
    __tablename__ = "added_key"
    id: int = Field(default=None, primary_key=True)
    key_id: int = Field(foreign_key="key.id")
    contract_id: int = Field(foreign_key="contract.id")
    key: Key = Relationship()


class Event(SQLModel, table=True):
    key_id: int = Field(primary_key=True)
    at: int = Field(primary_key=True)
    id: int = Field(primary_key=True)
    kind: int
    code: str
    who: str | None


def signed_in(db: Session, token: str) -> SessionRow | None:
    row = db.exec(select(SessionRow).where(SessionRow.token_hash == shown.hashed(token))).first()
    return row if row and shown.alive(row.seen_at, row.created_at) else None


def home(db: Session, row: SessionRow, csrf: str) -> dict:
    """What the template prints, read as the tutorial reads: an entity, its relations, and a select where
    there are many.
    """
    contract = row.contract
    entries = (
        db.exec(select(func.sum(LedgerEntry.amount)).where(LedgerEntry.contract_id == contract.id)).one() or 0
    )
    waiting = select(Request).where(Request.contract_id == contract.id, Request.state == "approved")
    services = [(one, one.intervals, one.prices) for one in contract.services]
    sites = [(one.key.site.name, _newest(db, one.key_id)) for one in contract.added]
    closed = {one.first for one in db.exec(select(LedgerMonth))}
    return shown.context(
        contract.subscriber, contract, services, entries, closed, db.exec(waiting), sites, csrf
    )


def _newest(db: Session, key_id: int) -> list[Event]:
    return list(db.exec(select(Event).where(Event.key_id == key_id).order_by(col(Event.at).desc()).limit(3)))
