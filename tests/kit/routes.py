"""Requests a declared route and reads from the response who may open it."""

import re

from litestar.routes import ASGIRoute, HTTPRoute


def declared_routes(app) -> set[str]:
    found = set()
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            found |= {f"{method} {route.path_format}" for method in route.methods if method != "OPTIONS"}
        elif isinstance(route, ASGIRoute):
            found.add(f"ASGI {route.path_format}")
    return {plain(line) for line in found}


def plain(line: str) -> str:
    """Remove types of path parameters: the declaration has them, the census does not."""
    return re.sub(r":\w+}", "}", line)


def fill(path: str) -> str:
    return re.sub(r"{(\w+)}", lambda part: "999999" if part[1].endswith("id") else "nothing", path)


def ask_route(browser, line: str):
    """Return the response, sent with the visitor's own CSRF token so that only the access check decides."""
    method, path = line.split()
    browser.get("/login") if "/" not in browser.client.cookies else None
    if method == "POST":
        name = next(name for name in browser.client.cookies if name.startswith("csrf-"))
        return browser.client.post(
            fill(path), data={"_csrf_token": browser.client.cookies[name]}, follow_redirects=False
        )
    return browser.client.get(fill(path), follow_redirects=False)


def is_login_redirect(answer) -> bool:
    return answer.status_code == 303 and answer.headers["location"].split("?")[0] in (
        "/login",
        "/staff/login",
    )
