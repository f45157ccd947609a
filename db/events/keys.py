"""Keys: the numbers under which the station knows a site or a part of it (manual §3.4, SPEC §3.4).

The registry says whose a key is (`Key`); a subscriber sees its events only once they have added it
(`AddedKey`).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam
from sqlmodel import Field, Session, SQLModel, col, delete, select

from db import Instant
from db.people.contracts import Site
from db.prepared_reads import reader


class Key(SQLModel, table=True):
    """What the registry says belongs to whom."""

    id: int = Field(default=None, primary_key=True)
    number: str = Field(unique=True, description="as the station writes it")
    contract_id: int = Field(foreign_key="contract.id", index=True)
    site_id: int | None = Field(default=None, foreign_key="site.id", index=True)
    source: str = Field(default="registry", description="registry, proof or desk: who said it belongs there")
    held_since: datetime | None = Field(
        default=None,
        sa_type=Instant,
        description="events before it belong to a former holder and are not shown",
    )


class AddedKey(SQLModel, table=True):
    """A key its contract has opened; it stops showing when the registry gives the key to another contract."""

    __tablename__ = "added_key"
    __table_args__ = {"sqlite_autoincrement": True}

    id: int = Field(default=None, primary_key=True)
    key_id: int = Field(foreign_key="key.id", unique=True)
    contract_id: int = Field(foreign_key="contract.id", index=True)
    name: str = Field(default="", description="what the subscriber calls it, «дача»")
    how: str = Field(description="registry, proof or desk")
    added_at: datetime = Field(sa_type=Instant)


def of(db: Session, contract_id: int) -> list[Key]:
    return list(db.exec(select(Key).where(Key.contract_id == contract_id).order_by(col(Key.number))))


def numbered(db: Session, number: str) -> Key | None:
    return db.exec(select(Key).where(Key.number == number)).first()


_shown = (
    select(  # type: ignore[call-overload]
        AddedKey.id,
        Key.id.label("key_id"),  # type: ignore[union-attr]
        Key.number,
        AddedKey.name,
        Key.site_id,
        Key.held_since,  # type: ignore[union-attr]
        Site.name.label("site"),
        AddedKey.added_at,
        AddedKey.how,  # type: ignore[attr-defined]
    )
    .join(Key, col(Key.id) == AddedKey.key_id)
    .outerjoin(Site, col(Site.id) == Key.site_id)
    .where(col(AddedKey.contract_id) == bindparam("contract"), col(Key.contract_id) == AddedKey.contract_id)
    .order_by(col(Key.site_id), col(AddedKey.id))
)


def shown(db: Session | Connection, contract_id: int) -> Sequence[Any]:
    """The keys whose events this contract sees: id, key_id, number, name, site_id, held_since, site,
    added_at, how.
    """
    return reader(db).execute(_shown, {"contract": contract_id}).all()


def added(db: Session, contract_id: int, added_id: int) -> AddedKey | None:
    """The added key if it shows to this contract, else None."""
    mine = select(AddedKey).join(Key, col(Key.id) == AddedKey.key_id)
    return db.exec(
        mine.where(
            AddedKey.id == added_id, AddedKey.contract_id == contract_id, Key.contract_id == contract_id
        )
    ).first()


def remove(db: Session, row: AddedKey) -> None:
    """Stop showing a key; the key itself stays with its contract and may be added again."""
    db.delete(row)


def open_to(db: Session, key: Key, contract_id: int, name: str, how: str, now: datetime) -> None:
    """Show a key to its contract; call inside `writing`."""
    db.connection().execute(delete(AddedKey).where(col(AddedKey.key_id) == key.id))  # a former holder's
    db.add(AddedKey(key_id=key.id, contract_id=contract_id, name=name, how=how, added_at=now))


def rename(db: Session, row: AddedKey, name: str, site_id: int | None) -> None:
    """What the subscriber calls a key and, where the registry does not say, which of the contract's sites it
    guards.
    """
    row.name = name
    key = db.get(Key, row.key_id)
    if key and site_id and key.source != "registry":
        key.site_id = site_id
