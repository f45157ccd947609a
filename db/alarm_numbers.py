"""A new number for alarms answers with a code of its own before anything is sent to it: it is in the hands the owner means."""

import re
from datetime import datetime

from sqlmodel import Session

from db import access, codes, journal, outbox
from db.drafts import Draft
from db.journal import Person
from settings import Settings

PURPOSE = "alarm-number"


def _binding(who: Person, draft: Draft, number: str | None) -> str:
    """What a code answers for: this draft and this number, in this session of this subscriber."""
    return f"{who.session_id}:{who.id}:{draft.id}:{number}"


def send(db: Session, settings: Settings, who: Person, draft: Draft, number: str, address: str, now: datetime) -> None:
    """A code to the new number, within the limits of the contract, the address and the phone. Inside `writing`."""
    access.count_sms(db, settings, int(who.contract_number or 0), address, now)
    access.count_phone(db, settings, number, now)
    digits = codes.make(db, PURPOSE, _binding(who, draft, number), now, subscriber_id=who.id, about=number)
    words = f"{digits} — код: на этот номер {settings.brand} пришлёт сообщения о тревогах. Скажите его только абоненту."
    outbox.put(db, "sms", number, words, kind="code", now=now, contract_id=who.contract_id, urgent=True)
    journal.note(db, who, "requests.send_code", now, kind=draft.kind)


def is_sent(db: Session, who: Person, draft: Draft, number: str | None, now: datetime) -> bool:
    return codes.pending(db, PURPOSE, _binding(who, draft, number), now) is not None


def proof(db: Session, who: Person, draft: Draft, number: str, typed: str, now: datetime) -> codes.Code | None:
    """The code sent to the new number, unspent; None when these are not its digits, and the try is counted. Inside `writing`."""
    digits = re.sub(r"[\s\u00a0-]", "", typed)
    return codes.right(db, PURPOSE, _binding(who, draft, number), digits, now) if digits else None
