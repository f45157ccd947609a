"""SMS-информирование: a message for each event worth telling, written in the transaction that keeps the event
itself.

Each event is told at most once per service (the row's own key), to the mobile of a service that is active
that day.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, and_, bindparam, or_
from sqlmodel import Field, Session, SQLModel, col, select

from db import engines, outbox
from db.events.keys import AddedKey, Key
from db.people.contracts import Contract, Site
from db.people.notification_preferences import NoticeChoice
from db.people.services import Service, ServiceInterval
from rules import days
from rules.events.deliveries import Quiet, not_before, words, worth_telling
from rules.events.events import Kind

HELD = timedelta(minutes=30)


class Delivery(SQLModel, table=True):
    """Which message told which event: nothing is told twice, and the desk sees how long the telling took."""

    __table_args__ = {"sqlite_with_rowid": False}

    service_id: int = Field(
        primary_key=True, foreign_key="service.id", sa_column_kwargs={"autoincrement": False}
    )
    key_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False}, description="event.at")
    event_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    message_id: int = Field(foreign_key="outbox.id", index=True)


class QuietHours(SQLModel, table=True):
    """When a contract's subscriber does not want to hear of arming and disarming; minutes of the Moscow
    day.
    """

    __tablename__ = "quiet_hours"

    contract_id: int = Field(
        primary_key=True, foreign_key="contract.id", sa_column_kwargs={"autoincrement": False}
    )
    since: int
    until: int


LISTENERS = (
    select(  # type: ignore[call-overload]
        Key.id,
        Key.contract_id,
        Key.held_since,
        Contract.address,
        Site.name.label("site"),  # type: ignore[attr-defined]
        AddedKey.name,
        Service.id.label("service_id"),  # type: ignore[union-attr]
        Service.mobile,
        QuietHours.since,
        QuietHours.until,  # type: ignore[union-attr]
        NoticeChoice.wanted,
    )
    .join(Contract, Contract.id == Key.contract_id)
    .join(
        Service,
        and_(Service.contract_id == Contract.id, Service.kind == "sms", col(Service.mobile).is_not(None)),
    )
    .join(
        ServiceInterval,
        and_(
            ServiceInterval.service_id == Service.id,
            ServiceInterval.state == "active",
            ServiceInterval.first <= bindparam("day"),
            or_(col(ServiceInterval.last).is_(None), col(ServiceInterval.last) >= bindparam("day")),
        ),
    )
    .outerjoin(Site, Site.id == Key.site_id)
    .outerjoin(AddedKey, and_(AddedKey.key_id == Key.id, AddedKey.contract_id == Contract.id))
    .outerjoin(QuietHours, QuietHours.contract_id == Contract.id)
    .outerjoin(
        NoticeChoice,
        and_(
            NoticeChoice.subscriber_id == Contract.subscriber_id,
            NoticeChoice.kind == "arming",
            NoticeChoice.channel == "sms",
        ),
    )
    .where(col(Key.id).in_(bindparam("keys", expanding=True)))
)
DELIVERIES: Table = Delivery.__table__


def tell(db: Session, rows: Iterable[Mapping[str, Any]], now: datetime) -> int:
    """Put a message for each of these new rows of `event` that somebody pays to hear of; how many. Inside
    `writing`.
    """
    news = [(row, datetime.fromtimestamp(row["at"], UTC)) for row in rows if row["kind"] in (0, 1, 2)]
    news = [(row, at) for row, at in news if worth_telling(row["kind"], at, now)]
    listeners = _listeners(db.connection(), {row["key_id"] for row, _ in news}, now)
    put = [
        (listener.service_id, row, _message(db, row, at, listener, now))
        for row, at in news
        for listener in listeners.get(row["key_id"], [])
        if _wanted(row, at, listener)
    ]
    return _once(db, put)


def quiet_hours(db: Session, contract_id: int) -> Quiet | None:
    row = db.get(QuietHours, contract_id)
    return Quiet(row.since, row.until) if row else None


def set_quiet_hours(db: Session, contract_id: int, quiet: Quiet | None) -> None:
    """Call inside `writing`."""
    row = db.get(QuietHours, contract_id)
    if quiet is None:
        if row:
            db.delete(row)
        return
    row = row or QuietHours(contract_id=contract_id, since=0, until=0)
    row.since, row.until = quiet.since, quiet.until
    db.add(row)


def last(db: Session, limit: int = 50) -> list[Any]:
    """The last told events with their messages, newest first: (Delivery, Message)."""
    found = select(Delivery, outbox.Message).join(outbox.Message).order_by(col(Delivery.message_id).desc())
    return list(db.exec(found.limit(limit)))


class Delays(NamedTuple):
    """Whole seconds from the event to the gateway over the last told events that were not held by quiet
    hours.
    """

    told: int
    sent: int
    median: int
    worst: int
    delivered: int
    dead: int


def delays(db: Session, limit: int = 500) -> Delays:
    """`worst` is the 99th of a hundred."""
    told = last(db, limit)
    took = sorted(
        max(0, round(message.sent_at.timestamp() - delivery.at))
        for delivery, message in told
        if message.sent_at and message.not_before <= message.put_at + HELD
    )
    delivered = sum(message.delivered_at is not None for _, message in told)
    dead = sum(message.state == "dead" for _, message in told)
    at = (lambda part: took[min(len(took) - 1, int(len(took) * part))]) if took else (lambda part: 0)
    return Delays(len(told), len(took), at(0.5), at(0.99), delivered, dead)


def _listeners(connection: Connection, key_ids: set[int], now: datetime) -> dict[int, list[Any]]:
    if not key_ids:
        return {}
    found: dict[int, list[Any]] = {}
    for row in connection.execute(LISTENERS, {"keys": list(key_ids), "day": days.today(now)}):
        found.setdefault(row[0], []).append(row)
    return found


def _wanted(row: Mapping[str, Any], at: datetime, listener: Any) -> bool:
    return (row["kind"] == Kind.alarm or listener.wanted is not False) and not (
        listener.held_since and at < listener.held_since
    )


def _message(
    db: Session, row: Mapping[str, Any], at: datetime, listener: Any, now: datetime
) -> outbox.Message:
    said = words(
        row["kind"], row["code"], at, listener.name or listener.site or listener.address, row["who"], now
    )
    quiet = Quiet(listener.since, listener.until) if listener.since is not None else None
    alarm, contract = row["kind"] == Kind.alarm, listener.contract_id
    message = outbox.put(
        db, "sms", listener.mobile, said, kind="event", now=now, contract_id=contract, urgent=alarm
    )
    message.not_before = not_before(row["kind"], now, quiet)
    return message


def _once(db: Session, put: list[tuple[int, Mapping[str, Any], outbox.Message]]) -> int:
    """Note what each message tells; one about what its service was told before is taken back."""
    db.flush()
    connection = db.connection()
    rows = [
        {
            "service_id": service_id,
            "key_id": row["key_id"],
            "at": row["at"],
            "event_id": row["id"],
            "message_id": message.id,
        }
        for service_id, row, message in put
    ]
    new = engines.of(connection).added(connection, DELIVERIES, rows)
    for (*_, message), fresh in zip(put, new, strict=True):
        if not fresh:
            db.delete(message)
    return sum(new)
