"""JSON that another machine sent: the one place that reads it, so that nothing later fails on its shape or
its letters.

`json` takes lone halves of letters, NUL and lists nested to the depth of the interpreter's stack; no database
takes the first two, and whatever walks or writes the third ends in RecursionError.
"""

import json
from typing import Any

DEEPEST = 32


def load(body: bytes) -> Any:
    """The value; ValueError for no JSON, for numbers past any clock or sum, for nesting past `DEEPEST`.

    Letters no database keeps (NUL, half of a surrogate pair) are replaced by U+FFFD in values and names.
    """
    try:
        found = json.loads(body, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deep") from None
    return _plain(found, DEEPEST)


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


def _plain(value: Any, left: int) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode() if _odd(value) else value
    if not isinstance(value, (dict, list)):
        return value
    if not left:
        raise ValueError("nested too deep")
    if isinstance(value, list):
        return [_plain(one, left - 1) for one in value]
    return {_plain(name, left): _plain(one, left - 1) for name, one in value.items()}


def _odd(text: str) -> bool:
    return "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text)
