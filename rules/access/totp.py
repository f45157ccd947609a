"""The second factor: six digits from an application on the phone (RFC 6238), and recovery codes for when it
is lost.
"""

import secrets
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest

import pyotp

STEP_SECONDS = 30
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
RECOVERY_CODES = 10


def new_secret() -> str:
    return pyotp.random_base32()


def provisioning_uri(secret: str, login: str, issuer: str) -> str:
    """What the QR code says to the application."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)


def match_step(secret: str, typed: str, now: datetime, last: int | None = None) -> int | None:
    """The thirty-second step whose code was typed, one step early or late allowed; None when wrong.

    A step up to `last` is spent: a code read over a shoulder does not open the door a second time.
    """
    code = "".join(typed.split())
    current = int(now.timestamp()) // STEP_SECONDS
    codes = pyotp.TOTP(secret)
    for at in (current - 1, current, current + 1):
        if compare_digest(codes.generate_otp(at).encode(), code.encode()):
            return at if last is None or at > last else None
    return None


def current_code(secret: str, now: datetime, last: int | None) -> str:
    """What the application would show now, or next when this step is spent: for a demonstration's page
    only.
    """
    return pyotp.TOTP(secret).generate_otp(max(int(now.timestamp()) // STEP_SECONDS, (last or 0) + 1))


def new_recovery_codes() -> list[str]:
    """Ten codes of ten letters without look-alikes, about 50 bits each, written «abcde-fgh23»."""
    return [f"{_random_letters(5)}-{_random_letters(5)}" for _ in range(RECOVERY_CODES)]


def hash_recovery_code(code: str) -> str:
    """What is kept of a recovery code; spaces, dashes and capitals typed do not matter."""
    return sha256("".join(c for c in code.lower() if c.isalnum()).encode()).hexdigest()


def _random_letters(count: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(count))
