"""One thing sent is one thing kept: a key in each form, a unique row behind it, and a look at the last ten
minutes.

A page fetched anew by Back carries a new key while the browser restores the typed text, so the same content
from the same person within ten minutes is asked about too (SPEC §2).
"""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from sqlmodel import Field, Index, Session, SQLModel, col, delete, select

from db import Instant, sealing
from db.journal import Person

WINDOW = timedelta(minutes=10)
NOT_CONTENT = {"key", "again", "_csrf_token"}


class Sending(SQLModel, table=True):
    __table_args__ = (Index("ix_sending_actor_digest", "actor", "digest"),)

    id: int = Field(default=None, primary_key=True)
    key: str = Field(unique=True, description="actor and form key")
    actor: str
    digest: str
    place: str = Field(description="the page the sending was answered with")
    words: str = Field(default="", description="what it became, e.g. «№ 12»")
    at: datetime = Field(sa_type=Instant)


class AlreadySent(Exception):
    """The same content went through minutes ago under another key; `place` shows it, `again=1` in the form
    sends anew.
    """

    def __init__(self, place: str, words: str) -> None:
        super().__init__(words)
        self.place = place
        self.words = words


def digests(db: Session, what: str, typed: dict[str, str], extra: str = "") -> list[str]:
    """Of the content, under each of the operator's keys, the newest last: what was typed cannot be guessed
    from the file.
    """
    content = sorted((name, value.strip()) for name, value in typed.items() if name not in NOT_CONTENT)
    return sealing.digests(sealing.keys_of(db), "sending", f"{what}\n{content}\n{extra}")


def earlier(
    db: Session, who: Person, what: str, typed: dict[str, str], now: datetime, extra: str = ""
) -> str | None:
    """The page this very form was already answered with, or None. Call inside `writing`, before deciding
    anything.

    A form without a key (made by a program, or by an old page) is the same only while its content is, within
    the window.

    `what` names the form (so that two forms with equal fields differ); `extra` is for content outside the
    fields, such as the hashes of attached files. Raises AlreadySent for identical content under another key.
    """
    same = (
        db.exec(select(Sending).where(Sending.key == _key(who, what, typed))).first()
        if typed.get("key")
        else None
    )
    if same:
        return same.place
    if typed.get("again") != "1" or not typed.get("key"):
        twin = db.exec(
            select(Sending)
            .where(
                Sending.actor == who.actor,
                col(Sending.digest).in_(digests(db, what, typed, extra)),
                Sending.at > now - WINDOW,
            )
            .order_by(col(Sending.id).desc())
        ).first()
        if twin and typed.get("again") == "1":
            return twin.place  # without a key nothing tells a second wish from a repeat of the first
        if twin:
            raise AlreadySent(twin.place, twin.words)
    return None


def add(
    db: Session,
    who: Person,
    what: str,
    typed: dict[str, str],
    place: str,
    now: datetime,
    words: str = "",
    extra: str = "",
) -> None:
    """Remember what this form became; in the same transaction as the thing itself."""
    db.add(
        Sending(
            key=_key(who, what, typed),
            actor=who.actor,
            digest=digests(db, what, typed, extra)[-1],
            place=place,
            words=words,
            at=now,
        )
    )


def sweep(db: Session, now: datetime) -> None:
    db.connection().execute(delete(Sending).where(col(Sending.at) < now - timedelta(days=30)))


def _key(who: Person, what: str, typed: dict[str, str]) -> str:
    return sha256(f"{who.actor}:{what}:{typed.get('key') or secrets.token_hex(16)}".encode()).hexdigest()
