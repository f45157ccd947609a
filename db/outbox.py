"""Outgoing messages: SMS and e-mail, each a row written in the transaction that caused it and sent by the
jobs.

A message with a code, a password or a one-time link is stored encrypted, and its text is deleted when it is
sent or given up. This depends on the message's kind, so that no caller can forget it.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Engine, or_
from sqlmodel import Field, Index, Session, SQLModel, col, select, text, update

from db import Instant, leases, sealed_columns, writing
from db.sealed_columns import STAND_IN, UNSEALED_MESSAGES
from rules.messages import UNDELIVERED
from settings import Settings

# Messages of these kinds contain credentials: a code, a password, a one-time link.
SECRET_KINDS = ("code", "password", "confirm-email")


class Message(SQLModel, table=True):
    """States: waiting → sending → sent, or dead after the last attempt. A row whose sender died returns to
    waiting.

    Sent means accepted by a gateway (`sent_at`); `delivered_at` comes from the gateway's delivery report.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_waiting",
            "urgent",
            "id",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index(
            "ix_outbox_clear",
            "id",
            sqlite_where=text(UNSEALED_MESSAGES),
            postgresql_where=text(UNSEALED_MESSAGES),
        ),
        Index(
            "ix_outbox_gateway_id",
            "gateway_id",
            sqlite_where=text("gateway_id IS NOT NULL"),
            postgresql_where=text("gateway_id IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: int = Field(default=None, primary_key=True)
    channel: str = Field(description="sms or mail")
    to: str
    subject: str | None = None
    text: str = Field(description="the text; of a secret kind, a placeholder for earlier releases")
    secret: int = Field(
        default=0, sa_column_kwargs={"server_default": "0"}, description="1: its text is encrypted or deleted"
    )
    sealed: str | None = Field(
        default=None, description="encrypted text of a secret kind until it is sent (db.sealed_columns)"
    )
    kind: str = Field(description="what it is about: password, code, answer, event…")
    contract_id: int | None = Field(default=None, foreign_key="contract.id", index=True)
    urgent: int = Field(default=0, description="1 goes before all others and ignores quiet hours")
    state: str = "waiting"
    tries: int = 0
    put_at: datetime = Field(sa_type=Instant)
    not_before: datetime = Field(sa_type=Instant)
    sent_at: datetime | None = Field(default=None, sa_type=Instant)
    gateway_id: str | None = Field(default=None, description="the gateway's message number")
    delivered_at: datetime | None = Field(default=None, sa_type=Instant)
    error: str | None = None


def put(
    db: Session,
    channel: str,
    to: str,
    words: str,
    *,
    kind: str,
    now: datetime,
    contract_id: int | None = None,
    subject: str | None = None,
    urgent: bool = False,
) -> Message:
    """Write one message. Call inside `writing`, in the transaction of the change it reports."""
    secret = kind in SECRET_KINDS
    row = Message(
        channel=channel,
        to=to,
        text=STAND_IN if secret else words,
        kind=kind,
        contract_id=contract_id,
        subject=subject,
        urgent=int(urgent),
        put_at=now,
        not_before=now,
        secret=int(secret),
    )
    db.add(row)
    if secret:
        sealed_columns.write(db, row, "sealed", words)
    return row


class OutgoingMessage(NamedTuple):
    """A message for a gateway; `text` is None when no key decrypts it."""

    id: int
    channel: str
    to: str
    subject: str | None
    text: str | None


def open_message(db: Session, message: Message) -> OutgoingMessage:
    """Return the message with its text decrypted; STAND_IN when the text was deleted."""
    try:
        words = sealed_columns.read(db, message, "sealed") if message.kind in SECRET_KINDS else message.text
    except LookupError:
        return OutgoingMessage(message.id, message.channel, message.to, message.subject, None)
    return OutgoingMessage(
        message.id,
        message.channel,
        message.to,
        message.subject,
        message.text if words is None else words,
    )


# How far the clocks of two processes may differ.
CLOCK_SKEW = timedelta(seconds=5)


def due_ids(db: Session, now: datetime, limit: int = 20) -> list[int]:
    """Return ids of messages to send now, urgent ones first. The batch is small, so that a new alarm is not
    delayed.
    """
    # A message dated in the future was written before the clock was set back: it must not wait for that time.
    ripe = or_(col(Message.not_before) <= now, col(Message.put_at) > now + CLOCK_SKEW)
    waiting = select(Message.id).where(col(Message.state) == "waiting", ripe)
    return [
        row
        for row in db.exec(waiting.order_by(col(Message.urgent).desc(), col(Message.id)).limit(limit))
        if row
    ]


def claim(db: Session, message_ids: list[int], now: datetime) -> list[Message]:
    """Claim those of these messages that no other sender has, and return them in the order given. Inside
    `writing`.
    """
    claimed = leases.claim_many(
        db,
        Message,
        message_ids,
        col(Message.state) == "waiting",
        state="sending",
        tries=Message.tries + 1,
        not_before=now,
    )
    found = {row.id: row for row in db.exec(select(Message).where(col(Message.id).in_(claimed)))}
    return [found[one] for one in message_ids if one in claimed]


ABANDONED = timedelta(minutes=2)


def requeue_abandoned(engine: Engine, settings: Settings, now: datetime) -> None:
    """Job: return messages whose sender died to the queue. Runs every minute, because there may be an alarm
    among them.
    """
    with Session(engine) as db:
        if has_abandoned(db, now):
            with writing(db):
                requeue(db, now)


def has_abandoned(db: Session, now: datetime) -> bool:
    """Whether a message was claimed more than two minutes ago and not finished: its sender died."""
    return db.exec(select(Message.id).where(*_abandoned(now)).limit(1)).first() is not None


def requeue(db: Session, now: datetime) -> None:
    """Return messages of dead senders to the queue. Call inside `writing`."""
    db.connection().execute(update(Message).where(*_abandoned(now)).values(state="waiting"))


def _abandoned(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the conditions for rows claimed long ago, or claimed in the future, before the clock was set
    back.
    """
    taken = col(Message.not_before)
    return col(Message.state) == "sending", or_(taken < now - ABANDONED, taken > now + ABANDONED)


def latest_messages(db: Session, limit: int = 50) -> list[Message]:
    return list(db.exec(select(Message).order_by(col(Message.id).desc()).limit(limit)))


PAUSES = tuple(timedelta(seconds=each) for each in (5, 30, 120, 900, 3600, 4 * 3600))


def record_outcome(
    db: Session,
    message: Message,
    error: str,
    now: datetime,
    *,
    gateway_id: str = "",
    permanent: bool = False,
    keep_words: bool = False,
) -> None:
    """Record an attempt: sent, waiting for the next attempt, or dead after the last. Call inside `writing`.

    The text of a secret kind is deleted; `keep_words` leaves it encrypted, for the demonstration's phone.
    """
    row = db.get(Message, message.id)
    if row is None:
        return
    if not error:
        row.state, row.sent_at, row.error, row.gateway_id = "sent", now, None, gateway_id or None
    elif permanent or row.tries > len(PAUSES):
        row.state, row.error = "dead", error[:300]
    else:
        row.state, row.error, row.not_before = "waiting", error[:300], now + PAUSES[row.tries - 1]
    if row.kind in SECRET_KINDS and row.state != "waiting" and not keep_words:
        row.secret = 1
        sealed_columns.write(db, row, "sealed", None)
    db.add(row)


def empty_secret_words(db: Session, which: ColumnElement[bool]) -> None:
    """Delete the codes, passwords and links of these messages; the rows stay. Call inside `writing`."""
    secret = update(Message).where(which, col(Message.kind).in_(SECRET_KINDS))
    db.connection().execute(secret.values(sealed=None, text=STAND_IN, secret=1))


def record_delivery_report(db: Session, gateway_id: str, delivered: bool, now: datetime) -> None:
    """Apply a delivery report to a sent message; an undelivered one becomes dead. Call inside `writing`."""
    for row in db.exec(select(Message).where(Message.gateway_id == gateway_id, Message.state == "sent")):
        if delivered:
            row.delivered_at = row.delivered_at or now  # the first report counts
        elif row.delivered_at is None:
            row.state, row.error = "dead", UNDELIVERED
        db.add(row)


def dead_messages(db: Session, limit: int = 50) -> list[Message]:
    """Messages that were given up, newest first."""
    return list(
        db.exec(select(Message).where(Message.state == "dead").order_by(col(Message.id).desc()).limit(limit))
    )


def retry_dead(db: Session, message_id: int, now: datetime) -> bool:
    """Allow new attempts for a dead message. False when it is not dead or is of a secret kind. Call inside
    `writing`.
    """
    revived = db.connection().execute(
        update(Message)
        .where(
            col(Message.id) == message_id,
            col(Message.state) == "dead",
            col(Message.kind).not_in(SECRET_KINDS),
        )
        .values(state="waiting", tries=0, not_before=now, gateway_id=None)
    )
    return revived.rowcount == 1
