"""Which exception is answered by which handler."""

from typing import Any

from litestar.exceptions import HTTPException
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from db.access.rate_limits import RateLimitExceeded
from web.authentication import RedirectTo
from web.errors import (
    handle_busy,
    handle_database_error,
    handle_http_error,
    handle_rate_limit,
    handle_redirect,
    handle_undecodable,
    handle_unexpected_error,
)
from web.executors import Busy
from web.form_subjects import OutdatedPage, WrongSubject
from web.subject_errors import handle_outdated_page, handle_wrong_subject

# Litestar types a handler by its own Request; ours has htmx.
HANDLERS: dict[Any, Any] = {
    HTTPException: handle_http_error,
    RedirectTo: handle_redirect,
    WrongSubject: handle_wrong_subject,
    OutdatedPage: handle_outdated_page,
    RateLimitExceeded: handle_rate_limit,
    Busy: handle_busy,
    UnicodeError: handle_undecodable,
    500: handle_unexpected_error,
    OperationalError: handle_database_error,
    PoolTimeout: handle_database_error,
}
