"""Counters of wrong tries at each kind of sign-in: by the visitor's network first, then by the account from
all networks.

They reveal nothing of whether a contract, a login or a phone exists: counters of unknown ones are the same.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session

from db.access import device_tokens, rate_limits
from db.access.rate_limits import Counter
from db.journal import Person
from rules.access import limits
from settings import Settings

QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
WRONG_CODES_A_DAY = 50  # of one person's sessions together
EXCUSE = "excuse"


class Visitor(NamedTuple):
    """A client without a session: its address for the journal, its network for counting, the hash of its
    browser's id.
    """

    address: str
    network: str
    device: bytes

    def contract_subject(self, number: int) -> str:
        """Return this browser and a contract as one counter subject."""
        return f"browser:{self.device.hex()}:{number}"


def password_counters(
    db: Session, settings: Settings, number: int, visitor: Visitor, now: datetime
) -> list[Counter]:
    """Return counters of wrong passwords to this contract. A browser its subscriber has signed in from is not
    blocked by others' tries.

    Nor is one that has just asked for a password (`excuse_browser`), so that a new browser can sign in while
    somebody guesses from a thousand addresses.
    """
    most = settings.wrong_passwords
    device = device_tokens.find_for_contract(db, visitor.device, number)
    if device is not None:
        return [
            Counter(
                "password",
                f"device:{device}",
                most,
                QUARTER,
                limits.try_words(limits.WRONG_PASSWORD, most, QUARTER),
            )
        ]
    everywhere = Counter(
        "password", f"contract:{number}", settings.wrong_from_everywhere, HOUR, limits.EVERYWHERE
    )
    return [
        Counter(
            "password",
            f"contract:{number}@{visitor.network}",
            most,
            QUARTER,
            limits.try_words(limits.WRONG_PASSWORD, most, QUARTER),
        ),
        _address_counter(settings, "password", visitor),
        _excuse_counter(settings, number, visitor) if has_excuse(db, number, visitor, now) else everywhere,
    ]


def excuse_browser(db: Session, settings: Settings, number: int, visitor: Visitor, now: datetime) -> None:
    """Exempt this browser for a day from counting others' tries: it asked for a password to the contract's
    phone.

    Exemptions are limited like SMS, and alike for contracts that do not exist. Inside `writing`.
    """
    subject = f"contract:{number}"
    few = [
        Counter(EXCUSE, subject, settings.sms_per_hour, HOUR),
        Counter(EXCUSE, subject, settings.sms_per_day, DAY),
    ]
    if all(
        rate_limits.time_until_allowed(db, one.what, one.subject, now, one.limit, one.window) is None
        for one in few
    ):
        rate_limits.add_attempt(db, EXCUSE, subject, now)
        rate_limits.add_attempt(db, EXCUSE, visitor.contract_subject(number), now)


def _excuse_counter(settings: Settings, number: int, visitor: Visitor) -> Counter:
    most = settings.wrong_passwords
    return Counter(
        "password",
        visitor.contract_subject(number),
        most,
        DAY,
        limits.try_words(limits.WRONG_PASSWORD, most, DAY),
    )


def has_excuse(db: Session, number: int, visitor: Visitor, now: datetime) -> bool:
    return (
        rate_limits.time_until_allowed(db, EXCUSE, visitor.contract_subject(number), now, 1, DAY) is not None
    )


def clear_password_tries(db: Session, number: int, visitor: Visitor) -> None:
    """Forget this browser's own wrong tries after a sign-in; tries from elsewhere still count."""
    rate_limits.clear_attempts(db, "password", f"contract:{number}@{visitor.network}")
    device = device_tokens.find_for_contract(db, visitor.device, number)
    if device is not None:
        rate_limits.clear_attempts(db, "password", f"device:{device}")


def code_counters(settings: Settings, number: int, visitor: Visitor) -> list[Counter]:
    """Return counters of wrong sign-in codes. Few codes are sent to one number, so the network's limit is
    enough.
    """
    most = settings.wrong_passwords
    own = Counter(
        "code",
        f"contract:{number}@{visitor.network}",
        most,
        QUARTER,
        limits.try_words(limits.WRONG_CODE, most, QUARTER),
    )
    return [own, _address_counter(settings, "code", visitor)]


def request_counters(
    settings: Settings, purpose: str, whom: str, visitor: Visitor, device: int | None
) -> list[Counter]:
    """Return counters of forms that request an SMS without a session, sent or not: by the visitor only."""
    hour, day = settings.sms_per_hour, settings.sms_per_day
    subject = f"device:{device}" if device is not None else f"{whom}@{visitor.network}"
    own = [
        Counter(f"ask:{purpose}", subject, hour, HOUR, limits.request_words(hour, HOUR)),
        Counter(f"ask:{purpose}", subject, day, DAY, limits.request_words(day, DAY)),
    ]
    most = settings.registrations_from_address
    return (
        own
        if device is not None
        else [*own, Counter("ask", f"address:{visitor.network}", most, HOUR, limits.REQUESTS)]
    )


def session_counters(settings: Settings, who: Person, what: str, words: str) -> list[Counter]:
    """Return counters of codes and passwords tried within a session, which only its own person can fill."""
    most = settings.wrong_passwords
    return [
        Counter(
            what,
            f"session:{who.session_id}:{who.actor}",
            most,
            QUARTER,
            limits.try_words(words, most, QUARTER),
        ),
        Counter(what, who.actor, WRONG_CODES_A_DAY, DAY, limits.try_words(words, WRONG_CODES_A_DAY, DAY)),
    ]


def application_counters(settings: Settings, who: Person) -> list[Counter]:
    """Return counters of wrong authenticator codes at sign-in: by person, since a right password starts a new
    session each time.
    """
    most = settings.wrong_passwords
    return [
        Counter("app", who.actor, most, QUARTER, limits.try_words(limits.WRONG_CODE, most, QUARTER)),
        Counter(
            "app",
            who.actor,
            WRONG_CODES_A_DAY,
            DAY,
            limits.try_words(limits.WRONG_CODE, WRONG_CODES_A_DAY, DAY),
        ),
    ]


def staff_password_counters(db: Session, settings: Settings, login: str, visitor: Visitor) -> list[Counter]:
    """As `password_counters`, for staff; someone with a new browser under such an attack needs a new
    invitation.
    """
    device, most = device_tokens.find_for_staff(db, visitor.device, login), settings.wrong_passwords
    if device is not None:
        return [
            Counter(
                "staff",
                f"device:{device}",
                most,
                QUARTER,
                limits.try_words(limits.WRONG_PASSWORD, most, QUARTER),
            )
        ]
    login = login[:80]
    return [
        Counter(
            "staff",
            f"login:{login}@{visitor.network}",
            most,
            QUARTER,
            limits.try_words(limits.WRONG_PASSWORD, most, QUARTER),
        ),
        _address_counter(settings, "staff", visitor),
        Counter("staff", f"login:{login}", settings.wrong_from_everywhere, HOUR, limits.DESK_EVERYWHERE),
    ]


def clear_staff_tries(db: Session, staff_id: int, login: str, visitor: Visitor) -> None:
    """As `clear_password_tries`, once both factors were right."""
    for subject in (f"login:{login}@{visitor.network}", f"totp:{staff_id}@{visitor.network}"):
        rate_limits.clear_attempts(db, "staff", subject)
    device = device_tokens.find_for_staff(db, visitor.device, login)
    for subject in (f"device:{device}", f"totp-device:{device}") if device is not None else ():
        rate_limits.clear_attempts(db, "staff", subject)


def staff_code_counters(
    db: Session, settings: Settings, staff_id: int, login: str, visitor: Visitor
) -> list[Counter]:
    """Return counters of second factors after the right password."""
    device, most = device_tokens.find_for_staff(db, visitor.device, login), settings.wrong_passwords
    if device is not None:
        return [
            Counter(
                "staff",
                f"totp-device:{device}",
                most,
                QUARTER,
                limits.try_words(limits.WRONG_CODE, most, QUARTER),
            )
        ]
    return [
        Counter(
            "staff",
            f"totp:{staff_id}@{visitor.network}",
            most,
            QUARTER,
            limits.try_words(limits.WRONG_CODE, most, QUARTER),
        ),
        _address_counter(settings, "staff", visitor),
        Counter("staff", f"totp:{staff_id}", settings.wrong_from_everywhere, DAY, limits.DESK_EVERYWHERE),
    ]


def address_counters(settings: Settings, what: str, visitor: Visitor) -> list[Counter]:
    """Return the counter of what is refused to this network: links, invitations, unsigned callbacks."""
    return [_address_counter(settings, what, visitor)]


def _address_counter(settings: Settings, what: str, visitor: Visitor) -> Counter:
    return Counter(what, f"address:{visitor.network}", settings.wrong_from_address, QUARTER, limits.ADDRESS)
