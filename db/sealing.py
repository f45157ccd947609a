"""Secrets at rest: sealed by AES-GCM with the operator's newest key, opened by the one they were sealed with.

What lies sealed, and under which words, is listed in `db.sealed_columns`.
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

# The operator's keys belong to the database they seal: whoever holds a session on it finds them here.
_keys: WeakKeyDictionary[Engine, list[str]] = WeakKeyDictionary()


def use_keys(engine: Engine, keys: list[str]) -> None:
    """These keys (base64 AES-256, newest last) seal and open what lies in this database."""
    _keys[engine] = keys


def session_keys(db: Session) -> list[str]:
    """The keys of the session's database; LookupError when it was opened without any: nothing is ever kept in
    clear instead.
    """
    keys = _keys.get(db.get_bind().engine)
    if not keys:
        raise LookupError("this database was opened without CABINET_ATTACHMENT_KEYS")
    return keys


def make_cipher(key: str) -> "AESGCM":
    """What seals and opens by one of the operator's keys (base64, AES-256). Its library, 6 MB, comes with the
    first secret.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(b64decode(key))


def key_id(key: str) -> str:
    """A name for a key that tells nothing of it."""
    return sha256(b64decode(key)).hexdigest()[:8]


def find_cipher(keys: Sequence[str], name: str, what: str) -> "AESGCM":
    """The box of the key so named, for `what` was sealed by it; LookupError when it left the list."""
    key = next((key for key in keys if key_id(key) == name), None)
    if key is None:
        raise LookupError(f"{what}: key {name} is not in CABINET_ATTACHMENT_KEYS")
    return make_cipher(key)


def seal(keys: Sequence[str], plain: str, about: str) -> str:
    """`keys` are base64 AES-256 keys, newest last; `about` says whose secret it is, and another's place will
    not open it.
    """
    nonce = os.urandom(12)
    return b64encode(nonce + make_cipher(keys[-1]).encrypt(nonce, plain.encode(), about.encode())).decode()


def unseal(keys: Sequence[str], sealed: str, about: str) -> str:
    """The secret again; LookupError when no key of the list fits."""
    from cryptography.exceptions import InvalidTag

    raw = b64decode(sealed)
    for key in reversed(keys):
        try:
            return make_cipher(key).decrypt(raw[:12], raw[12:], about.encode()).decode()
        except InvalidTag:
            continue
    raise LookupError(f"no key opens the secret of {about}")


def hmac_digests(keys: Sequence[str], purpose: str, value: str) -> list[str]:
    """HMAC-SHA-256 of a value under each key, the newest last: a guess cannot be tried against the file
    without the keys.
    """
    derived = [hmac.new(b64decode(key), purpose.encode(), sha256).digest() for key in keys]
    return [hmac.new(key, value.encode(), sha256).hexdigest() for key in derived]
