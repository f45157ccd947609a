"""What is counted at each door, and against whom: the asker's network first, the account from everywhere only
after that.

Nothing here tells whether a contract, a login or a phone exists: counters of those that do not are the same.
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
PASSWORD, CODE = "Неверный пароль", "Неверный код"
EXCUSE = "excuse"


class Visitor(NamedTuple):
    """Who asks without a session: the address as it is kept, the network as it is counted, the hash of the
    browser's id.
    """

    address: str
    network: str
    device: bytes

    def contract(self, number: int) -> str:
        """This browser and a contract, as one subject."""
        return f"browser:{self.device.hex()}:{number}"


def passwords(db: Session, settings: Settings, number: int, asker: Visitor, now: datetime) -> list[Counter]:
    """Of wrong passwords to this contract. A browser its person has entered from is not hindered by any
    stranger's tries.

    Nor is one that has just asked for a password (`excuse`): so a person with a new browser has a way in
    while somebody guesses from a thousand addresses.
    """
    most = settings.wrong_passwords
    device = device_tokens.of_contract(db, asker.device, number)
    if device is not None:
        return [Counter("password", f"device:{device}", most, QUARTER, limits.tries(PASSWORD, most, QUARTER))]
    everywhere = Counter(
        "password", f"contract:{number}", settings.wrong_from_everywhere, HOUR, limits.EVERYWHERE
    )
    return [
        Counter(
            "password",
            f"contract:{number}@{asker.network}",
            most,
            QUARTER,
            limits.tries(PASSWORD, most, QUARTER),
        ),
        _address(settings, "password", asker),
        _excuse_counter(settings, number, asker) if has_excuse(db, number, asker, now) else everywhere,
    ]


def excuse(db: Session, settings: Settings, number: int, asker: Visitor, now: datetime) -> None:
    """What others tried does not hinder this browser for a day: it asked to send a password to the contract's
    phone.

    So few of them as SMS are sent, and alike for contracts that do not exist. Inside `writing`.

    """
    subject = f"contract:{number}"
    few = [
        Counter(EXCUSE, subject, settings.sms_per_hour, HOUR),
        Counter(EXCUSE, subject, settings.sms_per_day, DAY),
    ]
    if all(rate_limits.wait(db, one.what, one.subject, now, one.limit, one.window) is None for one in few):
        rate_limits.add(db, EXCUSE, subject, now)
        rate_limits.add(db, EXCUSE, asker.contract(number), now)


def _excuse_counter(settings: Settings, number: int, asker: Visitor) -> Counter:
    most = settings.wrong_passwords
    return Counter("password", asker.contract(number), most, DAY, limits.tries(PASSWORD, most, DAY))


def has_excuse(db: Session, number: int, asker: Visitor, now: datetime) -> bool:
    return rate_limits.wait(db, EXCUSE, asker.contract(number), now, 1, DAY) is not None


def succeed(db: Session, number: int, asker: Visitor) -> None:
    """The person has entered: what they mistyped before counts no more. What others tried from elsewhere
    does.
    """
    rate_limits.forget(db, "password", f"contract:{number}@{asker.network}")
    device = device_tokens.of_contract(db, asker.device, number)
    if device is not None:
        rate_limits.forget(db, "password", f"device:{device}")


def codes(settings: Settings, number: int, asker: Visitor) -> list[Counter]:
    """Of wrong codes for an entry: so few of them are ever sent to one number that the network's own limit is
    enough.
    """
    most = settings.wrong_passwords
    own = Counter(
        "code", f"contract:{number}@{asker.network}", most, QUARTER, limits.tries(CODE, most, QUARTER)
    )
    return [own, _address(settings, "code", asker)]


def requests(
    settings: Settings, purpose: str, whom: str, asker: Visitor, device: int | None
) -> list[Counter]:
    """Of forms that ask for an SMS without a session, whether or not it is sent: against whoever asks, nobody
    else.
    """
    hour, day = settings.sms_per_hour, settings.sms_per_day
    subject = f"device:{device}" if device is not None else f"{whom}@{asker.network}"
    own = [
        Counter(f"ask:{purpose}", subject, hour, HOUR, limits.requests(hour, HOUR)),
        Counter(f"ask:{purpose}", subject, day, DAY, limits.requests(day, DAY)),
    ]
    most = settings.registrations_from_address
    return (
        own
        if device is not None
        else [*own, Counter("ask", f"address:{asker.network}", most, HOUR, limits.REQUESTS)]
    )


def session(settings: Settings, who: Person, what: str, words: str) -> list[Counter]:
    """Of codes and passwords tried within a session: strangers have none, so they never fill these."""
    most = settings.wrong_passwords
    return [
        Counter(
            what, f"session:{who.session_id}:{who.actor}", most, QUARTER, limits.tries(words, most, QUARTER)
        ),
        Counter(what, who.actor, WRONG_CODES_A_DAY, DAY, limits.tries(words, WRONG_CODES_A_DAY, DAY)),
    ]


def application(settings: Settings, who: Person) -> list[Counter]:
    """Of wrong codes of the application at the entry: by the person, for a right password begins a new
    session each time.
    """
    most = settings.wrong_passwords
    return [
        Counter("app", who.actor, most, QUARTER, limits.tries(CODE, most, QUARTER)),
        Counter("app", who.actor, WRONG_CODES_A_DAY, DAY, limits.tries(CODE, WRONG_CODES_A_DAY, DAY)),
    ]


def staff(db: Session, settings: Settings, login: str, asker: Visitor) -> list[Counter]:
    """As `passwords`, for the desk; whoever has a new browser under such an attack is invited anew."""
    device, most = device_tokens.of_login(db, asker.device, login), settings.wrong_passwords
    if device is not None:
        return [Counter("staff", f"device:{device}", most, QUARTER, limits.tries(PASSWORD, most, QUARTER))]
    login = login[:80]
    return [
        Counter(
            "staff", f"login:{login}@{asker.network}", most, QUARTER, limits.tries(PASSWORD, most, QUARTER)
        ),
        _address(settings, "staff", asker),
        Counter("staff", f"login:{login}", settings.wrong_from_everywhere, HOUR, limits.DESK_EVERYWHERE),
    ]


def succeed_staff(db: Session, staff_id: int, login: str, asker: Visitor) -> None:
    """As `succeed`, once both factors were right."""
    for subject in (f"login:{login}@{asker.network}", f"totp:{staff_id}@{asker.network}"):
        rate_limits.forget(db, "staff", subject)
    device = device_tokens.of_login(db, asker.device, login)
    for subject in (f"device:{device}", f"totp-device:{device}") if device is not None else ():
        rate_limits.forget(db, "staff", subject)


def staff_codes(db: Session, settings: Settings, staff_id: int, login: str, asker: Visitor) -> list[Counter]:
    """Of second factors after the right password."""
    device, most = device_tokens.of_login(db, asker.device, login), settings.wrong_passwords
    if device is not None:
        return [Counter("staff", f"totp-device:{device}", most, QUARTER, limits.tries(CODE, most, QUARTER))]
    return [
        Counter(
            "staff", f"totp:{staff_id}@{asker.network}", most, QUARTER, limits.tries(CODE, most, QUARTER)
        ),
        _address(settings, "staff", asker),
        Counter("staff", f"totp:{staff_id}", settings.wrong_from_everywhere, DAY, limits.DESK_EVERYWHERE),
    ]


def address(settings: Settings, what: str, asker: Visitor) -> list[Counter]:
    """Of what is refused to this network: links, invitations, calls nobody signed."""
    return [_address(settings, what, asker)]


def _address(settings: Settings, what: str, asker: Visitor) -> Counter:
    return Counter(what, f"address:{asker.network}", settings.wrong_from_address, QUARTER, limits.ADDRESS)
