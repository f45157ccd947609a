"""A hash chain over finished rows of the journal and the ledger; it detects changes made in spite of the
triggers.

A job seals whole batches afterwards, so no writer waits for it. Each seal hashes its rows and the previous
seal, and stores four bytes of each row's own hash, which identify a changed row. Retention removes the
journal by whole seals and keeps the last removed seal as the anchor of the chain. Rows are hashed as column
values, so a database moved to another engine verifies too.

Somebody with full access to the machine can rewrite the chain, but it will not match a hash noted elsewhere
(`litestar check` prints the newest one).
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Engine, LargeBinary
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, delete, func, select

from db import Instant, stamp, writing
from db.desk.view_log import Subject
from db.journal import Note
from db.money.ledger import LedgerEntry
from rules import hash_seals as rules

BATCH = 1000
FINISHED = timedelta(
    minutes=10
)  # how long an incomplete batch waits for more rows, so that a quiet day makes few seals
ROUNDS = 20  # most batches in one run: a database from before the seals is sealed gradually
MARK = 4
SEALED: dict[str, Any] = {"journal": Note, "ledger": LedgerEntry}


class Seal(SQLModel, table=True):
    """A batch of finished rows. `removed_before` means that retention removed its rows and the seal is the
    anchor of the chain.
    """

    __tablename__ = "audit_seal"
    __table_args__ = (UniqueConstraint("kind", "first_id"),)

    id: int = Field(default=None, primary_key=True)
    kind: str = Field(description="journal or ledger")
    first_id: int
    last_id: int
    rows: int
    hash: str = Field(description="SHA-256 of the previous hash and the rows, hex")
    previous: str = Field(description="the hash of the seal before, empty for the first")
    marks: bytes = Field(
        sa_type=LargeBinary, description="four bytes of each row's own SHA-256, in the order of ids"
    )
    sealed_at: datetime = Field(sa_type=Instant)
    removed_before: datetime | None = Field(default=None, sa_type=Instant)


@dataclass(frozen=True)
class BrokenSeal:
    """A place where the chain does not verify, in words for the operator."""

    kind: str
    first_id: int
    last_id: int
    words: str


def seal_new_rows(engine: Engine, settings: object, now: datetime) -> None:
    """Job: seal the rows written since the last run."""
    with Session(engine) as db:
        for kind in SEALED:
            for _ in range(ROUNDS):
                if seal(db, kind, now) < BATCH:
                    break


def seal(db: Session, kind: str, now: datetime) -> int:
    """Seal the next batch that is full or ten minutes old and return the number of rows. Rows are read and
    hashed before the write transaction begins.
    """
    db.rollback()
    last = latest_seal(db, kind)
    rows = _rows(db, kind, last.last_id if last else 0, None, BATCH)
    if len(rows) < BATCH and not (rows and _row_time(db, kind, rows[0][0]) < now - FINISHED):
        return 0
    previous = last.hash if last else ""
    row = Seal(
        kind=kind,
        first_id=rows[0][0],
        last_id=rows[-1][0],
        rows=len(rows),
        previous=previous,
        hash=_hash(previous, rows),
        marks=_marks(rows),
        sealed_at=now,
    )
    with writing(db):
        newest = latest_seal(db, kind)
        if (newest and newest.id) == (last and last.id):  # another process may have sealed first
            db.add(row)
    return len(rows)


def _row_time(db: Session, kind: str, id_: int) -> datetime:
    model = SEALED[kind]
    return db.exec(select(model.at).where(model.id == id_)).one()


def latest_seal(db: Session, kind: str) -> Seal | None:
    found = select(Seal).where(Seal.kind == kind).order_by(col(Seal.first_id).desc()).limit(1)
    return db.exec(found.execution_options(populate_existing=True)).first()


def count_unsealed(db: Session, kind: str, before: datetime) -> int:
    """Return how many rows written before `before` are not sealed yet."""
    last, model = latest_seal(db, kind), SEALED[kind]
    return db.exec(
        select(func.count()).where(model.id > (last.last_id if last else 0), model.at < before)
    ).one()


def verify(db: Session, kind: str, newest: int | None = None) -> Iterator[BrokenSeal]:
    """Yield the places where the chain is broken: over the whole chain, or over its newest seals only."""
    found = select(Seal).where(Seal.kind == kind).order_by(col(Seal.first_id).desc())
    ids = list(db.exec(found.with_only_columns(Seal.id).limit(None if newest is None else newest + 1)))  # type: ignore[call-overload]
    before: Seal | None = None
    for id_ in reversed(ids):
        one = db.get_one(Seal, id_)
        if newest is None or before is not None or len(ids) <= newest:
            yield from _check(db, one, before)
        before = one
        db.expunge(one)  # so that a long journal is not held in memory
    if before is None and newest is None and _rows(db, kind, 0, None, 1):
        yield BrokenSeal(kind, 0, 0, rules.no_seals(kind))


def _check(db: Session, one: Seal, before: Seal | None) -> Iterator[BrokenSeal]:
    if before is None and one.previous and not one.removed_before:
        yield _broken(one, rules.NO_SEAL_BEFORE)
    if before is not None and one.previous != before.hash:
        yield _broken(one, rules.not_a_continuation(before.id))
    start = before.last_id if before else (0 if not one.removed_before else None)
    if one.removed_before:
        if _rows(db, one.kind, 0, one.last_id, 1):
            yield _broken(one, rules.REMOVED_ROWS_ARE_BACK)
        return
    rows = _rows(db, one.kind, start if start is not None else one.first_id - 1, one.last_id, None)
    if _hash(one.previous, rows) != one.hash:
        yield _difference(one, rows)


def _broken(one: Seal, fault: str, row_id: int | None = None) -> BrokenSeal:
    """Return a fault of the whole seal, or of one of its rows."""
    words = rules.seal_words(one.kind, one.id, one.first_id, one.last_id, fault)
    return BrokenSeal(one.kind, row_id or one.first_id, row_id or one.last_id, words)


def _difference(one: Seal, rows: Sequence[Sequence[Any]]) -> BrokenSeal:
    """Return the first row that differs from the sealed one."""
    marks = [one.marks[n : n + MARK] for n in range(0, len(one.marks), MARK)]
    for n, row in enumerate(rows):
        if n >= len(marks) or _mark(row) != marks[n]:
            row_id = int(row[0])
            return _broken(one, rules.row_fault(row_id, len(marks) - len(rows)), row_id)
    return _broken(one, rules.LAST_ROWS_LOST if len(rows) < len(marks) else rules.SEAL_CHANGED)


def remove_oldest(db: Session, before: datetime) -> int:
    """Remove the journal rows of the oldest seal when all of them are older than `before`; return how many.
    Inside `writing`.
    """
    old = (
        select(Seal)
        .where(Seal.kind == "journal", col(Seal.removed_before).is_(None))
        .order_by(col(Seal.first_id))
        .limit(1)
    )
    one = db.exec(old.execution_options(populate_existing=True)).first()
    if one is None:
        return 0
    span = col(Note.id).between(one.first_id, one.last_id)
    if db.exec(select(Note.id).where(span, Note.at >= before).limit(1)).first() is not None:
        return 0
    connection = db.connection()
    connection.execute(delete(Subject).where(col(Subject.journal_id).between(one.first_id, one.last_id)))
    connection.execute(delete(Note).where(span))
    connection.execute(delete(Seal).where(col(Seal.kind) == "journal", col(Seal.removed_before).is_not(None)))
    one.removed_before, one.marks = before, b""
    db.add(one)
    return one.rows


def _rows(db: Session, kind: str, after: int, until: int | None, limit: int | None) -> list[list[Any]]:
    """Return the values of rows with ids above `after`, ordered by id; the same on both engines."""
    table = SEALED[kind].__table__
    found = select(*table.c).where(table.c.id > after).order_by(table.c.id)
    if until is not None:
        found = found.where(table.c.id <= until)
    return [[_plain(value) for value in row] for row in db.connection().execute(found.limit(limit))]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return stamp(value)
    return value.isoformat() if isinstance(value, date) else value


def _encode(row: Sequence[Any]) -> bytes:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()


def _mark(row: Sequence[Any]) -> bytes:
    return sha256(_encode(row)).digest()[:MARK]


def _marks(rows: Sequence[Sequence[Any]]) -> bytes:
    return b"".join(map(_mark, rows))


def _hash(previous: str, rows: Sequence[Sequence[Any]]) -> str:
    whole = sha256(previous.encode())
    for row in rows:
        whole.update(_encode(row) + b"\n")
    return whole.hexdigest()
