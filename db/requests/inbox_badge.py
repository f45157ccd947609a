"""The envelope: how many of a contract's requests have something unopened, kept as a number beside the
contract.

A poll reads that one number; it is counted anew from the rows whenever one of them changes, so it cannot
drift.
"""

from collections.abc import Callable, Collection
from datetime import date, datetime
from operator import itemgetter
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, bindparam
from sqlmodel import Session, col, func, select, update

from db import engines
from db.access import sessions
from db.access.representatives import Representative
from db.access.sessions import SessionRow
from db.people import notification_preferences
from db.people.contracts import Contract
from db.prepared_reads import PreparedStatement
from db.requests.requests import Request
from rules.access.representatives import REQUESTS


def tell(db: Session, request: Request, now: datetime, words: str, but: Collection[str] = ()) -> None:
    """Mark the request unread, count, and send the notice the subscriber chose, `but` over these channels.
    Inside `writing`.
    """
    request.unread = 1
    db.add(request)
    _count(db, request.contract_id)
    _send(db, request, now, words, but)


def opened(db: Session, request: Request) -> None:
    """The subscriber has it before their eyes. Call inside `writing`."""
    request.unread = 0
    db.add(request)
    _count(db, request.contract_id)


_poll = (
    select(Contract.unread, SessionRow.representative_id, Representative.rights)
    .select_from(SessionRow)
    .join(
        Contract,
        (col(Contract.id) == SessionRow.contract_id)
        & (col(Contract.subscriber_id) == SessionRow.subscriber_id),
    )
    .outerjoin(
        Representative,
        (col(Representative.id) == SessionRow.representative_id)
        & col(Representative.taken_at).is_(None)
        & (col(Representative.until) >= bindparam("today")),
    )
    .where(
        col(SessionRow.token_hash) == bindparam("token"),
        col(SessionRow.seen_at) > bindparam("idle"),
        col(SessionRow.created_at) > bindparam("oldest"),
        col(SessionRow.kind) == bindparam("kind"),
        col(SessionRow.stage) == bindparam("stage"),
    )
)
_ready: WeakKeyDictionary[Engine, tuple[Any, str, Callable[[dict[str, Any]], Any]]] = WeakKeyDictionary()


def unread(engine: Engine, token: str, idle: int, oldest: int, today: date) -> int | None:
    """The count for whoever holds this session, None when it ended; a representative sees it only with the
    right to write.

    `idle` and `oldest` are stamps of what is too old. One statement on the driver's own cursor, without a
    transaction round it.
    """
    dialect, sql, put = _ready.get(engine) or _prepare(engine)
    values = {
        "token": sessions.hashed(token),
        "idle": idle,
        "oldest": oldest,
        "kind": "subscriber",
        "stage": "open",
        "today": today.isoformat(),
    }
    raw = dialect.acquire(engine)
    try:
        cursor = raw.cursor()
        cursor.execute(sql, put(values))
        row = cursor.fetchone()
        return _seen(*row) if row else None
    finally:
        dialect.release(engine, raw)


def _prepare(engine: Engine) -> tuple[Any, str, Callable[[dict[str, Any]], Any]]:
    """The engine's room, the statement in its driver's words, and how values are put to it."""
    prepared = PreparedStatement(_poll, engine.dialect)
    put = dict if prepared.order is None else itemgetter(*prepared.order)
    _ready[engine] = engines.dialect_of(engine), prepared.sql, put
    return _ready[engine]


def _seen(count: int, acting: int | None, rights: str | None) -> int | None:
    if acting is None:
        return count
    return None if rights is None or REQUESTS not in rights.split() else count


def _count(db: Session, contract_id: int) -> None:
    db.flush()
    unread = (
        select(func.count())
        .select_from(Request)
        .where(col(Request.contract_id) == contract_id, col(Request.unread) == 1)
        .scalar_subquery()
    )
    db.connection().execute(update(Contract).where(col(Contract.id) == contract_id).values(unread=unread))


def _send(db: Session, request: Request, now: datetime, words: str, but: Collection[str]) -> None:
    """Nothing of what was asked or answered leaves the house: a phone on a table tells only that there is
    news.
    """
    number = f"{'Обращение' if request.kind == 'letter' else 'Заявка'} № {request.number}"
    told = f"{number}: {words} Посмотрите в личном кабинете."
    notification_preferences.tell(
        db,
        request.subscriber_id,
        "answer",
        told,
        now,
        contract_id=request.contract_id,
        subject=number,
        but=but,
    )
