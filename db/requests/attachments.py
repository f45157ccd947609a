"""Attached files, in the same file as everything else: sealed piece by piece with AES-GCM, opened by any key
of the list.

Each piece is bound to its file, its place and the number of pieces, so none can be swapped, dropped or put
elsewhere. Papers of identity are erased 30 days after the decision (SPEC §3.3).
"""

import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, LargeBinary
from sqlmodel import Field, Session, SQLModel, col, delete, func, select, update

from db import Instant, engines, journal, sealing, writing
from db.journal import Person
from db.requests.requests import Request, RequestMessage
from rules.requests.attachments import TYPES, Clean
from rules.requests.requests import ERASE_PASSPORT

PIECE = 256 * 1024
# What became of a file: kept whole by an earlier program; its pixels kept; or it cannot be drawn, and staff
# do not open it.
ORIGINAL, REDRAWN, NOT_REDRAWN = 0, 1, 2
NONCE = 12


class Attachment(SQLModel, table=True):
    """Belongs to a draft until it is sent, then to a message. `personal`: a paper of identity, erased in
    time.
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


def add(
    db: Session,
    keys: Sequence[str],
    kept: Clean,
    now: datetime,
    *,
    draft_id: int | None = None,
    message: RequestMessage | None = None,
    subscriber_id: int | None = None,
    personal: bool = False,
) -> Attachment:
    """Keep one checked file under the newest key. Staff's files have no `subscriber_id`: they use up nobody's
    place.
    """
    row = Attachment(
        subscriber_id=subscriber_id,
        draft_id=draft_id,
        request_id=message.request_id if message else None,
        message_id=message.id if message else None,
        name=kept.name,
        type=kept.type,
        size=len(kept.data),
        sha256=kept.sha256,
        seal=os.urandom(16),
        key_id=sealing.key_id(keys[-1]),
        personal=int(personal),
        at=now,
        pieces=_count(kept.data),
        redrawn=REDRAWN,
    )
    db.add(row)
    db.flush()
    _put_all(db, keys, row, kept.data)
    return row


def _count(data: bytes) -> int:
    return -(-len(data) // PIECE)


def _put_all(db: Session, keys: Sequence[str], row: Attachment, data: bytes) -> None:
    box = sealing.box(keys[-1])
    for n in range(row.pieces):
        _put(db, row, n, box, data[n * PIECE : (n + 1) * PIECE])


def next_to_redraw(db: Session) -> Attachment | None:
    """A PDF an earlier program kept as it came."""
    query = select(Attachment).where(Attachment.redrawn == ORIGINAL, Attachment.type == TYPES["pdf"])
    return db.exec(
        query.where(col(Attachment.erased_at).is_(None)).order_by(col(Attachment.id)).limit(1)
    ).first()


def retry_redrawing(db: Session) -> int:
    """How many that could not be drawn are to be tried again. Call inside `writing`."""
    mine = (Attachment.redrawn == NOT_REDRAWN, col(Attachment.erased_at).is_(None))
    return db.connection().execute(update(Attachment).where(*mine).values(redrawn=ORIGINAL)).rowcount


def replace(db: Session, keys: Sequence[str], row: Attachment, kept: Clean | None, now: datetime) -> None:
    """What was drawn anew instead of what came, or, with None, a mark that it cannot be drawn. Call inside
    `writing`.
    """
    row.redrawn = REDRAWN if kept else NOT_REDRAWN
    if kept:
        _wipe(db, row)
        row.size, row.sha256, row.pieces, row.key_id = (
            len(kept.data),
            kept.sha256,
            _count(kept.data),
            sealing.key_id(keys[-1]),
        )
        _put_all(db, keys, row, kept.data)
    db.add(row)
    journal.note(
        db,
        "system:jobs",
        "attachments.redraw",
        now,
        subscriber_id=row.subscriber_id,
        attachment=row.id,
        outcome="redrawn" if kept else "refused",
    )


def _put(db: Session, row: Attachment, n: int, box: Any, plain: bytes) -> None:
    nonce = os.urandom(NONCE)
    sealed = nonce + box.encrypt(nonce, plain, _place(row, n))
    db.merge(AttachmentPiece(attachment_id=row.id, n=n, data=sealed))


def _place(row: Attachment, n: int) -> bytes:
    return row.seal + n.to_bytes(4, "big") + row.pieces.to_bytes(4, "big")


def read(db: Session, keys: Sequence[str], row: Attachment) -> Iterator[bytes]:
    """The file piece by piece. LookupError when its key left the list, InvalidTag when a byte was changed."""
    box = sealing.box_of(keys, row.key_id, f"attachment {row.id}")
    for n in range(row.pieces):
        sealed = db.exec(
            select(AttachmentPiece.data).where(
                AttachmentPiece.attachment_id == row.id, AttachmentPiece.n == n
            )
        ).one()
        yield box.decrypt(sealed[:NONCE], sealed[NONCE:], _place(row, n))


def used(db: Session, subscriber_id: int) -> int:
    """Bytes this subscriber's files take, drafts included."""
    total = select(func.coalesce(func.sum(Attachment.size), 0)).where(
        Attachment.subscriber_id == subscriber_id, col(Attachment.erased_at).is_(None)
    )
    return db.exec(total).one()


def of_draft(db: Session, draft_id: int | None) -> list[Attachment]:
    if draft_id is None:
        return []
    return list(
        db.exec(select(Attachment).where(Attachment.draft_id == draft_id).order_by(col(Attachment.id)))
    )


def of(db: Session, request: Request) -> dict[int, list[Attachment]]:
    """The files of a request by message id, erased ones too: they are shown as erased."""
    found: dict[int, list[Attachment]] = {}
    query = select(Attachment).where(Attachment.request_id == request.id).order_by(col(Attachment.id))
    for one in db.exec(query):
        found.setdefault(one.message_id, []).append(one)
    return found


def one_of(db: Session, request: Request, attachment_id: int, *, internal: bool = False) -> Attachment | None:
    """A file of this request that is still there; what hangs on staff's notes only when `internal`."""
    query = select(Attachment).join(RequestMessage, col(RequestMessage.id) == Attachment.message_id)
    query = query.where(
        Attachment.id == attachment_id,
        Attachment.request_id == request.id,
        col(Attachment.erased_at).is_(None),
    )
    if not internal:
        query = query.where(RequestMessage.internal == 0)
    return db.exec(query).first()


def send(db: Session, draft_id: int, message: RequestMessage) -> None:
    """The draft's files go with its first message."""
    db.connection().execute(
        update(Attachment)
        .where(col(Attachment.draft_id) == draft_id)
        .values(draft_id=None, request_id=message.request_id, message_id=message.id)
    )


def looked(db: Session, who: Person, request: Request, row: Attachment, now: datetime) -> None:
    """Each look is written down. Call inside `writing`."""
    journal.note(
        db,
        who,
        "attachments.look",
        now,
        contract_id=request.contract_id,
        subscriber_id=request.subscriber_id,
        number=request.number,
        attachment=row.id,
    )


def drop(db: Session, row: Attachment) -> None:
    """Forget a file that was never sent."""
    _wipe(db, row)
    db.delete(row)


def erase(db: Session, row: Attachment, now: datetime) -> None:
    """Wipe the contents; the row stays to say that there was a file and when it was erased."""
    _wipe(db, row)
    row.erased_at = now
    db.add(row)


def _wipe(db: Session, row: Attachment) -> None:
    mine = col(AttachmentPiece.attachment_id) == row.id
    connection = db.connection()
    connection.execute(
        update(AttachmentPiece)
        .where(mine)
        .values(data=engines.dialect_of(connection).blank_value(AttachmentPiece.data))
    )
    connection.execute(delete(AttachmentPiece).where(mine))


def erase_due(engine: Engine, settings: object, now: datetime) -> None:
    """Job: papers of identity whose request was decided or withdrawn 30 days ago are erased, each
    journalled.
    """
    over = func.coalesce(Request.decided_at, Request.closed_at)
    query = select(Attachment, Request).join(Request, col(Request.id) == Attachment.request_id)
    query = query.where(
        Attachment.personal == 1, col(Attachment.erased_at).is_(None), over <= now - ERASE_PASSPORT
    )
    with Session(engine) as db:
        if not db.exec(query.limit(1)).first():
            return
        with writing(db):
            for row, request in db.exec(query).all():
                erase(db, row, now)
                journal.note(
                    db,
                    "system:jobs",
                    "attachments.erase",
                    now,
                    contract_id=request.contract_id,
                    subscriber_id=request.subscriber_id,
                    number=request.number,
                    attachment=row.id,
                )


def unopened(db: Session, keys: Sequence[str]) -> int:
    """Files whose key is not in the list."""
    known = [sealing.key_id(key) for key in keys]
    lost = select(func.count()).select_from(Attachment)
    return db.exec(
        lost.where(col(Attachment.key_id).not_in(known), col(Attachment.erased_at).is_(None))
    ).one()


def reseal(engine: Engine, keys: Sequence[str]) -> int:
    """Seal everything anew under the newest key, file by file, so that older keys may leave the list; how
    many were.
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
                box = sealing.box(keys[-1])
                for n, piece in enumerate(plain):
                    _put(db, row, n, box, piece)
                row.key_id = newest
                db.add(row)
            done += 1
