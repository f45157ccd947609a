"""Hashing: argon2id, at most two at a time (64 MB each), and the same time spent whether or not there is
anybody.
"""

import secrets
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from rules.access import passwords as rule

# Without 0/O, 1/l/I and the like, in either case: it is read from a small screen and typed by hand.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"

_hasher = PasswordHasher()
_narrow = BoundedSemaphore(2)
_nobody = _hasher.hash(secrets.token_urlsafe(24))


def hashed(password: str) -> str:
    with _narrow:
        return _hasher.hash(rule.normal(password))


def matches(password: str, stored: str | None) -> bool:
    """Whether the own password is the stored one; with nothing stored, False after the same work."""
    return any(_verify(one, stored) for one in rule.spellings(password))


def matches_initial(password: str, stored: str | None) -> bool:
    """The same of the password from our SMS."""
    return _verify(rule.initial(password), stored)


def _verify(password: str, stored: str | None) -> bool:
    with _narrow:
        try:
            return _hasher.verify(stored or _nobody, password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def initial() -> str:
    """A password for an SMS: ten characters without look-alikes."""
    return "".join(secrets.choice(LETTERS) for _ in range(10))
