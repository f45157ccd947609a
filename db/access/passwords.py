"""Password hashing: argon2id, at most two at a time (64 MB each), with the same work for unknown accounts."""

import secrets
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from rules.access import passwords as rule

# Without 0/O, 1/l/I and the like: it is read from a small screen and typed by hand.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"

_hasher = PasswordHasher()
_hashing_slots = BoundedSemaphore(2)
_dummy_hash = _hasher.hash(secrets.token_urlsafe(24))


def hash_password(password: str) -> str:
    with _hashing_slots:
        return _hasher.hash(rule.normalize(password))


def verify_password(password: str, stored: str | None) -> bool:
    """Return whether the own password matches the stored hash; with nothing stored, False after the same
    work.
    """
    return any(_verify(one, stored) for one in rule.list_spellings(password))


def verify_initial_password(password: str, stored: str | None) -> bool:
    """Return whether the password from our SMS is the stored one, as `verify_password`."""
    return _verify(rule.normalize_initial(password), stored)


def _verify(password: str, stored: str | None) -> bool:
    with _hashing_slots:
        try:
            return _hasher.verify(stored or _dummy_hash, password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def generate_password() -> str:
    """Return a password for an SMS: ten unambiguous characters."""
    return "".join(secrets.choice(LETTERS) for _ in range(10))
