"""SMS about events (the service «SMS-информирование»), written in the transaction that stores the event.

An event is sent at most once per service (the primary key of `Delivery`), to the mobile number of each
service that is active on that day.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, and_, bindparam, or_
from sqlmodel import Field, Session, SQLModel, col, select

from db import engines, outbox
from db.events.keys import AddedKey, SiteKey
from db.people.contracts import Contract, Site
from db.people.notification_preferences import NoticeChoice
from db.people.services import Service, ServiceInterval
from rules import days
from rules.events.deliveries import QuietPeriod, is_deliverable, not_before, sms_text
from rules.events.events import EventKind

QUIET_HOLD = timedelta(minutes=30)


class Delivery(SQLModel, table=True):
    """Links a message to the event it is about, so that none is sent twice and delays can be measured."""

    __table_args__ = {"sqlite_with_rowid": False}

    service_id: int = Field(
        primary_key=True, foreign_key="service.id", sa_column_kwargs={"autoincrement": False}
    )
    key_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False}, description="event.at")
    event_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    message_id: int = Field(foreign_key="outbox.id", index=True)


class QuietHours(SQLModel, table=True):
    """When a contract gets no SMS about arming and disarming; minutes of the Moscow day."""

    __tablename__ = "quiet_hours"

    contract_id: int = Field(
        primary_key=True, foreign_key="contract.id", sa_column_kwargs={"autoincrement": False}
    )
    since: int
    until: int


RECIPIENTS = (
    select(  # type: ignore[call-overload]
        SiteKey.id,
        SiteKey.contract_id,
        SiteKey.held_since,
        Contract.address,
        Site.name.label("site"),  # type: ignore[attr-defined]
        AddedKey.name,
        Service.id.label("service_id"),  # type: ignore[attr-defined, union-attr]
        Service.mobile,
        QuietHours.since,
        QuietHours.until,  # type: ignore[union-attr]
        NoticeChoice.wanted,
    )
    .join(Contract, Contract.id == SiteKey.contract_id)
    .join(
        Service,
        and_(Service.contract_id == Contract.id, Service.kind == "sms", col(Service.mobile).is_not(None)),  # type: ignore[arg-type]
    )
    .join(
        ServiceInterval,
        and_(
            ServiceInterval.service_id == Service.id,  # type: ignore[arg-type]
            ServiceInterval.state == "active",  # type: ignore[arg-type]
            ServiceInterval.first <= bindparam("day"),
            or_(col(ServiceInterval.last).is_(None), col(ServiceInterval.last) >= bindparam("day")),
        ),
    )
    .outerjoin(Site, Site.id == SiteKey.site_id)
    .outerjoin(AddedKey, and_(AddedKey.key_id == SiteKey.id, AddedKey.contract_id == Contract.id))  # type: ignore[arg-type]
    .outerjoin(QuietHours, QuietHours.contract_id == Contract.id)
    .outerjoin(
        NoticeChoice,
        and_(
            NoticeChoice.subscriber_id == Contract.subscriber_id,  # type: ignore[arg-type]
            NoticeChoice.kind == "arming",  # type: ignore[arg-type]
            NoticeChoice.channel == "sms",  # type: ignore[arg-type]
        ),
    )
    .where(col(SiteKey.id).in_(bindparam("keys", expanding=True)))
)
DELIVERIES: Table = Delivery.__table__  # type: ignore[attr-defined]


def put_messages(db: Session, rows: Iterable[Mapping[str, Any]], now: datetime) -> int:
    """Put a message for each of these new rows of `event` and each service that covers its key; return the
    number of messages. Call inside `writing`.
    """
    news = [(row, datetime.fromtimestamp(row["at"], UTC)) for row in rows if row["kind"] in (0, 1, 2)]
    news = [(row, at) for row, at in news if is_deliverable(row["kind"], at, now)]
    listeners = _recipients(db.connection(), {row["key_id"] for row, _ in news}, now)
    put = [
        (listener.service_id, row, _message(db, row, at, listener, now))
        for row, at in news
        for listener in listeners.get(row["key_id"], [])
        if _is_wanted(row, at, listener)
    ]
    return _drop_repeats(db, put)


def quiet_hours(db: Session, contract_id: int) -> QuietPeriod | None:
    row = db.get(QuietHours, contract_id)
    return QuietPeriod(row.since, row.until) if row else None


def set_quiet_hours(db: Session, contract_id: int, quiet: QuietPeriod | None) -> None:
    """Store the quiet hours of a contract; None removes them. Call inside `writing`."""
    row = db.get(QuietHours, contract_id)
    if quiet is None:
        if row:
            db.delete(row)
        return
    row = row or QuietHours(contract_id=contract_id, since=0, until=0)
    row.since, row.until = quiet.since, quiet.until
    db.add(row)


def latest_deliveries(db: Session, limit: int = 50) -> list[Any]:
    """Return (Delivery, Message) pairs, newest first."""
    found = select(Delivery, outbox.Message).join(outbox.Message).order_by(col(Delivery.message_id).desc())
    return list(db.exec(found.limit(limit)))


class DeliveryDelays(NamedTuple):
    """Seconds from the event until the gateway took the message, for the latest messages. Messages held back
    by quiet hours are not counted in `sent`, `median` and `worst`.
    """

    counted: int
    sent: int
    median: int
    worst: int
    delivered: int
    dead: int


def delays(db: Session, limit: int = 500) -> DeliveryDelays:
    """Return the delays of the latest `limit` messages; `worst` is the 99th percentile."""
    deliveries = latest_deliveries(db, limit)
    seconds = sorted(
        max(0, round(message.sent_at.timestamp() - delivery.at))
        for delivery, message in deliveries
        if message.sent_at and message.not_before <= message.put_at + QUIET_HOLD
    )
    delivered = sum(message.delivered_at is not None for _, message in deliveries)
    dead = sum(message.state == "dead" for _, message in deliveries)
    at = (
        (lambda part: seconds[min(len(seconds) - 1, int(len(seconds) * part))])
        if seconds
        else (lambda part: 0)
    )
    return DeliveryDelays(len(deliveries), len(seconds), at(0.5), at(0.99), delivered, dead)


def _recipients(connection: Connection, key_ids: set[int], now: datetime) -> dict[int, list[Any]]:
    if not key_ids:
        return {}
    found: dict[int, list[Any]] = {}
    for row in connection.execute(RECIPIENTS, {"keys": list(key_ids), "day": days.today(now)}):
        found.setdefault(row[0], []).append(row)
    return found


def _is_wanted(row: Mapping[str, Any], at: datetime, listener: Any) -> bool:
    return (row["kind"] == EventKind.alarm or listener.wanted is not False) and not (
        listener.held_since and at < listener.held_since
    )


def _message(
    db: Session, row: Mapping[str, Any], at: datetime, listener: Any, now: datetime
) -> outbox.Message:
    text = sms_text(
        row["kind"], row["code"], at, listener.name or listener.site or listener.address, row["who"], now
    )
    quiet = QuietPeriod(listener.since, listener.until) if listener.since is not None else None
    alarm, contract = row["kind"] == EventKind.alarm, listener.contract_id
    message = outbox.put(
        db, "sms", listener.mobile, text, kind="event", now=now, contract_id=contract, urgent=alarm
    )
    message.not_before = not_before(row["kind"], now, quiet)
    return message


def _drop_repeats(db: Session, put: list[tuple[int, Mapping[str, Any], outbox.Message]]) -> int:
    """Store which message is about which event, and delete messages about events already sent. Return the
    number of messages kept.
    """
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
    new = engines.dialect_of(connection).insert_new(connection, DELIVERIES, rows)
    for (*_, message), fresh in zip(put, new, strict=True):
        if not fresh:
            db.delete(message)
    return sum(new)
