"""The stylesheet, the script, the icons: ready answers from memory, for whoever asks."""

from litestar import asgi
from litestar.types import Receive, Scope, Send

import assets


# A mount: Litestar 2.25 answers 500 to an @asgi handler with a part in its path. No form's key goes with an asset: what a proxy
# keeps for everybody must carry nobody's cookie.
@asgi("/assets", is_mount=True, opt={"public": True, "exclude_from_csrf": True}, copy_scope=False)
async def serve(scope: Scope, receive: Receive, send: Send) -> None:
    accepted = dict(scope["headers"]).get(b"accept-encoding", b"").decode("latin-1")
    found = assets.answer(scope["path"].strip("/"), accepted) if scope["method"] in ("GET", "HEAD") else None
    body, headers = found or (b"", {"content-length": "0", "content-type": "text/plain"})
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": 200 if found else 404, "headers": pairs})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body, "more_body": False})


routes = [serve]
