"""Attached files in the database: the request, message or draft they belong to, and their erasure.

The contents are in db/requests/sealed_attachments.py. Identity papers are erased 30 days after the decision.
"""

import os
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, func, select, update

from db import journal, sealing, writing
from db.journal import Person
from db.requests.requests import Request, RequestMessage
from db.requests.sealed_attachments import (
    NOT_REDRAWN,
    ORIGINAL,
    REDRAWN,
    Attachment,
    count_pieces,
    wipe,
    write_pieces,
)
from rules.requests.attachments import TYPES, Clean
from rules.requests.requests import ERASE_PASSPORT


def add(
    db: Session,
    keys: Sequence[str],
    file: Clean,
    now: datetime,
    *,
    draft_id: int | None = None,
    message: RequestMessage | None = None,
    subscriber_id: int | None = None,
    personal: bool = False,
) -> Attachment:
    """Store one checked file, encrypted with the newest key. A file of staff has no `subscriber_id`, so it
    uses no quota.
    """
    row = Attachment(
        subscriber_id=subscriber_id,
        draft_id=draft_id,
        request_id=message.request_id if message else None,
        message_id=message.id if message else None,
        name=file.name,
        type=file.type,
        size=len(file.data),
        sha256=file.sha256,
        seal=os.urandom(16),
        key_id=sealing.key_id(keys[-1]),
        personal=int(personal),
        at=now,
        pieces=count_pieces(file.data),
        redrawn=REDRAWN,
    )
    db.add(row)
    db.flush()
    write_pieces(db, keys, row, file.data)
    return row


def next_to_redraw(db: Session) -> Attachment | None:
    """Return a PDF that was not redrawn yet, None when there are no more."""
    query = select(Attachment).where(Attachment.redrawn == ORIGINAL, Attachment.type == TYPES["pdf"])
    return db.exec(
        query.where(col(Attachment.erased_at).is_(None)).order_by(col(Attachment.id)).limit(1)
    ).first()


def retry_redrawing(db: Session) -> int:
    """Mark the files that could not be redrawn to be tried again; return their number. Inside `writing`."""
    mine = (Attachment.redrawn == NOT_REDRAWN, col(Attachment.erased_at).is_(None))
    return db.connection().execute(update(Attachment).where(*mine).values(redrawn=ORIGINAL)).rowcount  # type: ignore[arg-type]


def replace(db: Session, keys: Sequence[str], row: Attachment, file: Clean | None, now: datetime) -> None:
    """Store the redrawn file in place of the original; `file` None marks that it cannot be redrawn. Inside
    `writing`.
    """
    row.redrawn = REDRAWN if file else NOT_REDRAWN
    if file:
        wipe(db, row)
        row.size, row.sha256, row.pieces, row.key_id = (
            len(file.data),
            file.sha256,
            count_pieces(file.data),
            sealing.key_id(keys[-1]),
        )
        write_pieces(db, keys, row, file.data)
    db.add(row)
    journal.note(
        db,
        "system:jobs",
        "attachments.redraw",
        now,
        subscriber_id=row.subscriber_id,
        attachment=row.id,
        outcome="redrawn" if file else "refused",
    )


def used_bytes(db: Session, subscriber_id: int) -> int:
    """Return the bytes that this subscriber's files take, including files of drafts."""
    total = select(func.coalesce(func.sum(Attachment.size), 0)).where(
        Attachment.subscriber_id == subscriber_id, col(Attachment.erased_at).is_(None)
    )
    return db.exec(total).one()


def list_of_draft(db: Session, draft_id: int | None) -> list[Attachment]:
    if draft_id is None:
        return []
    return list(
        db.exec(select(Attachment).where(Attachment.draft_id == draft_id).order_by(col(Attachment.id)))
    )


def list_by_message(db: Session, request: Request) -> dict[int, list[Attachment]]:
    """Return {message id: its files}, including erased files, which are shown as erased."""
    found: dict[int, list[Attachment]] = {}
    query = select(Attachment).where(Attachment.request_id == request.id).order_by(col(Attachment.id))
    for one in db.exec(query):
        found.setdefault(one.message_id, []).append(one)  # type: ignore[arg-type]
    return found


def find(db: Session, request: Request, attachment_id: int, *, internal: bool = False) -> Attachment | None:
    """Return a file of this request that is not erased; files of staff's notes only when `internal`."""
    query = select(Attachment).join(RequestMessage, col(RequestMessage.id) == Attachment.message_id)
    query = query.where(
        Attachment.id == attachment_id,
        Attachment.request_id == request.id,
        col(Attachment.erased_at).is_(None),
    )
    if not internal:
        query = query.where(RequestMessage.internal == 0)
    return db.exec(query).first()


def attach_to_message(db: Session, draft_id: int, message: RequestMessage) -> None:
    """Move the draft's files to the request's first message."""
    db.connection().execute(
        update(Attachment)
        .where(col(Attachment.draft_id) == draft_id)
        .values(draft_id=None, request_id=message.request_id, message_id=message.id)
    )


def log_view(db: Session, who: Person, request: Request, row: Attachment, now: datetime) -> None:
    """Write to the journal that `who` opened the file. Inside `writing`."""
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


def delete_unsent(db: Session, row: Attachment) -> None:
    """Delete a file that was never sent."""
    wipe(db, row)
    db.delete(row)


def erase(db: Session, row: Attachment, now: datetime) -> None:
    """Erase the contents. The row stays, to show that there was a file and when it was erased."""
    wipe(db, row)
    row.erased_at = now
    db.add(row)


def erase_due(engine: Engine, settings: object, now: datetime) -> None:
    """Job: erase identity papers whose request was decided or withdrawn 30 days ago, each with a line in the
    journal.
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
