"""Site keys: the numbers by which the station knows a site or a part of it (manual §3.4).

The registry assigns each key to a contract (`SiteKey`). A subscriber sees the key's events only after adding
the key (`AddedKey`).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam
from sqlmodel import Field, Session, SQLModel, col, delete, select

from db import Instant
from db.people.contracts import Site
from db.prepared_reads import read_connection


class SiteKey(SQLModel, table=True):
    """A key number of the station and the contract that the registry assigns it to."""

    __tablename__ = "key"

    id: int = Field(default=None, primary_key=True)
    number: str = Field(unique=True, description="as the station writes it")
    contract_id: int = Field(foreign_key="contract.id", index=True)
    site_id: int | None = Field(default=None, foreign_key="site.id", index=True)
    source: str = Field(
        default="registry", description="registry, proof or desk: where the contract comes from"
    )
    held_since: datetime | None = Field(
        default=None,
        sa_type=Instant,
        description="events before it belong to a former holder and are not shown",
    )


class AddedKey(SQLModel, table=True):
    """A key that its contract has added. It is hidden when the registry assigns the key to another
    contract.
    """

    __tablename__ = "added_key"
    __table_args__ = {"sqlite_autoincrement": True}

    id: int = Field(default=None, primary_key=True)
    key_id: int = Field(foreign_key="key.id", unique=True)
    contract_id: int = Field(foreign_key="contract.id", index=True)
    name: str = Field(default="", description="the subscriber's name for it, «дача»")
    how: str = Field(description="registry, proof or desk")
    added_at: datetime = Field(sa_type=Instant)


def registered_keys(db: Session, contract_id: int) -> list[SiteKey]:
    return list(
        db.exec(select(SiteKey).where(SiteKey.contract_id == contract_id).order_by(col(SiteKey.number)))
    )


def find_by_number(db: Session, number: str) -> SiteKey | None:
    return db.exec(select(SiteKey).where(SiteKey.number == number)).first()


_visible_keys = (
    select(  # type: ignore[call-overload]
        AddedKey.id,
        SiteKey.id.label("key_id"),  # type: ignore[attr-defined, union-attr]
        SiteKey.number,
        AddedKey.name,
        SiteKey.site_id,
        SiteKey.held_since,  # type: ignore[union-attr]
        Site.name.label("site"),  # type: ignore[attr-defined]
        AddedKey.added_at,
        AddedKey.how,  # type: ignore[attr-defined]
    )
    .join(SiteKey, col(SiteKey.id) == AddedKey.key_id)
    .outerjoin(Site, col(Site.id) == SiteKey.site_id)
    .where(
        col(AddedKey.contract_id) == bindparam("contract"), col(SiteKey.contract_id) == AddedKey.contract_id
    )
    .order_by(col(SiteKey.site_id), col(AddedKey.id))
)


def visible_keys(db: Session | Connection, contract_id: int) -> Sequence[Any]:
    """Return the keys whose events this contract sees: id, key_id, number, name, site_id, held_since, site,
    added_at, how.
    """
    return read_connection(db).execute(_visible_keys, {"contract": contract_id}).all()


def added_key(db: Session, contract_id: int, added_id: int) -> AddedKey | None:
    """Return the added key if this contract sees it, else None."""
    mine = select(AddedKey).join(SiteKey, col(SiteKey.id) == AddedKey.key_id)
    return db.exec(
        mine.where(
            AddedKey.id == added_id, AddedKey.contract_id == contract_id, SiteKey.contract_id == contract_id
        )
    ).first()


def remove(db: Session, row: AddedKey) -> None:
    """Hide a key. It stays with its contract and may be added again."""
    db.delete(row)


def open_key(db: Session, key: SiteKey, contract_id: int, name: str, how: str, now: datetime) -> None:
    """Add a key to its contract; call inside `writing`."""
    db.connection().execute(delete(AddedKey).where(col(AddedKey.key_id) == key.id))  # the former holder's
    db.add(AddedKey(key_id=key.id, contract_id=contract_id, name=name, how=how, added_at=now))


def rename(db: Session, row: AddedKey, name: str, site_id: int | None) -> None:
    """Set the subscriber's name of a key and its site, unless the registry gives the site."""
    row.name = name
    key = db.get(SiteKey, row.key_id)
    if key and site_id and key.source != "registry":
        key.site_id = site_id
