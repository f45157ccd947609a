"""Encryption of secrets at rest: AES-GCM with the operator's newest key; decryption by the key a value was
encrypted with.

The encrypted columns and their contexts are listed in `db.sealed_columns`.
"""

import hmac
import os
from base64 import b64decode, b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlmodel import Session

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

# The keys belong to an engine, so any code with a session on it finds them here.
_keys: WeakKeyDictionary[Engine, list[str]] = WeakKeyDictionary()


def use_keys(engine: Engine, keys: list[str]) -> None:
    """Set the keys (base64 AES-256, newest last) that encrypt and decrypt values in this database."""
    _keys[engine] = keys


def session_keys(db: Session) -> list[str]:
    """Return the keys of the session's database. LookupError when none were set: secrets are never stored as
    plain text instead.
    """
    keys = _keys.get(db.get_bind().engine)
    if not keys:
        raise LookupError("this database was opened without CABINET_ATTACHMENT_KEYS")
    return keys


def make_cipher(key: str) -> "AESGCM":
    """Return the cipher for a key (base64, AES-256). The library takes 6 MB, so it is imported with the first
    secret.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(b64decode(key))


def key_id(key: str) -> str:
    """Return an identifier of a key that reveals nothing about it."""
    return sha256(b64decode(key)).hexdigest()[:8]


def find_cipher(keys: Sequence[str], name: str, what: str) -> "AESGCM":
    """Return the cipher of the key with this identifier. LookupError when the key, which encrypted `what`, is
    no longer configured.
    """
    key = next((key for key in keys if key_id(key) == name), None)
    if key is None:
        raise LookupError(f"{what}: key {name} is not in CABINET_ATTACHMENT_KEYS")
    return make_cipher(key)


def seal(keys: Sequence[str], plain: str, about: str) -> str:
    """Encrypt `plain` with the newest of `keys` (base64 AES-256). `about` binds it to its owner: with another
    context it does not decrypt.
    """
    nonce = os.urandom(12)
    return b64encode(nonce + make_cipher(keys[-1]).encrypt(nonce, plain.encode(), about.encode())).decode()


def unseal(keys: Sequence[str], sealed: str, about: str) -> str:
    """Return the decrypted secret. LookupError when no configured key fits."""
    from cryptography.exceptions import InvalidTag

    raw = b64decode(sealed)
    for key in reversed(keys):
        try:
            return make_cipher(key).decrypt(raw[:12], raw[12:], about.encode()).decode()
        except InvalidTag:
            continue
    raise LookupError(f"no key opens the secret of {about}")


def hmac_digests(keys: Sequence[str], purpose: str, value: str) -> list[str]:
    """Return the HMAC-SHA-256 of a value under each key, the newest last. Without the keys nobody can test
    guesses against a stolen database.
    """
    derived = [hmac.new(b64decode(key), purpose.encode(), sha256).digest() for key in keys]
    return [hmac.new(key, value.encode(), sha256).hexdigest() for key in derived]
