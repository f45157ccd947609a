"""Secrets at rest: sealed by AES-GCM with the operator's newest key, opened by the one they were sealed with."""

import os
from base64 import b64decode, b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def box(key: str) -> "AESGCM":
    """What seals and opens by one of the operator's keys (base64, AES-256). Its library, 6 MB, comes with the first secret."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(b64decode(key))


def key_id(key: str) -> str:
    """A name for a key that tells nothing of it."""
    return sha256(b64decode(key)).hexdigest()[:8]


def box_of(keys: Sequence[str], name: str, what: str) -> "AESGCM":
    """The box of the key so named, for `what` was sealed by it; LookupError when it left the list."""
    key = next((key for key in keys if key_id(key) == name), None)
    if key is None:
        raise LookupError(f"{what}: key {name} is not in CABINET_ATTACHMENT_KEYS")
    return box(key)


def seal(keys: list[str], plain: str, about: str) -> str:
    """`keys` are base64 AES-256 keys, newest last; `about` says whose secret it is, and another's place will not open it."""
    nonce = os.urandom(12)
    return b64encode(nonce + box(keys[-1]).encrypt(nonce, plain.encode(), about.encode())).decode()


def unseal(keys: list[str], sealed: str, about: str) -> str:
    """The secret again; LookupError when no key of the list fits."""
    from cryptography.exceptions import InvalidTag

    raw = b64decode(sealed)
    for key in reversed(keys):
        try:
            return box(key).decrypt(raw[:12], raw[12:], about.encode()).decode()
        except InvalidTag:
            continue
    raise LookupError(f"no key opens the secret of {about}")


def move(keys: list[str], row: Any, column: str, about: str) -> bool:
    """Put the secret of a row's column under the newest key; False when it lies there already, or there is none.

    LookupError when no key of the list opens it.
    """
    sealed = getattr(row, column)
    if not sealed:
        return False
    try:
        unseal(keys[-1:], sealed, about)
    except LookupError:
        setattr(row, column, seal(keys, unseal(keys, sealed, about), about))
        return True
    return False
