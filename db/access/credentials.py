"""A changed way of signing in: the one place that notifies the subscriber and ends older sessions and
codes.
"""

from datetime import datetime

from sqlmodel import Session

from db import outbox
from db.access import codes, device_tokens, security_notices, sessions, sms_limits
from db.journal import Person
from db.people import subscribers
from rules import phones
from rules.access import credentials as rule
from settings import Settings


def apply_change(
    db: Session,
    settings: Settings,
    who: Person,
    what: str,
    now: datetime,
    *,
    device: bytes,
    mobile: str | None = None,
    **values: object,
) -> str:
    """Apply the consequences of a changed password, way of sign-in, phone or factor; return the session's new
    cookie.

    Pending codes become void, other sessions and browsers are signed out (`end_other_sessions`), and the
    subscriber is notified; `mobile` is the former phone when the phone itself changed. Inside `writing`,
    after the change.
    """
    codes.revoke_codes(db, who.id)
    notify(db, settings, who.id, what, now, contract_id=who.contract_id, mobile=mobile)
    return end_other_sessions(db, who, device, **values)


def end_other_sessions(db: Session, who: Person, device: bytes, **values: object) -> str:
    """End other sessions and forget other browsers; return this session's new cookie.

    `device` is the hash of this browser's id (db/access/device_tokens.py), `values` are set in the session.
    Inside `writing`.
    """
    sessions.end(db, who, keep=who.session_id)
    device_tokens.revoke(db, who, keep=device)
    token = sessions.renew(db, who, **values)
    device_tokens.move_session(db, who, token)
    return token


def notify(
    db: Session,
    settings: Settings,
    subscriber_id: int,
    what: str,
    now: datetime,
    *,
    contract_id: int | None = None,
    mobile: str | None = None,
    when: str = "",
) -> None:
    """Notify by SMS, by mail when the address is confirmed, and in the cabinet, whatever the preferences.

    Inside `writing`.
    """
    who = subscribers.get_subscriber(db, subscriber_id)
    message = rule.subscriber_message(settings.brand, what, phones.format_phone(settings.service_phone), when)
    security_notices.add(db, subscriber_id, what, rule.change_words(what, when), now)
    if to := mobile or who.mobile:
        sms_limits.notify(
            db,
            settings,
            to,
            message,
            now=now,
            kind="security",
            subscriber_id=subscriber_id,
            contract_id=contract_id,
            urgent=True,
        )
    if (
        who.email and who.email_confirmed_at and what != "email"
    ):  # a changed address is announced to the former one separately
        outbox.put(
            db,
            "mail",
            who.email,
            message,
            kind="security",
            now=now,
            contract_id=contract_id,
            urgent=True,
            subject=rule.SUBJECT,
        )
