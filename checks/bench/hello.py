"""Yardsticks: Litestar that says hello, with its own static router over our assets, and ASGI that says
nothing at all.
"""

from typing import Any

from litestar import Litestar, get
from litestar.static_files import create_static_files_router

from web import assets


@get("/", sync_to_thread=False)
def say() -> str:
    return "hello"


hello = Litestar([say], openapi_config=None)
static = Litestar([create_static_files_router("/static", [assets.FOLDER])], openapi_config=None)


async def silent(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b"", "more_body": False})
