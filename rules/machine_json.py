"""Parsing of JSON from other systems.

`json` accepts lone surrogates, NUL and lists nested to the depth of the interpreter's stack. No database
stores the first two, and code that walks the third raises RecursionError.
"""

import json
from typing import Any

DEEPEST = 32


def load(body: bytes) -> Any:
    """Return the parsed value. ValueError for invalid JSON, NaN and Infinity, and nesting deeper than
    `DEEPEST`.

    NUL and lone surrogates become U+FFFD, in keys too.
    """
    try:
        found = json.loads(body, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deep") from None
    return _clean(found, DEEPEST)


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


def _clean(value: Any, left: int) -> Any:
    if isinstance(value, str):
        return (
            value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
            if _has_unstorable(value)
            else value
        )
    if not isinstance(value, (dict, list)):
        return value
    if not left:
        raise ValueError("nested too deep")
    if isinstance(value, list):
        return [_clean(one, left - 1) for one in value]
    return {_clean(name, left): _clean(one, left - 1) for name, one in value.items()}


def _has_unstorable(text: str) -> bool:
    return "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text)
