"""An e-mail address as people type it: one rule for settings, payments, registration and the registry.

Whether the address exists is found out by a letter, not by a pattern.
"""

import re

from rules import Refused

ADDRESS = re.compile(
    r"[^@\s<>\"(),:;|\\\[\]]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,22}[^\W_]"
)
LONGEST = 254


def parse(text: str, field: str = "email") -> str:
    """The address without edges' spaces, its domain in small letters; else Refused at `field`."""
    bare = text.strip()
    if len(bare) > LONGEST or not ADDRESS.fullmatch(bare):
        raise Refused(**{field: "Укажите адрес целиком, например anna@mail.ru."})
    name, _, domain = bare.rpartition("@")
    return f"{name}@{domain.lower()}"
