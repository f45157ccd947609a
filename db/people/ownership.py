"""Whose a row is, after a contract has passed to another subscriber: «mine, within ownership».

A row that names its subscriber is that subscriber's. A row that names only a contract belongs to whoever
owned the contract at the row's own instant: since `contract.owned_since` to the present owner, before that to
a former one (`FormerOwner`). Pages ask `present`, the archive and the export of the journal `owner_clause`;
both read the tables below, and every one with a `contract_id` must stand in it (152-ФЗ art. 7: nobody is
shown another person's data).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, exists, or_, true
from sqlmodel import Field, Session, SQLModel, col, delete, func, select

from db import Instant
from db.people.contracts import Contract

# Each row has an instant of its own: the column that says when it came to be.
INSTANTS = {
    "alarm_note": "at",
    "autopay": "asked_at",
    "autopay_due": "noticed_at",
    "autopay_try": "at",
    "correction": "asked_at",
    "journal": "at",
    "key_try": "at",
    "ledger_entry": "at",
    "payment": "created_at",
    "receipt": "put_at",
}
# These go with the contract to its next owner, and the former one's archive has them no more.
PASSED_ON = {
    "site": "the premises themselves, as the registry names them",
    "service": "what the contract pays for; its mobile is set anew at the hand-over",
    "key": "the number of a panel on the premises; its events are shown only since `held_since`",
}
# The wishes and names of one person: deleted at the hand-over.
DELETED_AT_HANDOVER = ("watch", "payment_template", "added_key", "key_name", "quiet_hours")
# Known by something else than the contract.
OWNED_THROUGH = {"refund": "request"}
# Shown to no subscriber and in nobody's archive, so a former owner's rows harm nobody there.
NEVER_SHOWN = {
    "session": "opens only while its subscriber owns its contract",
    "code": "bound to a session and a subscriber",
    "outbox": "sent, not shown; its texts are emptied in time",
    "debt": "reckoned anew each day for the desk",
    "search": "the desk's index",
    "notice_contract": "operator's notices, shown by their days (db/people/announcements)",
}


IDS_PER_STATEMENT = 5000  # ids in one statement: engines bound how many values it may carry


class FormerOwner(SQLModel, table=True):
    """Who owned a contract before, after `since` (None: from its beginning) up to and with `until`."""

    __tablename__ = "former_owner"

    id: int = Field(default=None, primary_key=True)
    contract_id: int = Field(foreign_key="contract.id", index=True)
    subscriber_id: int = Field(foreign_key="subscriber.id", index=True)
    since: datetime | None = Field(default=None, sa_type=Instant)
    until: datetime = Field(sa_type=Instant)


def present_owner_clause(contract_id: Any, at: Any) -> ColumnElement[bool]:
    """A clause for what a page reads by contract: what happened in a former owner's days is not for the
    present one.
    """
    began = select(Contract.owned_since).where(Contract.id == contract_id).scalar_subquery()
    return func.coalesce(at > began, true())


def owner_clause(table: Table, subscriber_id: int) -> ColumnElement[bool] | None:
    """Which rows of a table with `subscriber_id` or `contract_id` are this subscriber's; None when it has
    neither.

    LookupError for a table with a contract that is not named above.

    """
    named = table.c.subscriber_id == subscriber_id if "subscriber_id" in table.c else None
    if "contract_id" not in table.c:
        return named
    if named is None:
        return _contract_owner_clause(table, subscriber_id)
    if not table.c.subscriber_id.nullable:
        return named
    return or_(named, and_(table.c.subscriber_id.is_(None), _contract_owner_clause(table, subscriber_id)))


def _contract_owner_clause(table: Table, subscriber_id: int) -> ColumnElement[bool]:
    own = table.c.contract_id.in_(select(Contract.id).where(col(Contract.subscriber_id) == subscriber_id))
    if table.name in PASSED_ON or table.name in DELETED_AT_HANDOVER:
        return own
    if table.name not in INSTANTS:
        raise LookupError(f"db/people/ownership.py does not say whose the rows of {table.name} are")
    at = table.c[INSTANTS[table.name]]
    owned_then = table.c.contract_id.in_(
        select(FormerOwner.contract_id).where(FormerOwner.subscriber_id == subscriber_id)
    )
    then = exists().where(
        col(FormerOwner.contract_id) == table.c.contract_id,
        col(FormerOwner.subscriber_id) == subscriber_id,
        or_(col(FormerOwner.since).is_(None), at > FormerOwner.since),
        at <= FormerOwner.until,
    )
    return or_(and_(own, present_owner_clause(table.c.contract_id, at)), and_(owned_then, then))


def all_owners(db: Session, contract_ids: set[int]) -> set[int]:
    """Everybody whose data may lie in these contracts: their present and former owners."""
    found: set[int] = set()
    every = sorted(contract_ids)
    for ids in (every[n : n + IDS_PER_STATEMENT] for n in range(0, len(every), IDS_PER_STATEMENT)):
        found.update(db.exec(select(Contract.subscriber_id).where(col(Contract.id).in_(ids))))
        found.update(db.exec(select(FormerOwner.subscriber_id).where(col(FormerOwner.contract_id).in_(ids))))
    return found


def ownership_start(db: Session, contract_id: int) -> datetime | None:
    """When the contract became its present owner's; None: theirs from its beginning."""
    return db.exec(select(Contract.owned_since).where(Contract.id == contract_id)).first()


def hand_over(db: Session, contract_id: int, former_id: int, now: datetime) -> None:
    """End the former owner's days: what is written later is the next one's. Inside `writing`."""
    contract = db.get_one(Contract, contract_id, populate_existing=True)
    db.add(
        FormerOwner(contract_id=contract_id, subscriber_id=former_id, since=contract.owned_since, until=now)
    )
    contract.owned_since, contract.unread = now, 0
    db.add(contract)
    db.flush()
    for name in DELETED_AT_HANDOVER:
        table = SQLModel.metadata.tables[name]
        db.connection().execute(delete(table).where(table.c.contract_id == contract_id))
