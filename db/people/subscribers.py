"""Subscribers: a person, a sole trader or a company, and how each signs in (manual §1, §2)."""

from datetime import datetime
from hashlib import sha256

from sqlalchemy import bindparam, text
from sqlmodel import Field, Index, Session, SQLModel, col, select, update

from db import Instant, sealed_columns
from rules.access import totp


class Subscriber(SQLModel, table=True):
    """`mobile` is the authorisation phone, which receives passwords and codes; contact phones are only for
    calls.
    """

    __table_args__ = (
        Index(
            "ix_subscriber_app_off",
            "app_off_at",
            sqlite_where=text("app_off_at IS NOT NULL"),
            postgresql_where=text("app_off_at IS NOT NULL"),
        ),
    )

    id: int = Field(default=None, primary_key=True)
    code: str = Field(unique=True, description="the registry's own code of the subscriber")
    kind: str = Field(description="person, sole_trader or company")
    name: str
    inn: str | None = None
    mobile: str | None = None
    contact_mobile: str | None = None
    landline: str | None = None
    email: str | None = None
    email_asked: str | None = Field(default=None, description="waits for its link to be opened")
    email_confirmed_at: datetime | None = Field(default=None, sa_type=Instant)

    # How this subscriber signs in
    registered_at: datetime | None = Field(default=None, sa_type=Instant)
    entry: str = Field(
        default="none", description="none, password or sms: what was chosen at the first entry"
    )
    password_hash: str | None = None
    initial_hash: str | None = Field(default=None, description="the password from the SMS")
    initial_until: datetime | None = Field(default=None, sa_type=Instant)
    totp_clear: str | None = Field(
        default=None, sa_column_kwargs={"name": "totp_secret"}, description="of an earlier release"
    )
    totp_sealed: str | None = Field(
        default=None, description="the secret of an application's codes (db.sealed_columns)"
    )
    totp_step: int | None = Field(default=None, description="the last thirty-second step whose code was used")
    app_off_at: datetime | None = Field(
        default=None, sa_type=Instant, description="the lost application is removed then"
    )
    security_unread: int = Field(
        default=0, description="1: word of a changed way of entry waits in the cabinet"
    )
    welcome: int = Field(default=0, description="1: home still says what to do first")
    rights_notice: int = Field(
        default=0, description="1: the first page still says that rights became narrower"
    )

    @property
    def has_totp(self) -> bool:
        """Whether an authenticator application is enrolled."""
        return bool(self.totp_sealed or self.totp_clear)


def get_subscriber(db: Session, subscriber_id: int) -> Subscriber:
    return db.exec(select(Subscriber).where(Subscriber.id == subscriber_id)).one()


def address_fingerprint(address: str) -> str:
    """Return the hash of an address, so that a confirmation link does not contain the address itself."""
    return sha256(address.encode()).hexdigest()[:24]


def request_email(db: Session, subscriber_id: int, address: str) -> None:
    """Save an address that awaits confirmation. Inside `writing`."""
    who = get_subscriber(db, subscriber_id)
    who.email_asked = address
    db.add(who)


def requested_email(who: Subscriber, print_: str) -> str | None:
    """Return the address awaiting confirmation if it has this fingerprint; None when it was confirmed or
    replaced.
    """
    return who.email_asked if who.email_asked and address_fingerprint(who.email_asked) == print_ else None


def confirm_email(db: Session, subscriber_id: int, print_: str, now: datetime) -> bool:
    """Make the awaited address the subscriber's; False when another one is awaited now. Inside `writing`."""
    who = get_subscriber(db, subscriber_id)
    if not (address := requested_email(who, print_)):
        return False
    who.email, who.email_confirmed_at, who.email_asked = address, now, None
    db.add(who)
    return True


# Built once: building the UPDATE and looking up its compiled form costs more than running it.
_update_contacts = (
    update(Subscriber)
    .where(col(Subscriber.id) == bindparam("subscriber"))
    .values(contact_mobile=bindparam("contact"), landline=bindparam("line"))
)


def save_contacts(db: Session, subscriber_id: int, contact_mobile: str | None, landline: str | None) -> None:
    """Save the phones to call; they are never used to sign in. Inside `writing`."""
    db.connection().execute(
        _update_contacts, {"subscriber": subscriber_id, "contact": contact_mobile, "line": landline}
    )


def change_phone(db: Session, subscriber_id: int, mobile: str) -> None:
    """Change the authorisation phone, after codes from both numbers were right. Inside `writing`.

    A password sent to the former phone stops working.
    """
    who = get_subscriber(db, subscriber_id)
    who.mobile, who.initial_hash, who.initial_until = mobile, None, None
    db.add(who)


def hide_welcome(db: Session, subscriber_id: int) -> None:
    """Stop showing the first steps. Inside `writing`."""
    who = get_subscriber(db, subscriber_id)
    who.welcome = 0
    db.add(who)


def save_totp(db: Session, subscriber_id: int, secret: str | None, step: int | None = None) -> None:
    """Save the authenticator's secret, or remove it with None; `step` is the one just used. Inside
    `writing`.
    """
    who = get_subscriber(db, subscriber_id)
    who.totp_step, who.app_off_at = step, None
    sealed_columns.write(db, who, "totp_sealed", secret)
    db.add(who)


def use_totp(db: Session, subscriber_id: int, typed: str, now: datetime) -> bool:
    """Return whether the enrolled application shows this code now; each code works once. Inside `writing`."""
    who = get_subscriber(db, subscriber_id)
    secret = sealed_columns.read(db, who, "totp_sealed")
    step = totp.match_step(secret, typed, now, who.totp_step) if secret else None
    if step is None:
        return False
    who.totp_step = step
    db.add(who)
    return True
