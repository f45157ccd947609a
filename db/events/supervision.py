"""Supervision: the subscribers' rules to be warned when a site is not armed or disarmed in time, and the
warnings.
"""

from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection, Engine, or_
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select

from db import Instant, journal, outbox, writing
from db.events import feed, station
from db.people import notification_preferences, services
from db.people.contracts import Contract
from db.people.subscribers import Subscriber
from rules import days
from rules.events import armed
from rules.events import supervision as rule
from rules.events.feed import FeedPlace
from settings import Settings

DAY = 24 * 60


class SupervisionWatch(SQLModel, table=True):
    """One rule of a contract for one of its places (rules.events.feed.FeedPlace)."""

    __tablename__ = "watch"
    __table_args__ = (
        UniqueConstraint("contract_id", "place", "kind", "minute", "weekdays"),
        {"sqlite_autoincrement": True},
    )

    id: int = Field(default=None, primary_key=True)
    contract_id: int = Field(foreign_key="contract.id", index=True)
    place: str = Field(description="a site's id, or k and an added key's id")
    kind: str = Field(description="arm or disarm")
    minute: int = Field(index=True, description="of the Moscow day")
    weekdays: str = Field(description="digits, 0 is Monday")
    channel: str = Field(description="sms or mail")
    made_at: datetime = Field(sa_type=Instant)
    settled_on: date | None = Field(
        default=None, description="the last day whose deadline was checked with a certain result"
    )


class SupervisionWarning(SQLModel, table=True):
    """A warning that was sent: at most one per rule and Moscow day."""

    __tablename__ = "watch_warned"

    watch_id: int = Field(primary_key=True, foreign_key="watch.id", ondelete="CASCADE")
    day: date = Field(primary_key=True)
    at: datetime = Field(sa_type=Instant)


def watches_of(db: Session, contract_id: int) -> list[SupervisionWatch]:
    mine = select(SupervisionWatch).where(SupervisionWatch.contract_id == contract_id)
    return list(db.exec(mine.order_by(col(SupervisionWatch.place), col(SupervisionWatch.minute))))


def owned_watch(db: Session, contract_id: int, watch_id: int) -> SupervisionWatch | None:
    return db.exec(
        select(SupervisionWatch).where(
            SupervisionWatch.id == watch_id, SupervisionWatch.contract_id == contract_id
        )
    ).first()


def wish_of(row: SupervisionWatch) -> rule.SupervisionWish:
    at = time(*divmod(row.minute, 60))
    return rule.SupervisionWish(row.kind, at, frozenset(int(day) for day in row.weekdays), row.channel)


def add(db: Session, contract_id: int, place: str, wanted: rule.SupervisionWish, now: datetime) -> bool:
    """Store a rule; return False when the same one exists. Call inside `writing`."""
    minute, weekdays = (
        wanted.by.hour * 60 + wanted.by.minute,
        "".join(str(day) for day in sorted(wanted.weekdays)),
    )
    same = (
        SupervisionWatch.contract_id == contract_id,
        SupervisionWatch.place == place,
        SupervisionWatch.kind == wanted.kind,
        SupervisionWatch.minute == minute,
        SupervisionWatch.weekdays == weekdays,
    )
    if db.exec(select(SupervisionWatch).where(*same)).first():
        return False
    db.add(
        SupervisionWatch(
            contract_id=contract_id,
            place=place,
            kind=wanted.kind,
            minute=minute,
            weekdays=weekdays,
            channel=wanted.channel,
            made_at=now,
        )
    )
    return True


def stop(db: Session, row: SupervisionWatch) -> None:
    db.delete(row)


def send_warnings(engine: Engine, _: Settings, now: datetime) -> None:
    """Job: check each rule whose deadline has passed, each in its own transaction."""
    with Session(engine, expire_on_commit=False) as db:
        for row in due_watches(db, now):
            with writing(db):
                warn(db, row, now)


def due_watches(db: Session, now: datetime) -> list[SupervisionWatch]:
    """Return the rules whose deadline passed within the last hours and has not been checked."""
    today = days.today(now)
    minute, most = (now - days.midnight(today)) // timedelta(minutes=1), rule.LATEST // timedelta(minutes=1)
    found: list[SupervisionWatch] = []
    for day, first, last in (
        (today, minute - most, minute),
        (today - timedelta(days=1), minute - most + DAY, DAY),
    ):
        hour = select(SupervisionWatch).where(
            SupervisionWatch.minute >= first,
            SupervisionWatch.minute <= last,
            col(SupervisionWatch.weekdays).contains(str(day.weekday())),
        )
        settled_on = col(SupervisionWatch.settled_on)
        found += db.exec(hour.where(or_(settled_on.is_(None), settled_on < day)))
    return [row for row in found if rule.deadline(wish_of(row), now)]


def warn(db: Session, row: SupervisionWatch, now: datetime) -> bool:
    """Put the warning of one rule into the outbox if it is due and not sent yet; return whether it was put.
    Call inside `writing`.

    After a contact of the station the day is settled, with or without a warning; until then it is checked
    again.
    """
    wanted, fresh = wish_of(row), db.get(SupervisionWatch, row.id)
    at = rule.deadline(wanted, now)
    if at is None or fresh is None:
        return False
    day, reader = days.today(at), db.connection()
    place = next((one for one in feed.read_view(reader, row.contract_id).places if one.id == row.place), None)
    # A rule added after today's deadline applies from the next deadline.
    if place is None or row.made_at > at:
        fresh.settled_on = day
        return False
    facts = _site_facts(db, reader, row, place, at, now)
    fresh.settled_on = day if rule.was_in_contact(facts, at) else None
    warned = db.exec(select(SupervisionWarning.day).where(SupervisionWarning.watch_id == row.id)).all()  # type: ignore[call-overload]
    if rule.missed_day(wanted, facts, now, warned) is None or not _send(  # type: ignore[arg-type]
        db, row, rule.warning_text(wanted, place.name), now
    ):
        return False
    db.add(SupervisionWarning(watch_id=row.id, day=day, at=now))
    journal.note(
        db, "system:jobs", "supervision.warn", now, contract_id=row.contract_id, watch=row.id, day=day
    )
    return True


def _site_facts(
    db: Session,
    reader: Connection,
    row: SupervisionWatch,
    place: FeedPlace,
    at: datetime,
    now: datetime,
) -> rule.SiteFacts:
    turn, then = _state(reader, place, now), _state(reader, place, at)
    return rule.SiteFacts(
        turn,
        then[0] if then else None,
        station.last_contact(db),
        _channel_is_active(db, row.contract_id, now),
    )


def _state(reader: Connection, place: FeedPlace, at: datetime) -> tuple[str, datetime] | None:
    """Return the place's state at an instant, from the last switch of each of its keys."""
    return armed.site_state(feed.last_switches(reader, [place], at), place.key_ids)


def _channel_is_active(db: Session, contract_id: int, now: datetime) -> bool:
    """Return whether the channel service is active today, so that events are expected."""
    channel = next((one for one in services.list_services(db, contract_id) if one.kind == "channel"), None)
    state = services.state_on(db, int(channel.id), days.today(now)) if channel and channel.id else None
    return bool(state and state.state == "active")


def _send(db: Session, row: SupervisionWatch, words: str, now: datetime) -> bool:
    """Put the warning for the channel of the rule; return False when the subscriber has turned that channel
    off.
    """
    owner = select(Subscriber).join(Contract, col(Contract.subscriber_id) == Subscriber.id)
    holder = db.exec(owner.where(Contract.id == row.contract_id)).one()
    if row.channel not in notification_preferences.wanted_channels(db, holder.id, "supervision", now):
        return False
    to = str(holder.mobile if row.channel == "sms" else holder.email)
    outbox.put(
        db,
        row.channel,
        to,
        words,
        kind="supervision",
        now=now,
        contract_id=row.contract_id,
        subject=words if row.channel == "mail" else None,
    )
    return True
