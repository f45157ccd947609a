"""Exports of a subscriber's own data: requested, made by a job, sealed, removed after a day."""

import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Engine, LargeBinary, or_
from sqlmodel import Field, Session, SQLModel, col, delete, select, update
from sqlmodel.sql.expression import SelectOfScalar

from db import Instant, export_contents, leases, sealing, writing
from db.people import notification_preferences
from db.requests.sealed_attachments import NONCE
from rules.messages import EXPORT_READY
from settings import Settings

LIFE = timedelta(hours=24)
CLAIM_EXPIRES = timedelta(minutes=15)
MEGABYTE = 1 << 20


class Export(SQLModel, table=True):
    """States: requested → claimed by a job → made (for a day) → removed."""

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


def request(db: Session, subscriber_id: int, contract_id: int, now: datetime) -> Export:
    """Request an export; the one being made or ready is returned instead. Inside `writing`."""
    if (last := latest_export(db, subscriber_id)) and not last.gone_at and not is_expired(last, now):
        return last
    row = Export(subscriber_id=subscriber_id, contract_id=contract_id, asked_at=now)
    db.add(row)
    db.flush()
    return row


def latest_export(db: Session, subscriber_id: int) -> Export | None:
    mine = select(Export).where(Export.subscriber_id == subscriber_id)
    return db.exec(mine.order_by(col(Export.id).desc()).limit(1)).first()


def is_expired(row: Export, now: datetime) -> bool:
    return row.made_at is not None and row.made_at <= now - LIFE


def ready_export(db: Session, subscriber_id: int, export_id: int, now: datetime) -> Export | None:
    """Return an export that can still be downloaded, if it belongs to this subscriber."""
    row = db.get(Export, export_id)
    mine = row is not None and row.subscriber_id == subscriber_id
    return row if row and mine and row.made_at and not row.gone_at and not is_expired(row, now) else None


def due_exports(db: Session, now: datetime) -> list[int]:
    """Return ids of exports that no job is making, or whose job died."""
    return list(db.exec(select(Export.id).where(col(Export.made_at).is_(None), _is_free(now))))


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(col(Export.taken_at).is_(None), col(Export.taken_at) < now - CLAIM_EXPIRES)


def claim(db: Session, export_id: int, now: datetime) -> Export | None:
    """Claim an export for fifteen minutes; None when another job has it. Inside `writing`."""
    claimed = leases.claim(db, Export, export_id, _is_free(now), taken_at=now)
    return db.get(Export, export_id) if claimed else None


def store(db: Session, export_id: int, keys: Sequence[str], parts: Iterable[bytes], now: datetime) -> Export:
    """Seal the export in chunks under the newest key, each bound to its position. Inside `writing`."""
    row = db.get_one(Export, export_id)
    box, n, size = sealing.make_cipher(keys[-1]), 0, 0
    for n, part in enumerate(parts, 1):
        nonce = os.urandom(NONCE)
        db.add(
            ExportPiece(
                export_id=export_id, n=n, data=nonce + box.encrypt(nonce, part, _binding(export_id, n))
            )
        )
        size += len(part)
    row.made_at, row.pieces, row.size, row.key_id = now, n, size, sealing.key_id(keys[-1])
    db.add(row)
    return row


def make_due(engine: Engine, settings: Settings, now: datetime) -> None:
    """Job: make the requested exports, remove those older than a day, and notify the subscribers."""
    with Session(engine) as db:
        due, old = due_exports(db, now), expired_exports(db, now)
    if old:
        with Session(engine) as db, writing(db):
            remove_expired(db, now)
    for export_id in due:
        with Session(engine, expire_on_commit=False) as db:
            with writing(db):
                row = claim(db, export_id, now)
            if row:
                _make_one(db, row, settings, now)


def _make_one(db: Session, row: Export, settings: Settings, now: datetime) -> None:
    with export_contents.write(db, row.subscriber_id, settings.attachment_keys, now) as packed, writing(db):
        store(db, row.id, settings.attachment_keys, iter(lambda: packed.read(MEGABYTE), b""), now)
        notification_preferences.notify(
            db,
            row.subscriber_id,
            "answer",
            EXPORT_READY.text,
            now,
            contract_id=row.contract_id,
            subject=EXPORT_READY.subject,
        )


def expired_exports(db: Session, now: datetime) -> list[int]:
    """Exports older than a day that are still stored."""
    old = select(Export.id).where(col(Export.made_at) <= now - LIFE, col(Export.gone_at).is_(None))
    return [one for one in db.exec(old) if one]


def read(db: Session, keys: Sequence[str], row: Export) -> Iterator[bytes]:
    """Yield the export chunk by chunk. LookupError when its key is not configured, InvalidTag when a byte was
    changed.
    """
    box = sealing.find_cipher(keys, row.key_id, f"export {row.id}")
    for n in range(1, row.pieces + 1):
        sealed = db.get_one(ExportPiece, (row.id, n)).data
        yield box.decrypt(sealed[:NONCE], sealed[NONCE:], _binding(row.id, n))


def count_unreadable(db: Session, keys: Sequence[str]) -> int:
    """Stored exports whose key is not configured."""
    key_ids = [sealing.key_id(key) for key in keys]
    return len(db.exec(_stored_exports().where(col(Export.key_id).not_in(key_ids))).all())


def reseal(engine: Engine, keys: Sequence[str]) -> int:
    """Re-encrypt stored exports with the newest key and return how many were changed."""
    newest = sealing.key_id(keys[-1])
    with Session(engine) as db, writing(db):
        rows = db.exec(_stored_exports().where(Export.key_id != newest)).all()
        for row in rows:
            parts = list(read(db, keys, row))
            db.connection().execute(delete(ExportPiece).where(col(ExportPiece.export_id) == row.id))
            db.expire_all()
            store(db, row.id, keys, parts, row.made_at or row.asked_at)
    return len(rows)


def _stored_exports() -> SelectOfScalar[Export]:
    return select(Export).where(col(Export.made_at).is_not(None), col(Export.gone_at).is_(None))


def _binding(export_id: int, n: int) -> bytes:
    return b"export" + export_id.to_bytes(8, "big") + n.to_bytes(4, "big")


def remove_expired(db: Session, now: datetime) -> None:
    """Remove the exports that are a day old. Inside `writing`."""
    ids = expired_exports(db, now)
    if ids:
        db.connection().execute(delete(ExportPiece).where(col(ExportPiece.export_id).in_(ids)))
        db.connection().execute(update(Export).where(col(Export.id).in_(ids)).values(gone_at=now))
