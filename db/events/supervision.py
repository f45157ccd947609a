"""What a subscriber wants to be warned of: a site not armed or not disarmed by an hour, and what was already
said.
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
from settings import Settings

DAY = 24 * 60


class Watch(SQLModel, table=True):
    """One wish of a contract for one of its places (db.events.feed.Place)."""

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
        default=None, description="the last day whose hour was looked at and decided"
    )


class Warned(SQLModel, table=True):
    """A warning given: once per wish and Moscow day, whatever happens to the job."""

    __tablename__ = "watch_warned"

    watch_id: int = Field(primary_key=True, foreign_key="watch.id", ondelete="CASCADE")
    day: date = Field(primary_key=True)
    at: datetime = Field(sa_type=Instant)


def of(db: Session, contract_id: int) -> list[Watch]:
    mine = select(Watch).where(Watch.contract_id == contract_id)
    return list(db.exec(mine.order_by(col(Watch.place), col(Watch.minute))))


def owned(db: Session, contract_id: int, watch_id: int) -> Watch | None:
    return db.exec(select(Watch).where(Watch.id == watch_id, Watch.contract_id == contract_id)).first()


def wish(row: Watch) -> rule.Watch:
    at = time(*divmod(row.minute, 60))
    return rule.Watch(row.kind, at, frozenset(int(day) for day in row.weekdays), row.channel)


def add(db: Session, contract_id: int, place: str, wanted: rule.Watch, now: datetime) -> bool:
    """Keep a wish; False when there is the same already. Call inside `writing`."""
    minute, weekdays = (
        wanted.by.hour * 60 + wanted.by.minute,
        "".join(str(day) for day in sorted(wanted.weekdays)),
    )
    same = (
        Watch.contract_id == contract_id,
        Watch.place == place,
        Watch.kind == wanted.kind,
        Watch.minute == minute,
        Watch.weekdays == weekdays,
    )
    if db.exec(select(Watch).where(*same)).first():
        return False
    db.add(
        Watch(
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


def stop(db: Session, row: Watch) -> None:
    db.delete(row)


def carry_out(engine: Engine, _: Settings, now: datetime) -> None:
    """The job: each wish whose hour has come, in a transaction of its own."""
    with Session(engine, expire_on_commit=False) as db:
        for row in due(db, now):
            with writing(db):
                warn(db, row, now)


def due(db: Session, now: datetime) -> list[Watch]:
    """Wishes whose hour came within the last hours and is not settled yet; nobody else is asked about."""
    today = days.today(now)
    minute, most = (now - days.midnight(today)) // timedelta(minutes=1), rule.LATEST // timedelta(minutes=1)
    found: list[Watch] = []
    for day, first, last in (
        (today, minute - most, minute),
        (today - timedelta(days=1), minute - most + DAY, DAY),
    ):
        hour = select(Watch).where(
            Watch.minute >= first, Watch.minute <= last, col(Watch.weekdays).contains(str(day.weekday()))
        )
        found += db.exec(hour.where(or_(col(Watch.settled_on).is_(None), Watch.settled_on < day)))  # type: ignore[arg-type, operator]
    return [row for row in found if rule.deadline(wish(row), now)]


def warn(db: Session, row: Watch, now: datetime) -> bool:
    """Put the warning of one wish into the outbox if it is due and was not said; call inside `writing`.

    Once the station was heard the day is settled, warned or not; while it is silent we ask again.
    """
    wanted, fresh = wish(row), db.get(Watch, row.id)
    at = rule.deadline(wanted, now)
    if at is None or fresh is None:
        return False
    day, reader = days.today(at), db.connection()
    place = next((one for one in feed.view(reader, row.contract_id).places if one.id == row.place), None)
    # A wish made after its hour speaks from the next time on.
    if place is None or row.made_at > at:
        fresh.settled_on = day
        return False
    known = _known(db, reader, row, place, at, now)
    fresh.settled_on = day if rule.heard(known, at) else None
    said = db.exec(select(Warned.day).where(Warned.watch_id == row.id)).all()
    if rule.missed(wanted, known, now, said) is None or not _send(
        db, row, rule.words(wanted, place.name), now
    ):
        return False
    db.add(Warned(watch_id=row.id, day=day, at=now))
    journal.note(
        db, "system:jobs", "supervision.warn", now, contract_id=row.contract_id, watch=row.id, day=day
    )
    return True


def _known(
    db: Session, reader: Connection, row: Watch, place: feed.Place, at: datetime, now: datetime
) -> rule.Site:
    turn, then = _state(reader, place, now), _state(reader, place, at)
    return rule.Site(
        turn, then[0] if then else None, station.last_contact(db), _carried(db, row.contract_id, now)
    )


def _state(reader: Connection, place: feed.Place, at: datetime) -> tuple[str, datetime] | None:
    """The place's state at an instant, from the last turn of each of its keys before it."""
    return armed.state(feed.turns(reader, [place], at), place.key_ids)


def _carried(db: Session, contract_id: int, now: datetime) -> bool:
    """Whether the channel works today, so that silence means something."""
    channel = next((one for one in services.of(db, contract_id) if one.kind == "channel"), None)
    state = services.state_on(db, int(channel.id), days.today(now)) if channel and channel.id else None
    return bool(state and state.state == "active")


def _send(db: Session, row: Watch, words: str, now: datetime) -> bool:
    """Over the way the wish names, if its subscriber is told of this over it
    (db.people.notification_preferences) and can be reached.
    """
    owner = select(Subscriber).join(Contract, col(Contract.subscriber_id) == Subscriber.id)
    holder = db.exec(owner.where(Contract.id == row.contract_id)).one()
    if row.channel not in notification_preferences.wanted(db, holder.id, "supervision", now):
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
