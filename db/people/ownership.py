"""Whose a row is after a contract has passed to another subscriber.

A row that names its subscriber is that subscriber's. A row that names only a contract belongs to whoever
owned the contract at the row's own instant: since `contract.owned_since` the present owner, before that a
former one (`FormerOwner`). Pages use `present_owner_clause`, the archive and the export of the journal
`owner_clause`; both read the tables below, and every table with a `contract_id` must be in one (152-ФЗ art.
7: nobody is shown another person's data).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, exists, or_, true
from sqlmodel import Field, Session, SQLModel, col, delete, func, select

from db import Instant
from db.people.contracts import Contract

# Tables whose rows have an instant of their own, and its column.
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
# These pass to the next owner, and the former one's archive no longer contains them.
PASSED_ON = {
    "site": "the premises themselves, as the registry names them",
    "service": "what the contract pays for; its mobile is set anew at the hand-over",
    "key": "the number of a panel on the premises; its events are shown only since `held_since`",
}
# Personal wishes and names: deleted at the hand-over.
DELETED_AT_HANDOVER = ("watch", "payment_template", "added_key", "key_name", "quiet_hours")
# Owned through another table.
OWNED_THROUGH = {"refund": "request"}
# Never shown to a subscriber nor exported, so a former owner's rows harm nobody.
NEVER_SHOWN = {
    "session": "opens only while its subscriber owns its contract",
    "code": "bound to a session and a subscriber",
    "unsent_form": "shown only to the person who typed it, for a day",
    "outbox": "sent, not shown; its texts are emptied in time",
    "debt": "reckoned anew each day for the desk",
    "search": "the desk's index",
    "notice_contract": "operator's notices, shown by their days (db/people/announcements)",
}


IDS_PER_STATEMENT = 5000  # ids in one statement: engines limit the number of parameters


class FormerOwner(SQLModel, table=True):
    """Who owned a contract before, after `since` (None: from its beginning) through `until`."""

    __tablename__ = "former_owner"

    id: int = Field(default=None, primary_key=True)
    contract_id: int = Field(foreign_key="contract.id", index=True)
    subscriber_id: int = Field(foreign_key="subscriber.id", index=True)
    since: datetime | None = Field(default=None, sa_type=Instant)
    until: datetime = Field(sa_type=Instant)


def present_owner_clause(contract_id: Any, at: Any) -> ColumnElement[bool]:
    """Return a clause for rows read by contract that excludes those of a former owner."""
    began = select(Contract.owned_since).where(Contract.id == contract_id).scalar_subquery()
    return func.coalesce(at > began, true())


def owner_clause(table: Table, subscriber_id: int) -> ColumnElement[bool] | None:
    """Return a clause for the rows of this subscriber in a table with `subscriber_id` or `contract_id`; None
    when it has neither.

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
    """Return the present and former owners of these contracts."""
    found: set[int] = set()
    every = sorted(contract_ids)
    for ids in (every[n : n + IDS_PER_STATEMENT] for n in range(0, len(every), IDS_PER_STATEMENT)):
        found.update(db.exec(select(Contract.subscriber_id).where(col(Contract.id).in_(ids))))
        found.update(db.exec(select(FormerOwner.subscriber_id).where(col(FormerOwner.contract_id).in_(ids))))
    return found


def ownership_start(db: Session, contract_id: int) -> datetime | None:
    """Return when the present owner took the contract over; None for the first owner."""
    return db.exec(select(Contract.owned_since).where(Contract.id == contract_id)).first()


def hand_over(db: Session, contract_id: int, former_id: int, now: datetime) -> None:
    """End the former owner's period: later rows belong to the next owner. Inside `writing`."""
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
