"""The inbox badge: the number of a contract's unread requests, stored on the contract.

A poll reads only this number. It is counted again from the rows whenever one of them changes.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
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
from rules.requests.request_messages import news_message


def mark_unread_and_notify(
    db: Session, request: Request, now: datetime, words: str, but: Collection[str] = ()
) -> None:
    """Mark the request unread, update the badge, and notify over the channels the subscriber chose, except
    `but`. Inside `writing`.
    """
    request.unread = 1
    db.add(request)
    _update_count(db, request.contract_id)
    _notify(db, request, now, words, but)


def mark_read(db: Session, request: Request) -> None:
    """Mark the request read when the subscriber opens it, and update the badge. Call inside `writing`."""
    request.unread = 0
    db.add(request)
    _update_count(db, request.contract_id)


_poll = (
    select(  # type: ignore[call-overload]
        Contract.unread,
        SessionRow.representative_id,
        Representative.rights,
        SessionRow.subscriber_id,
        SessionRow.contract_id,
    )
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
_prepared: WeakKeyDictionary[Engine, tuple[Any, str, Callable[[dict[str, Any]], Any]]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class UnreadCount:
    """The badge's number and its session's subscriber, representative (or None) and contract."""

    count: int
    subscriber_id: int
    representative_id: int | None
    contract_id: int


def unread_count(engine: Engine, token: str, idle: int, oldest: int, today: date) -> UnreadCount | None:
    """Return the number for this session; None when it has ended or a representative has no right to
    requests.

    Sessions last seen by `idle` or begun by `oldest` (stamps) have ended. Runs one statement on the driver's
    cursor, without a transaction.
    """
    dialect, sql, bind = _prepared.get(engine) or _prepare(engine)
    values = {
        "token": sessions.hash_token(token),
        "idle": idle,
        "oldest": oldest,
        "kind": "subscriber",
        "stage": "open",
        "today": today.isoformat(),
    }
    raw = dialect.acquire(engine)
    try:
        cursor = raw.cursor()
        cursor.execute(sql, bind(values))
        row = cursor.fetchone()
        return _visible_count(*row) if row else None
    finally:
        dialect.release(engine, raw)


def _prepare(engine: Engine) -> tuple[Any, str, Callable[[dict[str, Any]], Any]]:
    """Return the engine's dialect, the statement as its driver takes it, and the function that binds
    values.
    """
    prepared = PreparedStatement(_poll, engine.dialect)
    bind = dict if prepared.order is None else itemgetter(*prepared.order)
    _prepared[engine] = engines.dialect_of(engine), prepared.sql, bind
    return _prepared[engine]


def _visible_count(
    count: int, acting: int | None, rights: str | None, subscriber_id: int, contract_id: int
) -> UnreadCount | None:
    if acting is not None and (rights is None or REQUESTS not in rights.split()):
        return None
    return UnreadCount(count, subscriber_id, acting, contract_id)


def _update_count(db: Session, contract_id: int) -> None:
    db.flush()
    unread = (
        select(func.count())
        .select_from(Request)
        .where(col(Request.contract_id) == contract_id, col(Request.unread) == 1)
        .scalar_subquery()
    )
    db.connection().execute(update(Contract).where(col(Contract.id) == contract_id).values(unread=unread))


def _notify(db: Session, request: Request, now: datetime, words: str, but: Collection[str]) -> None:
    message = news_message(request.kind, request.number, words)
    notification_preferences.notify(
        db,
        request.subscriber_id,
        "answer",
        message.text,
        now,
        contract_id=request.contract_id,
        subject=message.subject,
        skip=but,
    )
