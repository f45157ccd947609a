"""Small secrets at rest: sealed by AES-GCM with the operator's newest key, opened by any key of the list."""

import os
from base64 import b64decode, b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def seal(keys: list[str], plain: str, about: str) -> str:
    """`keys` are base64 AES-256 keys, newest last; `about` says whose secret it is, and another's place will not open it."""
    nonce = os.urandom(12)
    return b64encode(nonce + AESGCM(b64decode(keys[-1])).encrypt(nonce, plain.encode(), about.encode())).decode()


def unseal(keys: list[str], sealed: str, about: str) -> str:
    """The secret again; LookupError when no key of the list fits."""
    raw = b64decode(sealed)
    for key in reversed(keys):
        try:
            return AESGCM(b64decode(key)).decrypt(raw[:12], raw[12:], about.encode()).decode()
        except InvalidTag:
            continue
    raise LookupError(f"no key opens the secret of {about}")
