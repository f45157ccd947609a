"""Sign-in of a subscriber: limits on tries and SMS, the password from an SMS, the code from an SMS (manual
§2).
"""

from datetime import datetime

from sqlmodel import Session

from db import journal
from db.access import (
    codes,
    device_tokens,
    entry_limits,
    passwords,
    rate_limits,
    sms_limits,
)
from db.access.entry_limits import Visitor
from db.people import contracts, subscribers
from db.people.contracts import Contract
from db.people.subscribers import Subscriber
from rules.access import sms_texts
from rules.access.sign_in import INITIAL_PASSWORD_LIFETIME
from settings import Settings

Found = tuple[Contract, Subscriber] | None
ENTRY = "login"  # the purpose of a sign-in page's code


def check_password_tries(
    db: Session, settings: Settings, number: int, visitor: Visitor, now: datetime
) -> None:
    """Raise RateLimitExceeded when this visitor, or too many addresses together, have tried wrong passwords
    too often.
    """
    rate_limits.check_all(db, entry_limits.password_counters(db, settings, number, visitor, now), now)


def count_password_try(
    db: Session, settings: Settings, number: int, visitor: Visitor, now: datetime, found: Found, right: bool
) -> None:
    """Count a wrong try, or raise RateLimitExceeded: of many concurrent tries no more are answered than the
    limit allows.

    Call it inside `writing`, after the slow password check and before anything is answered, for right
    passwords too. It works alike for contracts that do not exist.
    """
    counters = entry_limits.password_counters(db, settings, number, visitor, now)
    rate_limits.check_all(db, counters, now)
    if not right:
        rate_limits.add_attempts(db, counters, now)
        note_refusal(db, visitor, now, found)


def note_refusal(db: Session, visitor: Visitor, now: datetime, found: Found = None) -> None:
    contract_id = found[0].id if found else None
    journal.note(db, "stranger", "access.refused", now, contract_id=contract_id, address=visitor.address)


def count_request(
    db: Session,
    settings: Settings,
    purpose: str,
    whom: str,
    visitor: Visitor,
    device: int | None,
    now: datetime,
) -> None:
    """Count a form that asks for an SMS without a session, or raise RateLimitExceeded; alike whether or not
    an SMS is sent.

    Of many concurrent requests no more pass than the limit allows. Inside `writing`.
    """
    counters = entry_limits.request_counters(settings, purpose, whom, visitor, device)
    rate_limits.check_all(db, counters, now)
    if device is None:
        sms_limits.check(db, settings, now)
    rate_limits.add_attempts(db, counters, now)


def check_password(db: Session, number: int, password: str, now: datetime) -> tuple[Found, str]:
    """Return (contract and subscriber, result): "own", "initial", "late" for an expired password from an SMS,
    or "wrong".

    Both hashes are always checked, so that the time reveals nothing of which of them exist.
    """
    found = contracts.find_by_number(db, number)
    who = found[1] if found else None
    own = passwords.verify_password(password, who.password_hash if who else None)
    initial = passwords.verify_initial_password(password, who.initial_hash if who else None)
    if who is None or not (own or initial):
        return found, "wrong"
    if own:
        return found, "own"
    return found, "initial" if who.initial_until and who.initial_until > now else "late"


def check_request(
    db: Session, settings: Settings, purpose: str, number: int, visitor: Visitor, now: datetime
) -> None:
    """Raise RateLimitExceeded for a form that `count_request` would refuse, before slow work is done for
    it.
    """
    device = device_tokens.find_for_contract(db, visitor.device, number)
    rate_limits.check_all(
        db, entry_limits.request_counters(settings, purpose, str(number), visitor, device), now
    )


def send_initial_password(
    db: Session,
    settings: Settings,
    number: int,
    visitor: Visitor,
    now: datetime,
    password: str,
    digest: str,
    phone: str | None = None,
) -> Found:
    """Send a password by SMS, valid for a day; the old one works until the new one is used. Inside `writing`.

    Returns the contract and its subscriber, or None when nothing is sent: no contract has this number, its
    phone is not `phone`, or it has received enough today. Raises RateLimitExceeded, whatever the number.
    """
    device = device_tokens.find_for_contract(db, visitor.device, number)
    count_request(db, settings, "password", str(number), visitor, device, now)
    found = contracts.find_by_number(db, number)
    purpose = "password" if device is None else "password-device"
    if phone is None:
        entry_limits.excuse_browser(db, settings, number, visitor, now)
    if not found or not found[1].mobile or (phone and found[1].mobile != phone):
        return None
    contract, who = found
    if not sms_limits.may_send(db, settings, str(who.mobile), purpose, now):
        return None
    who.initial_hash, who.initial_until = digest, now + INITIAL_PASSWORD_LIFETIME
    db.add(who)
    sms_limits.send(
        db,
        settings,
        str(who.mobile),
        sms_texts.password_text(settings.brand, password),
        purpose=purpose,
        kind="password",
        now=now,
        subscriber_id=None if device is None else who.id,
        contract_id=contract.id,
    )
    return found


def send_entry_code(
    db: Session, settings: Settings, number: int, visitor: Visitor, now: datetime, key: str = ""
) -> str:
    """Return the token of a page that waits for a code. The code is sent only to those who chose to sign in
    by codes; `key` is the form's own: pressed twice, it sends one.

    Inside `writing`. The code works in this browser only; one that was not sent opens nothing, even if
    guessed.
    """
    form = key and f"{ENTRY}:{key}:{number}"
    token = codes.page_token(settings.secrets, form)
    if rate_limits.is_repeat(db, form, now, rate_limits.DOUBLE_PRESS):
        return token
    device = device_tokens.find_for_contract(db, visitor.device, number)
    count_request(db, settings, "login", str(number), visitor, device, now)
    found = contracts.find_by_number(db, number)
    purpose = "login" if device is None else "login-device"
    mobile = found[1].mobile if found and found[1].entry == "sms" else None
    sent = bool(mobile) and sms_limits.may_send(db, settings, str(mobile), purpose, now)
    owner = found[1].id if found and sent else None
    bound = codes.Binding(ENTRY, code_binding_value(token, visitor), owner)
    digits = codes.create_code(db, settings.secrets, bound, now, about=str(number))
    if found and sent:
        sms_limits.send(
            db,
            settings,
            str(mobile),
            sms_texts.code_text(settings.brand, digits, sms_texts.LOGIN),
            purpose=purpose,
            now=now,
            subscriber_id=None if device is None else owner,
            contract_id=found[0].id,
        )
    return token


def code_binding_value(token: str, visitor: Visitor) -> str:
    """Return the random value a sign-in code is bound to: the page that asked, in the browser that asked."""
    return f"{token}:{visitor.device.hex()}"


def check_entry_code(
    db: Session, settings: Settings, token: str, visitor: Visitor, digits: str, now: datetime
) -> Found:
    """Return the contract and subscriber these digits open; None when they are wrong, expired, used or never
    sent. Inside `writing`.

    The contract may have passed to another subscriber since: the code opens it only for whom it was sent to.
    """
    used = use_page_code(db, settings, ENTRY, token, visitor, digits, now)
    found = contracts.find_by_number(db, int(used.about)) if used else None
    # A code is created for every number typed, so that the work is the same; it opens only where it was sent.
    return found if used and found and found[1].entry == "sms" and found[1].id == used.subscriber_id else None


def use_page_code(
    db: Session, settings: Settings, purpose: str, token: str, visitor: Visitor, digits: str, now: datetime
) -> codes.Code | None:
    """Use the code of this page in this browser; None when it does not match."""
    waiting = codes.find_by_token(db, purpose, code_binding_value(token, visitor), now)
    if waiting is None:
        return None
    bound = codes.Binding(purpose, code_binding_value(token, visitor), waiting.subscriber_id)
    return codes.use_code(db, settings.secrets, bound, digits, now)


def save_entry(db: Session, subscriber_id: int, entry: str, digest: str | None, now: datetime) -> None:
    """Save how this subscriber chose to sign in; the password from the SMS stops working. Inside
    `writing`.
    """
    who = subscribers.get_subscriber(db, subscriber_id)
    who.entry, who.password_hash = entry, digest
    who.initial_hash = who.initial_until = None
    if who.registered_at is None:
        who.registered_at, who.welcome = now, 1
    db.add(who)
