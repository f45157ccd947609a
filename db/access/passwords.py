"""Hashing: argon2id, at most two at a time (64 MB each), and the same time spent whether or not there is
anybody.
"""

import secrets
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# Without 0/O, 1/l/I and the like, in either case: it is read from a small screen and typed by hand.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"

_hasher = PasswordHasher()
_hashing_slots = BoundedSemaphore(2)
_dummy_hash = _hasher.hash(secrets.token_urlsafe(24))


def hash_password(password: str) -> str:
    with _hashing_slots:
        return _hasher.hash(password)


def verify_password(password: str, stored: str | None) -> bool:
    """Whether the password is the stored one; with nothing stored, False after the same work."""
    with _hashing_slots:
        try:
            return _hasher.verify(stored or _dummy_hash, password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def generate_password() -> str:
    """A password for an SMS: ten characters without look-alikes."""
    return "".join(secrets.choice(LETTERS) for _ in range(10))
