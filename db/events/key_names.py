"""A subscriber's own names for the users and zones of a key, shown in the feed: «Анна», «кухня»."""

from sqlalchemy import Connection, bindparam
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select

from db.events.keys import AddedKey
from db.prepared_reads import read_connection


class KeyName(SQLModel, table=True):
    """The name of one user or zone of a key."""

    __tablename__ = "key_name"
    __table_args__ = (UniqueConstraint("key_id", "contract_id", "what", "number"),)

    id: int = Field(default=None, primary_key=True)
    key_id: int = Field(foreign_key="key.id")
    contract_id: int = Field(foreign_key="contract.id", index=True)
    what: str = Field(description="user or zone")
    number: str = Field(description="without leading zeros")
    name: str


def names_of(db: Session | Connection, contract_id: int) -> dict[tuple[int, str, str], str]:
    """Return {(key_id, "user" or "zone", number): name}."""
    rows = read_connection(db).execute(_names, {"contract": contract_id})
    return {(row.key_id, row.what, row.number): row.name for row in rows}


_names = select(KeyName.key_id, KeyName.what, KeyName.number, KeyName.name).where(
    col(KeyName.contract_id) == bindparam("contract")
)


def set_name(db: Session, row: AddedKey, what: str, number: str, name: str) -> None:
    """Store the name of a user or a zone of an added key; an empty name deletes the stored one."""
    mine = (
        KeyName.key_id == row.key_id,
        KeyName.contract_id == row.contract_id,
        KeyName.what == what,
        KeyName.number == number,
    )
    found = db.exec(select(KeyName).where(*mine)).first()
    if found and not name:
        db.delete(found)
    elif found:
        found.name = name
        db.add(found)
    elif name:
        db.add(KeyName(key_id=row.key_id, contract_id=row.contract_id, what=what, number=number, name=name))
