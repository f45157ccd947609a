"""Messages no choice of notices turns off: the owner hears at once of a cut alarm channel or moved money
(rules.requests.owner_alerts).
"""

from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session

from db import outbox
from db.people import subscribers
from db.requests.requests import Request
from rules import days
from rules.requests import owner_alerts
from rules.requests import requests as rule
from rules.requests.owner_alerts import Office


def send(
    db: Session, subscriber_id: int, words: str, now: datetime, *, contract_id: int, urgent: bool = True
) -> None:
    """By SMS to the sign-in phone, or by mail to who has none; in the transaction of what it tells about.
    Inside `writing`.

    `urgent` goes before all others: for what one person did, never for what a file of thousands says.

    """
    who = subscribers.by_id(db, subscriber_id)
    channel, to = ("sms", who.mobile) if who.mobile else ("mail", who.email)
    if to:
        outbox.put(
            db,
            channel,
            to,
            words,
            kind="alert",
            now=now,
            contract_id=contract_id,
            urgent=urgent,
            subject="Важное изменение по договору" if channel == "mail" else None,
        )


def of_request(
    db: Session, request: Request, words: Callable[..., str], office: Office, now: datetime
) -> None:
    """Of a request as it now stands: what, for when, and how to undo it. `words` is one of
    rules.requests.owner_alerts. Inside `writing`.
    """
    what = owner_alerts.deed(request.kind, request.payload, request.effective_day)
    revocable = rule.may_withdraw(request.state, request.effective_day, days.today(now))
    said = words(office, request.number, what, revocable=revocable)
    send(db, request.subscriber_id, said, now, contract_id=request.contract_id)


def call_off(db: Session, request: Request, was: str, office: Office, now: datetime) -> tuple[str, ...]:
    """Alarms will not come back after all, if that was promised; the channels the owner was told over. Inside
    `writing`.
    """
    if request.kind not in rule.RESTORES or was != rule.APPROVED:
        return ()
    words = owner_alerts.called_off(office, request.number, request.kind)
    send(db, request.subscriber_id, words, now, contract_id=request.contract_id)
    return ("sms",)
