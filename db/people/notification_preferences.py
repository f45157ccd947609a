"""What each subscriber wants to be notified of and over which channels."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, select

from db import outbox
from db.people import services, subscribers
from rules import days
from rules.people import notification_preferences as rule


class NoticeChoice(SQLModel, table=True):
    """An explicit choice; without a row the rule's default applies."""

    __tablename__ = "notice_choice"

    subscriber_id: int = Field(primary_key=True, foreign_key="subscriber.id")
    kind: str = Field(
        primary_key=True,
        description="alarm, arming, answer, money… (rules/people/notification_preferences.py)",
    )
    channel: str = Field(primary_key=True, description="sms or mail")
    wanted: bool


def load_choices(db: Session, subscriber_id: int) -> dict[tuple[str, str], bool]:
    rows = db.exec(select(NoticeChoice).where(NoticeChoice.subscriber_id == subscriber_id))
    return {(row.kind, row.channel): row.wanted for row in rows}


def save_choices(db: Session, subscriber_id: int, plan: dict[tuple[str, str], bool]) -> None:
    """Inside `writing`."""
    for (kind, channel), wish in plan.items():
        db.merge(NoticeChoice(subscriber_id=subscriber_id, kind=kind, channel=channel, wanted=wish))


def wanted_channels(db: Session, subscriber_id: int, kind: str, now: datetime | None = None) -> list[str]:
    """Return the channels ("sms", "mail") for this kind of message that reach this subscriber."""
    who = subscribers.get_subscriber(db, subscriber_id)
    return rule.choose_channels(
        kind,
        load_choices(db, subscriber_id),
        mobile=bool(who.mobile),
        mail=bool(who.email and who.email_confirmed_at),
        sms_service=kind == "alarm" and now is not None and has_sms_service(db, subscriber_id, now),
    )


def notify(
    db: Session,
    subscriber_id: int,
    kind: str,
    words: str,
    now: datetime,
    *,
    contract_id: int | None = None,
    subject: str | None = None,
    skip: Collection[str] = (),
) -> list[str]:
    """Queue the same words for every wanted channel except `skip`; return the channels used. Inside
    `writing`.
    """
    who = subscribers.get_subscriber(db, subscriber_id)
    channels = [one for one in wanted_channels(db, subscriber_id, kind, now) if one not in skip]
    for channel in channels:
        to = who.mobile if channel == rule.SMS else who.email
        outbox.put(
            db,
            channel,
            str(to),
            words,
            kind=kind,
            now=now,
            contract_id=contract_id,
            subject=subject if channel == rule.MAIL else None,
        )
    return channels


def has_sms_service(db: Session, subscriber_id: int, now: datetime) -> bool:
    """Return whether SMS-информирование is active today on any contract of the subscriber."""
    return services.has_active_service(db, subscriber_id, "sms", days.today(now))
