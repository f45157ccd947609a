"""Entering: limits on wrong tries and on SMS, the password from an SMS, the code for an entry (manual §2)."""

import secrets
from datetime import datetime

from sqlmodel import Session

from db import journal
from db.access import (
    acceptances,
    codes,
    device_tokens,
    entry_limits,
    passwords,
    rate_limits,
    representatives,
    sessions,
    sms_limits,
)
from db.access.entry_limits import Visitor
from db.access.representatives import Representative
from db.journal import Person
from db.people import contracts, subscribers
from db.people.contracts import Contract
from db.people.subscribers import Subscriber
from rules import days
from rules.access import sms_texts
from rules.access.sign_in import INITIAL_PASSWORD_LIFETIME
from settings import Settings

Found = tuple[Contract, Subscriber] | None
# What a code of an entry page is for.
ENTRY, REPRESENTATIVE = "login", "login-representative"


def check_password_tries(
    db: Session, settings: Settings, number: int, visitor: Visitor, now: datetime
) -> None:
    """Raise TooMany once whoever asks, or too many addresses together, have tried wrongly too often."""
    rate_limits.check_all(db, entry_limits.password_counters(db, settings, number, visitor, now), now)


def count_password_try(
    db: Session, settings: Settings, number: int, visitor: Visitor, now: datetime, found: Found, right: bool
) -> None:
    """Count a wrong try, or raise TooMany: of many made at once no more are answered than the limit allows.

    Inside `writing`, after the slow look at the password and before anything is said of it, right ones
    included. Alike for contracts that do not exist.
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
    """Count a form that asks for an SMS without a session, or raise TooMany: the same whether or not one is
    sent.

    Of many asked for at once no more pass than the limit allows. Inside `writing`.

    """
    counters = entry_limits.request_counters(settings, purpose, whom, visitor, device)
    rate_limits.check_all(db, counters, now)
    if device is None:
        sms_limits.check(db, settings, now)
    rate_limits.add_attempts(db, counters, now)


def check_password(db: Session, number: int, password: str, now: datetime) -> tuple[Found, str]:
    """(whose contract, how it went): "own", "initial", "late" for a password from an SMS past its day, or
    "wrong".

    Both hashes are always tried, so that the time says nothing of which of them exist.

    """
    found = contracts.find_by_number(db, number)
    who = found[1] if found else None
    own = passwords.verify_password(password, who.password_hash if who else None)
    initial = passwords.verify_password(password, who.initial_hash if who else None)
    if who is None or not (own or initial):
        return found, "wrong"
    if own:
        return found, "own"
    return found, "initial" if who.initial_until and who.initial_until > now else "late"


def check_request(
    db: Session, settings: Settings, purpose: str, number: int, visitor: Visitor, now: datetime
) -> None:
    """Raise TooMany for a form that `count_request` would refuse, before slow work is done for it."""
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
    """A password by SMS, good for a day; the old one stays until this one is used. Call inside `writing`.

    Whose it is, or None when nothing is sent: no contract has this number, its phone is not `phone`, or has
    had enough today. Raises TooMany, whatever the number, for whoever asks too often.
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


def send_entry_code(db: Session, settings: Settings, number: int, visitor: Visitor, now: datetime) -> str:
    """The token of a page that waits for a code. The code is sent only to those who chose to enter by codes.

    Inside `writing`. It answers this browser alone; a code that was not sent opens nothing, whoever guesses
    it.
    """
    device = device_tokens.find_for_contract(db, visitor.device, number)
    count_request(db, settings, "login", str(number), visitor, device, now)
    token = secrets.token_urlsafe(18)
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
    """The random value an entry's code is bound to: the page that asked, in the browser that asked."""
    return f"{token}:{visitor.device.hex()}"


def check_entry_code(
    db: Session, settings: Settings, token: str, visitor: Visitor, digits: str, now: datetime
) -> Found:
    """Whose entry these digits open; None when they are wrong, late, spent or never sent. Call inside
    `writing`.

    The contract may have passed to another subscriber since: it opens only for whom it was sent to.

    """
    used = _use_code(db, settings, ENTRY, token, visitor, digits, now)
    found = contracts.find_by_number(db, int(used.about)) if used else None
    # A code is made for every number typed, so that the work is the same; it opens only where it was sent.
    return found if used and found and found[1].entry == "sms" and found[1].id == used.subscriber_id else None


def _use_code(
    db: Session, settings: Settings, purpose: str, token: str, visitor: Visitor, digits: str, now: datetime
) -> codes.Code | None:
    waiting = codes.find_by_token(db, purpose, code_binding_value(token, visitor), now)
    if waiting is None:
        return None
    bound = codes.Binding(purpose, code_binding_value(token, visitor), waiting.subscriber_id)
    return codes.use_code(db, settings.secrets, bound, digits, now)


def save_entry(db: Session, subscriber_id: int, entry: str, digest: str | None, now: datetime) -> None:
    """Keep how this subscriber chose to enter; the password from the SMS is spent by it. Call inside
    `writing`.
    """
    who = subscribers.get_subscriber(db, subscriber_id)
    who.entry, who.password_hash = entry, digest
    who.initial_hash = who.initial_until = None
    if who.registered_at is None:
        who.registered_at, who.welcome = now, 1
    db.add(who)


def send_representative_code(
    db: Session, settings: Settings, number: int, phone: str, visitor: Visitor, now: datetime
) -> str:
    """The token of a page that waits for a code; the code goes out only to who may act for this contract
    today.
    """
    device = device_tokens.find_for_representative(db, visitor.device, phone)
    count_request(db, settings, "representative", f"{number} {phone}", visitor, device, now)
    token = secrets.token_urlsafe(18)
    found = representatives.find_active(db, number, phone, days.today(now))
    purpose = "representative" if device is None else "representative-device"
    sent = found is not None and sms_limits.may_send(db, settings, phone, purpose, now)
    owner = found[0].subscriber_id if found and sent else None
    bound = codes.Binding(REPRESENTATIVE, code_binding_value(token, visitor), owner)
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


def check_representative_code(
    db: Session, settings: Settings, token: str, visitor: Visitor, digits: str, now: datetime
) -> tuple[Representative, Contract] | None:
    """Who may act and for which contract by these digits; None as `by_code`, or when the rights are gone.
    Inside `writing`.
    """
    used = _use_code(db, settings, REPRESENTATIVE, token, visitor, digits, now)
    if used is None:
        return None
    wanted, phone = used.about.split()
    found = representatives.find_active(db, int(wanted), phone, days.today(now))
    return found if found and found[0].subscriber_id == used.subscriber_id else None


def start_representative_session(
    db: Session,
    acting: Representative,
    contract: Contract,
    earlier: Person | None,
    now: datetime,
    device: str,
    address: str,
) -> str:
    """A session of a representative and its cookie's value; whoever held an older cookie gains nothing.
    Inside `writing`.
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
