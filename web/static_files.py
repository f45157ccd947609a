"""The stylesheet, the script, the icons: ready answers from memory, for whoever asks."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from web import assets

PLACE = "/assets/"
# What to add to the headers of this start of an answer, in this scope.
Beside = Callable[[Any, Any], list[tuple[bytes, bytes]]]


async def put(scope: Any, send: Any, beside: Beside) -> int:
    """Answer with the asset named by the path and the headers of the house beside its own; the status.

    No form's key goes with an asset: what a proxy keeps for everybody must carry nobody's cookie.
    """
    accepted = dict(scope["headers"]).get(b"accept-encoding", b"").decode("latin-1")
    found = ready(scope["path"].removeprefix(PLACE), accepted) if scope["method"] in ("GET", "HEAD") else None
    status, (body, pairs) = (200, found) if found else (404, (b"", NOTHING))
    start = {"type": "http.response.start", "status": status, "headers": pairs}
    await send({**start, "headers": [*pairs, *beside(start, scope)]})
    await send(
        {"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body, "more_body": False}
    )
    return status


NOTHING = [(b"content-length", b"0"), (b"content-type", b"text/plain; charset=utf-8")]


@lru_cache(maxsize=256)
def ready(name: str, accepted: str) -> tuple[bytes, list[tuple[bytes, bytes]]] | None:
    """The answer as it goes out: browsers ask in few ways, so it is put into words once for each."""
    found = assets.answer(name, accepted)
    return found and (found[0], [(name.encode(), value.encode()) for name, value in found[1].items()])
