"""Confirms a new number for alarms by a code that is sent to it, before any alarm is sent there."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from db import journal
from db.access import codes, sms_limits
from db.journal import Person
from db.requests.drafts import Draft
from rules.access import sms_texts
from rules.typed_text import read_digits
from settings import Settings

PURPOSE = "alarm-number"


def _binding(who: Person, draft: Draft, number: str | None) -> codes.Binding:
    """Return what a code is valid for: this draft and this number, in this session of this subscriber."""
    return codes.Binding(PURPOSE, f"{who.binding}:{draft.id}:{number}", who.id, who.session_id)


def send_code(db: Session, settings: Settings, who: Person, draft: Draft, number: str, now: datetime) -> None:
    """Send a code to the new number, within the limits per phone and per subscriber. Inside `writing`."""
    digits = codes.create_code(db, settings.secrets, _binding(who, draft, number), now, about=number)
    sms_limits.send(
        db,
        settings,
        number,
        sms_texts.alarm_number_text(settings.brand, digits),
        purpose=PURPOSE,
        now=now,
        subscriber_id=who.id,
        contract_id=who.contract_id,
    )
    journal.note(db, who, "requests.send_code", now, kind=draft.kind)


def is_code_sent(db: Session, who: Person, draft: Draft, number: str | None, now: datetime) -> bool:
    return codes.find_pending(db, _binding(who, draft, number), now) is not None


def check_code(
    db: Session, secrets: Sequence[str], who: Person, draft: Draft, number: str, typed: str, now: datetime
) -> codes.Code | None:
    """Return the unused code that was sent to the new number. None when `typed` is wrong, which counts as a
    try. Inside `writing`.
    """
    digits = read_digits(typed)
    return codes.check_code(db, secrets, _binding(who, draft, number), digits, now) if digits else None
