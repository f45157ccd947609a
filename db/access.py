"""Entering: limits on wrong tries and on SMS, the password from an SMS, the code for an entry (manual §2; SPEC Access)."""

import secrets
from datetime import datetime, timedelta

from sqlmodel import Session

from db import attempts, codes, contracts, journal, outbox, passwords, representatives, sessions, subscribers
from db.contracts import Contract
from db.journal import Person
from db.representatives import Representative
from db.subscribers import Subscriber
from rules import days
from rules.access import INITIAL_FOR
from settings import Settings

Found = tuple[Contract, Subscriber] | None
QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def check_tries(db: Session, settings: Settings, number: int, address: str, now: datetime) -> None:
    """Raise TooMany once this contract or this address has tried wrongly too often."""
    attempts.check(db, "password", f"contract:{number}", now, settings.wrong_passwords, QUARTER)
    attempts.check(db, "password", f"address:{address}", now, settings.wrong_from_address, QUARTER)


def count_try(db: Session, number: int, address: str, now: datetime, found: Found) -> None:
    """Count a wrong try against the contract and the address, alike for contracts that do not exist."""
    attempts.add(db, "password", f"contract:{number}", now)
    attempts.add(db, "password", f"address:{address}", now)
    contract_id = found[0].id if found else None
    journal.note(db, "stranger", "access.refused", now, contract_id=contract_id, address=address)


def judge_try(db: Session, settings: Settings, number: int, address: str, now: datetime, found: Found, right: bool) -> None:
    """Count a wrong try, or raise TooMany: of many made at once no more are answered than the limit allows.

    Inside `writing`, after the slow look at the password and before anything is said of it, right ones included.
    """
    check_tries(db, settings, number, address, now)
    if not right:
        count_try(db, number, address, now, found)


def check_sms(db: Session, settings: Settings, number: int, address: str, now: datetime) -> None:
    """Raise TooMany when a contract has had its SMS for the hour or the day, or an address asked for too many.

    Counted for every number typed, whether or not a contract has it: the limit must not tell either.
    """
    attempts.check(db, "sms", f"contract:{number}", now, settings.sms_per_hour, HOUR)
    attempts.check(db, "sms", f"contract:{number}", now, settings.sms_per_day, DAY)
    attempts.check(db, "sms", f"address:{address}", now, settings.registrations_from_address, HOUR)


def count_sms(db: Session, settings: Settings, number: int, address: str, now: datetime) -> None:
    """Count one SMS, or raise TooMany: of many asked for at once no more pass than the limit allows. Inside `writing`."""
    check_sms(db, settings, number, address, now)
    attempts.add(db, "sms", f"contract:{number}", now)
    attempts.add(db, "sms", f"address:{address}", now)


def count_phone(db: Session, settings: Settings, phone: str, now: datetime) -> None:
    """The same for a number that is in no contract: a new one, a representative's. Inside `writing`."""
    attempts.check(db, "sms", f"phone:{phone}", now, settings.sms_per_hour, HOUR)
    attempts.check(db, "sms", f"phone:{phone}", now, settings.sms_per_day, DAY)
    attempts.add(db, "sms", f"phone:{phone}", now)


def by_password(db: Session, number: int, password: str, now: datetime) -> tuple[Found, str]:
    """(whose contract, how it went): "own", "initial", "late" for a password from an SMS past its day, or "wrong".

    Both hashes are always tried, so that the time says nothing of which of them exist.
    """
    found = contracts.numbered(db, number)
    who = found[1] if found else None
    own = passwords.matches(password, who.password_hash if who else None)
    initial = passwords.matches(password, who.initial_hash if who else None)
    if who is None or not (own or initial):
        return found, "wrong"
    if own:
        return found, "own"
    return found, "initial" if who.initial_until and who.initial_until > now else "late"


def send_initial(db: Session, number: int, now: datetime, password: str, digest: str, phone: str | None = None) -> Found:
    """A password by SMS, good for a day; the old one stays until this one is used. Call inside `writing`.

    Nothing is sent, and None returned, when no contract has this number or its phone is not `phone`.
    """
    found = contracts.numbered(db, number)
    if not found or not found[1].mobile or (phone and found[1].mobile != phone):
        return None
    contract, who = found
    who.initial_hash, who.initial_until = digest, now + INITIAL_FOR
    db.add(who)
    outbox.put(
        db, "sms", str(who.mobile), f"Пароль для входа в кабинет: {password}. Действует сутки.",
        kind="password", now=now, contract_id=contract.id, urgent=True,
    )  # fmt: skip
    return found


def send_entry_code(db: Session, settings: Settings, number: int, now: datetime) -> str:
    """The token of a page that waits for a code. The code is sent only to those who chose to enter by codes."""
    token = secrets.token_urlsafe(18)
    found = contracts.numbered(db, number)
    digits = codes.make(db, settings.secrets, _page_binding("login", token, found), now, about=str(number))
    if found and found[1].entry == "sms" and found[1].mobile:
        outbox.put(
            db, "sms", found[1].mobile, f"Код для входа в кабинет: {digits}. Никому его не говорите.",
            kind="code", now=now, contract_id=found[0].id, urgent=True,
        )  # fmt: skip
    return token


def by_code(db: Session, settings: Settings, token: str, digits: str, now: datetime) -> Found:
    """Whose entry these digits open; None when they are wrong, late or spent. Call inside `writing`.

    The contract may have passed to another subscriber since: it opens only for whom it was sent to.
    """
    waiting = codes.find_by_token(db, "login", token, now)
    found = contracts.numbered(db, int(waiting.about)) if waiting else None
    used = codes.use(db, settings.secrets, _page_binding("login", token, found), digits, now) if waiting else None
    # A code is made for every number typed, so that the work is the same; it opens only where it was sent.
    return found if used and found and found[1].entry == "sms" else None


def _page_binding(purpose: str, token: str, found: Found) -> codes.Binding:
    return codes.Binding(purpose, token, found[1].id if found else None)


def settle(db: Session, subscriber_id: int, entry: str, digest: str | None, now: datetime) -> None:
    """Keep how this subscriber chose to enter; the password from the SMS is spent by it. Call inside `writing`."""
    who = subscribers.by_id(db, subscriber_id)
    who.entry, who.password_hash = entry, digest
    who.initial_hash = who.initial_until = None
    if who.registered_at is None:
        who.registered_at, who.welcome = now, 1
    db.add(who)


REPRESENTATIVE = "login-representative"


def send_representative_code(db: Session, settings: Settings, number: int, phone: str, now: datetime) -> str:
    """The token of a page that waits for a code; the code goes out only to who may act for this contract today."""
    token = secrets.token_urlsafe(18)
    found = representatives.entering(db, number, phone, days.today(now))
    binding = codes.Binding(REPRESENTATIVE, token, found[0].subscriber_id if found else None)
    digits = codes.make(db, settings.secrets, binding, now, about=f"{number} {phone}")
    if found:
        outbox.put(
            db, "sms", phone, f"Код для входа в кабинет: {digits}. Никому его не говорите.",
            kind="code", now=now, contract_id=found[1].id, urgent=True,
        )  # fmt: skip
    return token


def by_representative_code(
    db: Session, settings: Settings, token: str, digits: str, now: datetime
) -> tuple[Representative, Contract] | None:
    """Who may act and for which contract by these digits; None when they are wrong or the rights are gone. Inside `writing`."""
    waiting = codes.find_by_token(db, REPRESENTATIVE, token, now)
    if waiting is None:
        return None
    number, phone = waiting.about.split()
    found = representatives.entering(db, int(number), phone, days.today(now))
    binding = codes.Binding(REPRESENTATIVE, token, found[0].subscriber_id if found else None)
    return found if codes.use(db, settings.secrets, binding, digits, now) else None


def begin_acting(
    db: Session, acting: Representative, contract: Contract, earlier: Person | None, now: datetime, device: str, address: str
) -> str:
    """A session of a representative and its cookie's value; whoever held an older cookie gains nothing. Inside `writing`."""
    if earlier:
        sessions.end(db, earlier, earlier.session_id)
    token = sessions.start(
        db, now, subscriber_id=acting.subscriber_id, representative_id=acting.id, contract_id=contract.id,
        device=device, address=address,
    )  # fmt: skip
    journal.note(
        db, f"subscriber:{acting.subscriber_id}/{acting.id}", "access.sign_in", now, subscriber_id=acting.subscriber_id,
        contract_id=contract.id, how="representative",
    )  # fmt: skip
    return token
