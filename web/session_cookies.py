"""The cookies that a sign-in sets."""

from typing import Any

from litestar import Response
from litestar.datastructures import Cookie
from litestar.middleware.csrf import generate_csrf_token

from web import Request
from web.authentication import session_cookie, token_cookie


def set_session(answer: Response[Any], request: Request, token: str) -> None:
    """The cookies of a new session: its own, and a new CSRF token, so that no earlier form is taken."""
    answer.set_cookie(session_cookie(request, token))
    answer.set_cookie(new_csrf_cookie(request))


def new_csrf_cookie(request: Request) -> Cookie:
    settings = request.app.state.settings
    return Cookie(
        key=token_cookie(settings.secrets[-1], settings.secure),
        value=generate_csrf_token(settings.secrets[-1]),
        path="/",
        httponly=True,
        secure=settings.secure,
        samesite="lax",
    )
