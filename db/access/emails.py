"""Confirming a subscriber's e-mail address by a signed link."""

from datetime import datetime

from itsdangerous import URLSafeTimedSerializer
from sqlmodel import Session

from db import outbox
from db.access import credentials
from db.people import subscribers
from rules import paths
from rules.access import email_messages
from settings import Settings

SALT = "confirm-email"
LIFETIME_SECONDS = 3 * 24 * 3600


def request_confirmation(
    db: Session, signer: URLSafeTimedSerializer, origin: str, subscriber_id: int, address: str, now: datetime
) -> None:
    """Save the address as requested and send a signed link to it. The address takes effect when the link is
    opened. Inside `writing`.
    """
    subscribers.request_email(db, subscriber_id, address)
    link = signer.dumps([subscriber_id, subscribers.address_fingerprint(address)])
    message = email_messages.confirm_address(origin + paths.email_confirmation(link))
    outbox.put(
        db,
        "mail",
        address,
        message.text,
        kind="confirm-email",
        now=now,
        subject=message.subject,
    )


def read_link(signer: URLSafeTimedSerializer, link: str) -> tuple[int, str] | None:
    """Return (subscriber id, fingerprint of the address) of a link; None when it is not ours or has
    expired.
    """
    valid, value = signer.loads_unsafe(link, max_age=LIFETIME_SECONDS)
    return (int(value[0]), str(value[1])) if valid else None


def requested_address(db: Session, target: tuple[int, str]) -> str | None:
    """Return the address this link would confirm; None when it no longer can."""
    return subscribers.requested_email(subscribers.get_subscriber(db, target[0]), target[1])


def confirm(db: Session, target: tuple[int, str], settings: Settings, now: datetime) -> bool:
    """Make the requested address the subscriber's; notify the former confirmed address and the phone.

    Inside `writing`.
    """
    who = subscribers.get_subscriber(db, target[0])
    former = who.email if who.email_confirmed_at and who.email != who.email_asked else None
    if not subscribers.confirm_email(db, *target, now):
        return False
    if former:
        message = email_messages.address_replaced(settings.service_phone)
        outbox.put(
            db,
            "mail",
            former,
            message.text,
            kind="email",
            now=now,
            subject=message.subject,
        )
        credentials.notify(db, settings, target[0], "email", now)
    return True
