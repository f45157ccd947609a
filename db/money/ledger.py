"""The ledger of a contract: signed kopecks, appended and never changed; triggers refuse other writes.

A debt is negative. The fee of a month is entered on the 1st of the next one, until then it is only
calculated (db/money/accruals). Reads take a Session or a plain Connection.
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
    # The sum of a contract is read on every home page: this index alone answers it.
    # Where the books of a contract begin is asked as often, and is one entry of its hundreds.
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
    """Enter signed kopecks once per `source`; None when that source is entered already. Call it inside
    `writing`.
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
    """Move kopecks from one contract to another, both halves or none; `notes` are the giver's and the
    taker's.
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
# An owner's own entries: made since the contract is theirs, and of a day that is theirs too.
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
    """Kopecks: the sum of all entries, without what is accrued and not yet entered. Pages show
    `accruals.balance`.
    """
    return db.execute(_total, {"contract": contract_id}).scalar_one()


def sum_before(db: Session | Connection, contract_id: int, day: date, since: datetime | None = None) -> int:
    """Kopecks: the sum of the entries of earlier days; with `since`, of all that `entries_between` leaves
    out.
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
    """The entries of these days, both included, oldest first.

    `since` is when the contract passed to its present owner: the entries before it are one sum on that day.
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
    """The newest entries with their sources, for the accountant."""
    newest = (
        select(LedgerEntry).where(LedgerEntry.contract_id == contract_id).order_by(col(LedgerEntry.id).desc())
    )
    return list(db.exec(newest.limit(limit)))
