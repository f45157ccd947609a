"""Staff invitations, and the one function that changes what an employee signs in with."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from sqlmodel import Session, col, select

from db import outbox, sealing
from db.access import device_tokens, sessions
from db.access.staff import Staff, renew_recovery_codes, seal_context
from rules.access import credentials, totp
from settings import Settings

INVITATION_LIFETIME = timedelta(days=3)


def change_credentials(
    db: Session, settings: Settings, row: Staff, what: str, now: datetime, **values: object
) -> int:
    """Change what an employee signs in with or may do: their sessions end, their browsers are forgotten, and
    they are notified.

    `what` is a key of rules.access.credentials.STAFF_WORDS, `values` are the columns; returns how many
    sessions ended. Inside `writing`.
    """
    former = row.email
    for name, value in values.items():
        setattr(row, name, value)
    db.add(row)
    if to := former or row.email:
        outbox.put(
            db,
            "mail",
            to,
            f"{settings.brand}: {credentials.staff_message(what)}",
            kind="security",
            now=now,
            subject=credentials.STAFF_SUBJECT,
            urgent=True,
        )
    device_tokens.revoke_staff(db, row.id)
    return sessions.end_staff(db, row.id)


def invite(db: Session, settings: Settings, row: Staff, now: datetime) -> str:
    """Return the token of a new one-time invitation that replaces any earlier one; the token is stored
    nowhere.

    The current password and second factor can start new sessions until the invitation is used; present
    sessions end now.
    """
    token = secrets.token_urlsafe(24)
    secret = sealing.seal(settings.attachment_keys, totp.new_secret(), seal_context(row))
    change_credentials(
        db,
        settings,
        row,
        "invite",
        now,
        invite_hash=_hash_token(token),
        invited_until=now + INVITATION_LIFETIME,
        invite_secret=secret,
    )
    return token


def find_invited(db: Session, token: str, now: datetime) -> Staff | None:
    """Return whose invitation this is; None when used, replaced, expired, or the account is disabled."""
    return db.exec(
        select(Staff).where(
            Staff.invite_hash == _hash_token(token),
            col(Staff.invited_until) > now,
            col(Staff.disabled_at).is_(None),
        )
    ).first()


def offered_secret(row: Staff, keys: list[str]) -> str:
    """Return the second factor's secret that the invitation offers."""
    return sealing.unseal(keys, str(row.invite_secret), seal_context(row))


def enrol(
    db: Session, settings: Settings, row: Staff, password_hash: str, step: int, now: datetime
) -> list[str]:
    """Accept the invitation: set the password and second factor; return ten recovery codes to be shown
    once.
    """
    change_credentials(
        db,
        settings,
        row,
        "enrol",
        now,
        password_hash=password_hash,
        totp_secret=row.invite_secret,
        totp_last=step,
        invite_hash=None,
        invite_secret=None,
        invited_until=None,
    )
    return renew_recovery_codes(db, row)


def _hash_token(token: str) -> str:
    return sha256(token.encode()).hexdigest()
