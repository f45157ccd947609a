"""What staff pages share: who may open them, and a journal line for every view of a subscriber's data."""

from typing import Any

from litestar import Response
from litestar.exceptions import PermissionDeniedException
from sqlmodel import Session

from db import writing
from db.desk import view_log
from db.desk.view_log import Look
from db.journal import Person
from rules.access.staff import RIGHTS, may
from web import Request
from web import page as bare_page


def roles_with(*acts: str) -> str:
    """Return the roles allowed any of these acts, as the `staff` option of a route expects them."""
    return " ".join(sorted(set().union(*(RIGHTS[act] for act in acts))))


def require_right(who: Person, act: str) -> None:
    """Raise 403 unless the person's role allows the act; for a page shared by roles with different rights."""
    if not may(who.role, act):
        raise PermissionDeniedException("role")


def page(request: Request, template: str, look: Look, **context: Any) -> Response[bytes]:
    """Render a staff page that shows subscribers' data, and journal the view whatever the status.

    A page that shows nobody's data uses `web.page` itself; tests/desk/test_view_log.py names the modules that
    may.
    """
    log_view(request, look)
    return bare_page(request, template, **context)


def log_view(request: Request, look: Look) -> None:
    """Write the journal line before the page is shown: no data is shown unless the view is recorded.

    Uses a session of its own, so that rows the handler has loaded are not expired. Outside `writing`.
    """
    state = request.app.state
    with Session(state.engine) as db, writing(db):
        view_log.add(db, request.scope["user"], look, state.clock.now())
