"""Idempotent forms: a repeated submission gets the response of the first one.

Each form has a random key, stored with a unique constraint. A page reopened by Back has a new key while the
browser restores the typed text, so the same content from the same person for the same contract within ten
minutes needs confirmation. A handler can pass the parsed plan as `meaning` to be compared instead of the
text, so that 1234 and 1 234,00 are the same amount.
"""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from sqlmodel import Field, Index, Session, SQLModel, col, delete, select

from db import Instant, sealing
from db.journal import Person

WINDOW = timedelta(minutes=10)
NOT_CONTENT = {"key", "again", "_csrf_token"}


class Submission(SQLModel, table=True):
    """A submitted form and the page of its response."""

    __tablename__ = "sending"
    __table_args__ = (Index("ix_sending_actor_digest", "actor", "digest"),)

    id: int = Field(default=None, primary_key=True)
    key: str = Field(unique=True, description="actor and form key")
    actor: str
    digest: str
    place: str = Field(description="the page the form was answered with")
    words: str = Field(default="", description="what was created, e.g. «№ 12»")
    at: datetime = Field(sa_type=Instant)


class DuplicateSubmission(Exception):
    """Raised when the same content was sent minutes ago under another key. `redirect_to` is the first
    response; `again=1` in the form sends it anyway.
    """

    def __init__(self, redirect_to: str, words: str) -> None:
        super().__init__(words)
        self.redirect_to = redirect_to
        self.words = words


def digests(
    db: Session, what: str, typed: dict[str, str], extra: str = "", meaning: object = None, about: int = 0
) -> list[str]:
    """Return HMACs of the content under each key, the newest last. `about` is the contract, 0
    on staff pages.
    """
    fields = sorted((name, value.strip()) for name, value in typed.items() if name not in NOT_CONTENT)
    content = fields if meaning is None else meaning
    return sealing.hmac_digests(sealing.session_keys(db), "sending", f"{what}\n{about}\n{content}\n{extra}")


def previous_answer(
    db: Session,
    who: Person,
    what: str,
    typed: dict[str, str],
    now: datetime,
    extra: str = "",
    meaning: object = None,
) -> str | None:
    """Return the page this form was already answered with, or None. Call inside `writing`, before any
    decision.

    `what` names the form; `extra` is content outside the fields, such as hashes of attached files. A form
    without a key (sent by a program) is compared by content, within the ten minutes. Raises
    DuplicateSubmission for the same content under another key.
    """
    same = (
        db.exec(select(Submission).where(Submission.key == _key(who, what, typed))).first()
        if typed.get("key")
        else None
    )
    if same:
        return same.place
    if typed.get("again") != "1" or not typed.get("key"):
        duplicate = db.exec(
            select(Submission)
            .where(
                Submission.actor == who.actor,
                col(Submission.digest).in_(digests(db, what, typed, extra, meaning, who.contract_id or 0)),
                Submission.at > now - WINDOW,
            )
            .order_by(col(Submission.id).desc())
        ).first()
        if duplicate and typed.get("again") == "1":
            return duplicate.place  # without a key an intended second form cannot be told from a repeat
        if duplicate:
            raise DuplicateSubmission(duplicate.place, duplicate.words)
    return None


def add(
    db: Session,
    who: Person,
    what: str,
    typed: dict[str, str],
    redirect_to: str,
    now: datetime,
    words: str = "",
    extra: str = "",
    meaning: object = None,
) -> None:
    """Store the response to this form, in the same transaction as the row it created."""
    db.add(
        Submission(
            key=_key(who, what, typed),
            actor=who.actor,
            digest=digests(db, what, typed, extra, meaning, who.contract_id or 0)[-1],
            place=redirect_to,
            words=words,
            at=now,
        )
    )


def forget_place(db: Session, redirect_to: str) -> None:
    """Delete the submissions answered with this page: it no longer exists, and nothing may redirect to it."""
    db.connection().execute(delete(Submission).where(col(Submission.place) == redirect_to))


def delete_old(db: Session, now: datetime) -> None:
    db.connection().execute(delete(Submission).where(col(Submission.at) < now - timedelta(days=30)))


def _key(who: Person, what: str, typed: dict[str, str]) -> str:
    return sha256(f"{who.actor}:{what}:{typed.get('key') or secrets.token_hex(16)}".encode()).hexdigest()
