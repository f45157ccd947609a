"""A copy of everything kept of a subscriber, for themselves: asked for, made by a job, sealed, gone after a
day (SPEC §3.5).
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Engine, LargeBinary
from sqlmodel import Field, Session, SQLModel, col, delete, select, update
from sqlmodel.sql.expression import SelectOfScalar

from db import Instant, export_contents, sealing, writing
from db.people import notification_preferences
from db.requests.sealed_attachments import NONCE
from settings import Settings

LIFE = timedelta(hours=24)
STUCK = timedelta(minutes=15)
MEGABYTE = 1 << 20


class Export(SQLModel, table=True):
    """Asked → taken by a job → made (for a day) → gone."""

    id: int = Field(default=None, primary_key=True)
    subscriber_id: int = Field(foreign_key="subscriber.id", index=True)
    contract_id: int = Field(foreign_key="contract.id")
    asked_at: datetime = Field(sa_type=Instant)
    taken_at: datetime | None = Field(default=None, sa_type=Instant)
    made_at: datetime | None = Field(default=None, sa_type=Instant)
    gone_at: datetime | None = Field(default=None, sa_type=Instant)
    size: int = 0
    pieces: int = 0
    key_id: str = ""


class ExportPiece(SQLModel, table=True):
    __tablename__ = "export_piece"

    export_id: int = Field(primary_key=True, foreign_key="export.id")
    n: int = Field(primary_key=True)
    data: bytes = Field(sa_type=LargeBinary, description="nonce and sealed bytes")


def ask(db: Session, subscriber_id: int, contract_id: int, now: datetime) -> Export:
    """One at a time: while one is being made or lies ready, that one is given. Call inside `writing`."""
    if (last := latest(db, subscriber_id)) and not last.gone_at and not late(last, now):
        return last
    row = Export(subscriber_id=subscriber_id, contract_id=contract_id, asked_at=now)
    db.add(row)
    db.flush()
    return row


def latest(db: Session, subscriber_id: int) -> Export | None:
    mine = select(Export).where(Export.subscriber_id == subscriber_id)
    return db.exec(mine.order_by(col(Export.id).desc()).limit(1)).first()


def late(row: Export, now: datetime) -> bool:
    return row.made_at is not None and row.made_at <= now - LIFE


def ready(db: Session, subscriber_id: int, export_id: int, now: datetime) -> Export | None:
    """A copy that may still be taken, if it is this subscriber's."""
    row = db.get(Export, export_id)
    mine = row is not None and row.subscriber_id == subscriber_id
    return row if row and mine and row.made_at and not row.gone_at and not late(row, now) else None


def waiting(db: Session, now: datetime) -> list[int]:
    """Asked for and not being made, or begun by a job that died."""
    free = col(Export.taken_at).is_(None) | (col(Export.taken_at) < now - STUCK)
    return [one for one in db.exec(select(Export.id).where(col(Export.made_at).is_(None), free)) if one]


def claim(db: Session, export_id: int, now: datetime) -> Export | None:
    """Call inside `writing`; None when another job has it."""
    free = col(Export.taken_at).is_(None) | (col(Export.taken_at) < now - STUCK)
    taken = db.connection().execute(
        update(Export).where(col(Export.id) == export_id, free).values(taken_at=now)
    )
    return db.get(Export, export_id) if taken.rowcount == 1 else None


def keep(db: Session, export_id: int, keys: Sequence[str], parts: Iterable[bytes], now: datetime) -> Export:
    """Seal the copy piece by piece under the newest key; each piece bound to its place. Call inside
    `writing`.
    """
    row = db.get_one(Export, export_id)
    box, n, size = sealing.box(keys[-1]), 0, 0
    for n, part in enumerate(parts, 1):
        nonce = os.urandom(NONCE)
        db.add(
            ExportPiece(export_id=export_id, n=n, data=nonce + box.encrypt(nonce, part, _place(export_id, n)))
        )
        size += len(part)
    row.made_at, row.pieces, row.size, row.key_id = now, n, size, sealing.key_id(keys[-1])
    db.add(row)
    return row


def make(engine: Engine, settings: Settings, now: datetime) -> None:
    """Job: make what was asked for, one at a time, erase what is a day old; whoever asked is told it is
    ready.
    """
    with Session(engine) as db:
        asked, old = waiting(db, now), late_ones(db, now)
    if old:
        with Session(engine) as db, writing(db):
            sweep(db, now)
    for export_id in asked:
        with Session(engine, expire_on_commit=False) as db:
            with writing(db):
                row = claim(db, export_id, now)
            if row:
                _make(db, row, settings, now)


def _make(db: Session, row: Export, settings: Settings, now: datetime) -> None:
    with export_contents.write(db, row.subscriber_id, settings.attachment_keys, now) as packed, writing(db):
        keep(db, row.id, settings.attachment_keys, iter(lambda: packed.read(MEGABYTE), b""), now)
        notification_preferences.tell(
            db,
            row.subscriber_id,
            "answer",
            "Копия ваших данных готова. Сутки её можно скачать в настройках кабинета.",
            now,
            contract_id=row.contract_id,
            subject="Копия данных готова",
        )


def late_ones(db: Session, now: datetime) -> list[int]:
    """Copies whose day is over and which still lie in the file."""
    old = select(Export.id).where(col(Export.made_at) <= now - LIFE, col(Export.gone_at).is_(None))
    return [one for one in db.exec(old) if one]


def read(db: Session, keys: Sequence[str], row: Export) -> Iterator[bytes]:
    """The copy piece by piece; LookupError when its key left the list, InvalidTag when a byte was changed."""
    box = sealing.box_of(keys, row.key_id, f"export {row.id}")
    for n in range(1, row.pieces + 1):
        sealed = db.get_one(ExportPiece, (row.id, n)).data
        yield box.decrypt(sealed[:NONCE], sealed[NONCE:], _place(row.id, n))


def unopened(db: Session, keys: Sequence[str]) -> int:
    """Copies that lie ready and whose key is not in the list."""
    known = [sealing.key_id(key) for key in keys]
    return len(db.exec(_ready().where(col(Export.key_id).not_in(known))).all())


def reseal(engine: Engine, keys: Sequence[str]) -> int:
    """Copies that lie ready, under the newest key; how many were moved."""
    newest = sealing.key_id(keys[-1])
    with Session(engine) as db, writing(db):
        rows = db.exec(_ready().where(Export.key_id != newest)).all()
        for row in rows:
            parts = list(read(db, keys, row))
            db.connection().execute(delete(ExportPiece).where(col(ExportPiece.export_id) == row.id))
            db.expire_all()
            keep(db, row.id, keys, parts, row.made_at or row.asked_at)
    return len(rows)


def _ready() -> SelectOfScalar[Export]:
    return select(Export).where(col(Export.made_at).is_not(None), col(Export.gone_at).is_(None))


def _place(export_id: int, n: int) -> bytes:
    return b"export" + export_id.to_bytes(8, "big") + n.to_bytes(4, "big")


def sweep(db: Session, now: datetime) -> None:
    """A day after it was made a copy is erased; call inside `writing`."""
    ids = late_ones(db, now)
    if ids:
        db.connection().execute(delete(ExportPiece).where(col(ExportPiece.export_id).in_(ids)))
        db.connection().execute(update(Export).where(col(Export.id).in_(ids)).values(gone_at=now))
