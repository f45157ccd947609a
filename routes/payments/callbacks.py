"""The bank's callbacks. No session and no CSRF token: the address is checked and the bank is asked.

See db/payments/callbacks.py.
"""

from litestar import MediaType, Response
from litestar.params import RawBody

from db.payments import callbacks
from gateways.banks import configured_bank
from web import Db, Now, Request, client_address, not_found, post
from web.visitors import count_refusal

STATUS = {"stranger": 403, "unreadable": 400}


@post("/callbacks/bank", public=True, exclude_from_csrf=True, executor="bank", body=64 * 1024)
def receive(request: Request, db: Db, now: Now, body: RawBody) -> Response[str]:
    """Store the callback and ask the bank about it; if the bank does not answer now, the job asks later."""
    settings = request.app.state.settings
    driver = configured_bank(settings, now) or not_found()
    if not driver.trusted(client_address(request)):
        count_refusal(request, db, "callback", now)  # their rows are stored too, so they are limited
    outcome = callbacks.receive(db, driver, client_address(request), body, now, settings)
    return Response(outcome, status_code=STATUS.get(outcome, 200), media_type=MediaType.TEXT)


routes = [receive]
