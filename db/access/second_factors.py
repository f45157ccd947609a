"""A subscriber's authenticator application: codes, and removal of a lost one a day after it was reported."""

from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from db import journal, writing
from db.access import codes, credentials, sessions
from db.journal import Person
from db.people import subscribers
from db.people.subscribers import Subscriber
from rules.access.credentials import APP_REMOVAL_DELAY
from rules.days import moment
from settings import Settings

SYSTEM = "system:jobs"


def use_code(db: Session, settings: Settings, who: Person, typed: str, now: datetime) -> bool:
    """Return whether the application shows this code now, and mark it used; this also cancels a reported
    loss. Inside `writing`.
    """
    if not subscribers.use_totp(db, who.id, typed, now):
        return False
    cancel_loss(db, settings, who, now)
    return True


def declare_lost(
    db: Session,
    settings: Settings,
    subscriber_id: int,
    contract_id: int | None,
    by: Person,
    now: datetime,
    **facts: object,
) -> datetime:
    """Return when the application will be removed; a second report keeps the first moment. The subscriber is
    notified. Inside `writing`.

    `by` is the subscriber, or the employee who verified identity.
    """
    subscriber = subscribers.get_subscriber(db, subscriber_id)
    if subscriber.app_off_at is None:
        subscriber.app_off_at = now + APP_REMOVAL_DELAY
        db.add(subscriber)
        when = moment(subscriber.app_off_at)
        credentials.notify(db, settings, subscriber_id, "app-lost", now, contract_id=contract_id, when=when)
        journal.note(
            db,
            by,
            "second_factors.lost",
            now,
            subscriber_id=subscriber_id,
            contract_id=contract_id,
            at=when,
            **facts,
        )
    return subscriber.app_off_at


def cancel_loss(db: Session, settings: Settings, who: Person, now: datetime) -> bool:
    """Keep the application; False when no loss was reported. Inside `writing`."""
    subscriber = subscribers.get_subscriber(db, who.id)
    if subscriber.app_off_at is None:
        return False
    subscriber.app_off_at = None
    db.add(subscriber)
    codes.revoke_codes(db, who.id)
    credentials.notify(db, settings, who.id, "app-kept", now, contract_id=who.contract_id)
    journal.note(db, who, "second_factors.keep", now)
    return True


def remove_lost(engine: Engine, settings: Settings, now: datetime) -> None:
    """Job: remove applications whose waiting time is over, end sessions, notify the subscriber."""
    with Session(engine) as db:
        due = select(Subscriber.id).where(col(Subscriber.app_off_at) <= now)
        for subscriber_id in db.exec(due).all():
            with writing(db):
                _remove_application(db, settings, subscriber_id, now)


def _remove_application(db: Session, settings: Settings, subscriber_id: int, now: datetime) -> None:
    who = subscribers.get_subscriber(
        db, subscriber_id
    )  # read again: its own code, or another worker, may have changed it
    if who.app_off_at is None or who.app_off_at > now:
        return
    subscribers.save_totp(db, subscriber_id, None)
    codes.revoke_codes(db, subscriber_id)
    sessions.end_subscriber(db, subscriber_id)
    credentials.notify(db, settings, subscriber_id, "app-gone", now)
    journal.note(db, SYSTEM, "second_factors.remove", now, subscriber_id=subscriber_id)
