"""Addresses that only take forms. Opened by F5 or Back after a refusal, or by hand, they lead to a page."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from litestar import Litestar
from litestar.routes import HTTPRoute


def has_page(scope: Mapping[str, Any]) -> bool:
    """Whether the address a form was sent to also shows a page."""
    return _route(scope["litestar_app"], scope["path"], "GET") is not None


def find_page_of_form(app: Litestar, path: str) -> str:
    """The page of the form that this address takes: named by the route's `page`, else the nearest above it;
    "" for an address that takes no form of people.
    """
    route = _route(app, path, "POST")
    opt = route.route_handler_map["POST"][0].opt if route else {"exclude_from_csrf": True}
    if opt.get("exclude_from_csrf"):
        return ""
    if page := opt.get("page"):
        return str(page)
    while path not in ("", "/"):
        path = path.rpartition("/")[0]
        if _route(app, path or "/", "GET"):
            return path or "/"
    return ""


def _route(app: Litestar, path: str, method: str) -> HTTPRoute | None:
    return next(
        (
            route
            for route in app.routes
            if isinstance(route, HTTPRoute)
            and method in route.methods
            and _pattern(route.path_format).fullmatch(path)
        ),
        None,
    )


@lru_cache(maxsize=1000)
def _pattern(path_format: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{[^/]+\\}", "[^/]+", re.escape(path_format)))
