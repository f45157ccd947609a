"""Messages no choice of notices turns off: the owner hears at once of a cut alarm channel or moved money (rules.alerts)."""

from datetime import datetime

from sqlmodel import Session

from db import outbox, subscribers


def send(db: Session, subscriber_id: int, words: str, now: datetime, *, contract_id: int, urgent: bool = True) -> None:
    """By SMS to the sign-in phone, or by mail to who has none; in the transaction of what it tells about. Inside `writing`.

    `urgent` goes before all others: for what one person did, never for what a file of thousands says.
    """
    who = subscribers.by_id(db, subscriber_id)
    channel, to = ("sms", who.mobile) if who.mobile else ("mail", who.email)
    if to:
        outbox.put(db, channel, to, words, kind="alert", now=now, contract_id=contract_id, urgent=urgent,
                   subject="Важное изменение по договору" if channel == "mail" else None)  # fmt: skip
