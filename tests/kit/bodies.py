"""Requests sent to the application as raw ASGI messages."""


async def asked(app, path, headers, receive, method="POST", query=b""):
    """Call the application without a server: return (status, bytes). `receive` can record whether the body
    was read.
    """
    said = []

    async def send(message):
        said.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "scheme": "http",
        "query_string": query,
        "client": ("127.0.0.1", 1),
        "server": ("testserver.local", 80),
        "headers": [
            (b"host", b"testserver.local"),
            *((name.encode(), value.encode()) for name, value in headers.items()),
        ],
    }
    await app(scope, receive, send)
    return (
        said[0]["status"],
        b"".join(message.get("body", b"") for message in said[1:]),
        dict(said[0]["headers"]),
    )


async def never():
    raise AssertionError("the body was asked for")
