"""What the bank tells us by itself. No session, no CSRF: the address is checked and the bank is asked
(db/payments/callbacks.py).
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
    """200 as soon as it is kept: what could not be asked about now, the job asks about."""
    settings = request.app.state.settings
    driver = configured_bank(settings, now) or not_found()
    if not driver.trusted(client_address(request)):
        count_refusal(request, db, "callback", now)  # a stranger's is kept raw, so only so many of them
    outcome = callbacks.receive(db, driver, client_address(request), body, now, settings)
    return Response(outcome, status_code=STATUS.get(outcome, 200), media_type=MediaType.TEXT)


routes = [receive]
