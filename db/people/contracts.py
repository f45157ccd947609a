"""Contracts and their guarded premises. Contracts are fetched through their owner: another's is not found."""

from datetime import date, datetime

from sqlalchemy import Connection, bindparam
from sqlmodel import Field, Session, SQLModel, col, select

from db import Instant
from db.people.subscribers import Subscriber


class Contract(SQLModel, table=True):
    id: int = Field(default=None, primary_key=True)
    number: int = Field(unique=True, description="eight digits")
    subscriber_id: int = Field(foreign_key="subscriber.id", index=True)
    signed_on: date
    address: str = Field(description="where the service is rendered")
    ends_on: date | None = Field(default=None, description="the last day, once termination is decided")
    unread: int = Field(default=0, description="answers nobody has opened yet: the envelope's count")
    owned_since: datetime | None = Field(
        default=None, sa_type=Instant, description="the registry named this owner then; None: the first"
    )


class Site(SQLModel, table=True):
    """Guarded premises; a contract has one or more."""

    id: int = Field(default=None, primary_key=True)
    contract_id: int = Field(foreign_key="contract.id", index=True)
    name: str
    address: str


def list_contracts(db: Session, subscriber_id: int) -> list[Contract]:
    """Return all contracts of one subscriber by number."""
    return list(
        db.exec(
            select(Contract).where(Contract.subscriber_id == subscriber_id).order_by(col(Contract.number))
        )
    )


_contract_choices = (
    select(Contract.id, Contract.number, Contract.address)
    .where(col(Contract.subscriber_id) == bindparam("subscriber"))
    .order_by(col(Contract.number))
)


def contract_choices(db: Connection, subscriber_id: int) -> list[tuple[int, int, str]]:
    """Return (id, number, address) of each contract of a subscriber, for the switcher on every page."""
    return [tuple(row) for row in db.execute(_contract_choices, {"subscriber": subscriber_id})]  # type: ignore[misc]


def find_by_number(db: Session, number: int) -> tuple[Contract, Subscriber] | None:
    """Return the contract of this number with its subscriber; None when there is none."""
    found = select(Contract, Subscriber).join(Subscriber).where(Contract.number == number)
    return db.exec(found).first()


def find_owned(db: Session, subscriber_id: int, contract_id: int) -> Contract | None:
    """Return the contract if it belongs to this subscriber, else None."""
    return db.exec(
        select(Contract).where(Contract.id == contract_id, Contract.subscriber_id == subscriber_id)
    ).first()


def list_sites(db: Session, contract_id: int) -> list[Site]:
    return list(db.exec(select(Site).where(Site.contract_id == contract_id).order_by(col(Site.id))))
