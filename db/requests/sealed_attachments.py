"""The contents of attached files, encrypted in pieces with AES-GCM; any key of the list decrypts them.

Each piece is bound to its file, its number and the count of pieces, so that none can be swapped, dropped or
moved.
"""

import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, LargeBinary
from sqlmodel import Field, Session, SQLModel, col, delete, func, select, update

from db import Instant, engines, sealing, writing

PIECE = 256 * 1024
NONCE = 12
# State of a file: not redrawn yet (uploaded before files were redrawn), redrawn, or impossible to redraw;
# staff cannot open the last.
ORIGINAL, REDRAWN, NOT_REDRAWN = 0, 1, 2


class Attachment(SQLModel, table=True):
    """An attached file. It belongs to a draft until it is sent, then to a message. `personal`: an identity
    paper, which is erased later.
    """

    __table_args__ = {"sqlite_autoincrement": True}

    id: int = Field(default=None, primary_key=True)
    subscriber_id: int | None = Field(default=None, foreign_key="subscriber.id", index=True)
    draft_id: int | None = Field(default=None, foreign_key="request_draft.id", index=True)
    request_id: int | None = Field(default=None, foreign_key="request.id", index=True)
    message_id: int | None = Field(default=None, foreign_key="request_message.id", index=True)
    name: str
    type: str
    size: int
    sha256: str = Field(description="of the file as kept, before sealing")
    seal: bytes = Field(description="random, binds the pieces to this row")
    key_id: str = Field(index=True, description="which key of the list")
    pieces: int
    personal: int = 0
    redrawn: int = Field(
        default=0,
        index=True,
        sa_column_kwargs={"server_default": "0"},
        description="ORIGINAL, REDRAWN or NOT_REDRAWN",
    )
    at: datetime = Field(sa_type=Instant)
    erased_at: datetime | None = Field(default=None, sa_type=Instant)


class AttachmentPiece(SQLModel, table=True):
    __tablename__ = "attachment_piece"

    attachment_id: int = Field(primary_key=True, foreign_key="attachment.id")
    n: int = Field(primary_key=True)
    data: bytes = Field(sa_type=LargeBinary, description="nonce and sealed bytes")


def count_pieces(data: bytes) -> int:
    return -(-len(data) // PIECE)


def write_pieces(db: Session, keys: Sequence[str], row: Attachment, data: bytes) -> None:
    box = sealing.make_cipher(keys[-1])
    for n in range(row.pieces):
        _seal_piece(db, row, n, box, data[n * PIECE : (n + 1) * PIECE])


def _seal_piece(db: Session, row: Attachment, n: int, box: Any, plain: bytes) -> None:
    nonce = os.urandom(NONCE)
    sealed = nonce + box.encrypt(nonce, plain, _associated_data(row, n))
    db.merge(AttachmentPiece(attachment_id=row.id, n=n, data=sealed))


def _associated_data(row: Attachment, n: int) -> bytes:
    return row.seal + n.to_bytes(4, "big") + row.pieces.to_bytes(4, "big")


def read(db: Session, keys: Sequence[str], row: Attachment) -> Iterator[bytes]:
    """Yield the file piece by piece. LookupError when its key is no longer in the list, InvalidTag when the
    stored bytes were changed.
    """
    box = sealing.find_cipher(keys, row.key_id, f"attachment {row.id}")
    for n in range(row.pieces):
        sealed = db.exec(
            select(AttachmentPiece.data).where(
                AttachmentPiece.attachment_id == row.id, AttachmentPiece.n == n
            )
        ).one()
        yield box.decrypt(sealed[:NONCE], sealed[NONCE:], _associated_data(row, n))


def wipe(db: Session, row: Attachment) -> None:
    mine = col(AttachmentPiece.attachment_id) == row.id
    connection = db.connection()
    connection.execute(
        update(AttachmentPiece)
        .where(mine)
        .values(data=engines.dialect_of(connection).blank_value(AttachmentPiece.data))
    )
    connection.execute(delete(AttachmentPiece).where(mine))


def count_unreadable(db: Session, keys: Sequence[str]) -> int:
    """Return the number of files whose key is not in the list."""
    key_ids = [sealing.key_id(key) for key in keys]
    query = select(func.count()).select_from(Attachment)
    return db.exec(
        query.where(col(Attachment.key_id).not_in(key_ids), col(Attachment.erased_at).is_(None))
    ).one()


def reseal(engine: Engine, keys: Sequence[str]) -> int:
    """Encrypt every file again with the newest key, so that older keys may be removed; return the number of
    files.
    """
    done, newest = 0, sealing.key_id(keys[-1])
    with Session(engine) as db:
        query = (
            select(Attachment)
            .where(Attachment.key_id != newest, col(Attachment.erased_at).is_(None))
            .limit(1)
        )
        while True:
            with writing(db):
                row = db.exec(query).first()
                if row is None:
                    return done
                plain = list(read(db, keys, row))
                box = sealing.make_cipher(keys[-1])
                for n, piece in enumerate(plain):
                    _seal_piece(db, row, n, box, piece)
                row.key_id = newest
                db.add(row)
            done += 1
