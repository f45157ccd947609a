"""What the pages of the desk share: who may open them, and that every look at a subscriber's data leaves a
line.
"""

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
    """The roles any of these acts belongs to, as the `staff` option of a route wants them."""
    return " ".join(sorted(set().union(*(RIGHTS[act] for act in acts))))


def allow(who: Person, act: str) -> None:
    """403 for a role the act does not belong to, where one page serves roles that may do different things."""
    if not may(who.role, act):
        raise PermissionDeniedException("role")


def page(request: Request, template: str, look: Look, **context: Any) -> Response[bytes]:
    """A page of the desk that shows subscribers' data: the look is written here, whoever renders it and with
    whatever status.

    A page that shows nobody's data takes `web.page` itself; tests/desk/test_view_log.py names the modules
    that may.
    """
    log_view(request, look)
    return bare_page(request, template, **context)


def log_view(request: Request, look: Look) -> None:
    """A line in the journal before the page is shown: what was not written was not seen.

    In a session of its own, so that what the page has read already need not be read again. Outside `writing`.
    """
    state = request.app.state
    with Session(state.engine) as db, writing(db):
        view_log.add(db, request.scope["user"], look, state.clock.now())
