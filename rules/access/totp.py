"""The second factor: six digits of an authenticator application (RFC 6238), and recovery codes for staff."""

import secrets
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest

import pyotp

from rules.typed_text import read_digits

STEP_SECONDS = 30
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
RECOVERY_CODES = 10


def new_secret() -> str:
    return pyotp.random_base32()


def provisioning_uri(secret: str, login: str, issuer: str) -> str:
    """Return the otpauth:// URI that the QR code encodes."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)


def match_step(secret: str, typed: str, now: datetime, last: int | None = None) -> int | None:
    """Return the thirty-second step whose code was typed, allowing one step early or late; None when none
    matches.

    A step up to `last` has been used: a code that somebody watched being typed does not work a second time.
    """
    code = read_digits(typed)
    current = int(now.timestamp()) // STEP_SECONDS
    codes = pyotp.TOTP(secret)
    for at in (current - 1, current, current + 1):
        if compare_digest(codes.generate_otp(at).encode(), code.encode()):
            return at if last is None or at > last else None
    return None


def current_code(secret: str, now: datetime, last: int | None) -> str:
    """Return the code an application would show, or the next one when this step is used. For demonstrations
    only.
    """
    return pyotp.TOTP(secret).generate_otp(max(int(now.timestamp()) // STEP_SECONDS, (last or 0) + 1))


def new_recovery_codes() -> list[str]:
    """Return ten codes of ten unambiguous characters, about 50 bits each, written «abcde-fgh23»."""
    return [f"{_random_letters(5)}-{_random_letters(5)}" for _ in range(RECOVERY_CODES)]


def hash_recovery_code(code: str) -> str:
    """Return the hash stored for a recovery code; spaces, dashes and case do not matter."""
    return sha256("".join(c for c in code.lower() if c.isalnum()).encode()).hexdigest()


def _random_letters(count: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(count))
