"""Sends the alerts of rules/requests/owner_alerts.py, which notification preferences do not turn off."""

from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session

from db import outbox
from db.people import subscribers
from db.requests.requests import Request
from rules import days
from rules.requests import owner_alerts
from rules.requests import requests as rule
from rules.requests.kinds import KINDS
from rules.requests.owner_alerts import Office


def send(
    db: Session, subscriber_id: int, words: str, now: datetime, *, contract_id: int, urgent: bool = True
) -> None:
    """Send by SMS to the sign-in phone, or by e-mail if there is none, in the transaction of the change.
    Inside `writing`.

    `urgent` messages go before all others. It is for the action of one person, never for a bulk import.
    """
    who = subscribers.get_subscriber(db, subscriber_id)
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
            subject=owner_alerts.SUBJECT if channel == "mail" else None,
        )


def send_about_request(
    db: Session, request: Request, words: Callable[..., str], office: Office, now: datetime
) -> None:
    """Send an alert about the request in its present state. `words` is a function of
    rules.requests.owner_alerts. Inside `writing`.
    """
    what = owner_alerts.describe(request.kind, request.payload, request.effective_day)
    revocable = rule.may_withdraw(request.state, request.effective_day, days.today(now))
    text = words(office, request.number, what, revocable=revocable)
    send(db, request.subscriber_id, text, now, contract_id=request.contract_id)


def send_cancelled(
    db: Session, request: Request, previous: str, office: Office, now: datetime
) -> tuple[str, ...]:
    """Send an alert when a request is cancelled that was approved and would have brought alarms back.

    Return the channels used, () when there is no alert. `previous` is the state before. Inside `writing`.
    """
    if not KINDS[request.kind].restores or previous != rule.APPROVED:
        return ()
    words = owner_alerts.request_cancelled(office, request.number, request.kind)
    send(db, request.subscriber_id, words, now, contract_id=request.contract_id)
    return ("sms",)
