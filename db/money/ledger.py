"""The ledger of a contract: signed kopecks, append-only; database triggers refuse UPDATE and DELETE.

A debt is negative. The fee of a month is posted on the 1st of the next month; until then it is only
calculated (db/money/accruals). Functions that read accept a Session or a plain Connection.
"""

from datetime import date, datetime

from sqlalchemy import bindparam
from sqlalchemy.engine import Connection
from sqlmodel import Field, Index, Session, SQLModel, col, func, select, text

from db import Instant
from db.money import debts
from rules import days
from rules.money.statement import BALANCE_AT_TRANSFER, Entry

KINDS = ("opening", "fee", "payment", "refund", "correction", "transfer")
INCOMING, OUTGOING = {"payment"}, {"fee", "refund"}


class LedgerEntry(SQLModel, table=True):
    __tablename__ = "ledger_entry"
    # Every home page reads the sum of a contract; the first index answers it without the table. Every home
    # page also reads the opening entry, one among hundreds, so it has a partial index.
    __table_args__ = (
        Index("ix_ledger_entry_contract_id_day_amount", "contract_id", "day", "amount"),
        Index(
            "ix_ledger_entry_opening",
            "contract_id",
            "day",
            sqlite_where=text("kind = 'opening'"),
            postgresql_where=text("kind = 'opening'"),
        ),
    )

    id: int = Field(default=None, primary_key=True)
    contract_id: int = Field(foreign_key="contract.id")
    day: date = Field(description="the Moscow day it counts for")
    at: datetime = Field(sa_type=Instant)
    amount: int = Field(description="kopecks; what the subscriber owes is negative")
    kind: str = Field(description="opening, fee, payment, refund, correction or transfer")
    source: str = Field(unique=True, description="what it stands for, so that nothing is entered twice")
    note: str = Field(default="", description="what the subscriber reads beside it")


def add(
    db: Session,
    contract_id: int,
    amount: int,
    kind: str,
    source: str,
    *,
    day: date,
    now: datetime,
    note: str = "",
) -> LedgerEntry | None:
    """Add an entry of signed kopecks, once per `source`. Inside `writing`.

    Returns None if that source is posted already. Raises ValueError for an unknown kind or a wrong sign.
    """
    if kind not in KINDS or (kind in INCOMING and amount <= 0) or (kind in OUTGOING and amount >= 0):
        raise ValueError(f"no such entry: {kind} of {amount}")
    if is_entered(db, source):
        return None
    entry = LedgerEntry(
        contract_id=contract_id, day=day, at=now, amount=amount, kind=kind, source=source, note=note
    )
    db.add(entry)
    db.flush()
    debts.apply_entry(db, contract_id, amount, kind, day)
    return entry


def transfer(
    db: Session,
    giver: int,
    taker: int,
    amount: int,
    source: str,
    *,
    day: date,
    now: datetime,
    notes: tuple[str, str],
) -> None:
    """Move kopecks from one contract to another: both entries or neither.

    `notes` are the texts for the giving and the receiving contract.
    """
    if amount <= 0:
        raise ValueError("a transfer moves something")
    add(db, giver, -amount, "transfer", f"{source}:out", day=day, now=now, note=notes[0])
    add(db, taker, amount, "transfer", f"{source}:in", day=day, now=now, note=notes[1])


def is_entered(db: Session, source: str) -> bool:
    return db.exec(select(LedgerEntry.id).where(LedgerEntry.source == source)).first() is not None


_of_contract = col(LedgerEntry.contract_id) == bindparam("contract")
_sum = func.coalesce(func.sum(LedgerEntry.amount), 0)
_total = select(_sum).where(_of_contract)
_before = select(_sum).where(_of_contract, col(LedgerEntry.day) < bindparam("day"))
_between = (
    select(LedgerEntry.day, LedgerEntry.kind, LedgerEntry.amount, LedgerEntry.note)  # type: ignore[call-overload]
    .where(_of_contract, col(LedgerEntry.day).between(bindparam("first"), bindparam("last")))
    .order_by(col(LedgerEntry.day), col(LedgerEntry.id))
)
# The entries of the present owner: made after the contract passed to them, for days since then.
_own = (
    _of_contract,
    col(LedgerEntry.at) > bindparam("since", type_=Instant),
    col(LedgerEntry.day) >= bindparam("day"),
)
_own_total = select(_sum).where(*_own)
_own_between = (
    select(LedgerEntry.day, LedgerEntry.kind, LedgerEntry.amount, LedgerEntry.note)  # type: ignore[call-overload]
    .where(*_own, col(LedgerEntry.day).between(bindparam("first"), bindparam("last")))
    .order_by(col(LedgerEntry.day), col(LedgerEntry.id))
)


def total(db: Session | Connection, contract_id: int) -> int:
    """Return the sum of all entries in kopecks, without what is accrued and not posted.

    Pages show `accruals.balance` instead.
    """
    return db.execute(_total, {"contract": contract_id}).scalar_one()


def sum_before(db: Session | Connection, contract_id: int, day: date, since: datetime | None = None) -> int:
    """Return the sum in kopecks of the entries of earlier days.

    With `since` (when the contract passed to its present owner) it is the sum of all entries except the
    owner's own of `day` and later; 0 for days up to the transfer.
    """
    if since is None:
        return db.execute(_before, {"contract": contract_id, "day": day}).scalar_one()
    if day <= days.today(since):
        return 0
    own = {"contract": contract_id, "since": since, "day": day}
    return total(db, contract_id) - db.execute(_own_total, own).scalar_one()


def entries_between(
    db: Session | Connection, contract_id: int, first: date, last: date, since: datetime | None = None
) -> list[Entry]:
    """Return the entries of these days, first and last included, oldest first.

    `since` is when the contract passed to its present owner. Earlier entries are replaced by one entry on
    that day with their sum.
    """
    parameters = {"contract": contract_id, "first": first, "last": last}
    if since is None:
        rows = db.execute(_between, parameters)
        return [Entry(day, kind, amount, note) for day, kind, amount, note in rows]
    own = {"since": since, "day": days.today(since)}
    rows = db.execute(_own_between, parameters | own)
    found = [Entry(day, kind, amount, note) for day, kind, amount, note in rows]
    if first <= own["day"] <= last:
        left = total(db, contract_id) - db.execute(_own_total, {"contract": contract_id} | own).scalar_one()
        found.insert(0, Entry(own["day"], "opening", left, BALANCE_AT_TRANSFER))
    return found


def newest_entries(db: Session, contract_id: int, limit: int = 100) -> list[LedgerEntry]:
    """Return the newest entries with their sources, for the accountant."""
    newest = (
        select(LedgerEntry).where(LedgerEntry.contract_id == contract_id).order_by(col(LedgerEntry.id).desc())
    )
    return list(db.exec(newest.limit(limit)))
