"""Sign-in of a representative: a code to their own phone, then a session with their rights."""

from datetime import datetime

from sqlmodel import Session

from db import journal
from db.access import acceptances, codes, device_tokens, rate_limits, representatives, sessions, sms_limits
from db.access.entry_limits import Visitor
from db.access.representatives import Representative
from db.access.sign_in import code_binding_value, count_request, use_page_code
from db.journal import Person
from db.people.contracts import Contract
from rules import days
from rules.access import sms_texts
from settings import Settings

PURPOSE = "login-representative"


def send_code(
    db: Session,
    settings: Settings,
    number: int,
    phone: str,
    visitor: Visitor,
    now: datetime,
    key: str = "",
) -> str:
    """Return the token of a page that waits for a code; the code is sent only to a phone that may act for
    this contract today. Inside `writing`.
    """
    form = key and f"{PURPOSE}:{key}:{number}:{phone}"
    token = codes.page_token(settings.secrets, form)
    if rate_limits.is_repeat(db, form, now, rate_limits.DOUBLE_PRESS):
        return token
    device = device_tokens.find_for_representative(db, visitor.device, phone)
    count_request(db, settings, "representative", f"{number} {phone}", visitor, device, now)
    found = representatives.find_active(db, number, phone, days.today(now))
    purpose = "representative" if device is None else "representative-device"
    sent = found is not None and sms_limits.may_send(db, settings, phone, purpose, now)
    owner = found[0].subscriber_id if found and sent else None
    bound = codes.Binding(PURPOSE, code_binding_value(token, visitor), owner)
    digits = codes.create_code(db, settings.secrets, bound, now, about=f"{number} {phone}")
    if found and sent:
        words = sms_texts.code_text(settings.brand, digits, sms_texts.REPRESENTATIVE)
        sms_limits.send(
            db,
            settings,
            phone,
            words,
            purpose=purpose,
            now=now,
            subscriber_id=None if device is None else owner,
            contract_id=found[1].id,
        )
    return token


def check_code(
    db: Session, settings: Settings, token: str, visitor: Visitor, digits: str, now: datetime
) -> tuple[Representative, Contract] | None:
    """Return the representative and the contract these digits open; None when they do not match or the rights
    have ended. Inside `writing`.
    """
    used = use_page_code(db, settings, PURPOSE, token, visitor, digits, now)
    if used is None:
        return None
    wanted, phone = used.about.split()
    found = representatives.find_active(db, int(wanted), phone, days.today(now))
    return found if found and found[0].subscriber_id == used.subscriber_id else None


def start_session(
    db: Session,
    acting: Representative,
    contract: Contract,
    earlier: Person | None,
    now: datetime,
    device: str,
    address: str,
) -> str:
    """Start a representative's session and return its cookie's value; the earlier session of this browser
    ends. Inside `writing`.
    """
    if earlier:
        sessions.end(db, earlier, earlier.session_id)
    token = sessions.start(
        db,
        now,
        subscriber_id=acting.subscriber_id,
        representative_id=acting.id,
        contract_id=contract.id,
        device=device,
        address=address,
        stage="open" if acceptances.has_consent(db, acting.subscriber_id, acting.id) else "consent",
    )
    journal.note(
        db,
        f"subscriber:{acting.subscriber_id}/{acting.id}",
        "access.sign_in",
        now,
        subscriber_id=acting.subscriber_id,
        contract_id=contract.id,
        how="representative",
    )
    return token
