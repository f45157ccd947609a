"""What the bank tells us by itself. No session, no CSRF: the address is checked and the bank is asked (db/callbacks.py)."""

from litestar import MediaType, Response
from litestar.params import RawBody

from db import callbacks
from gateways.banks import chosen
from routes import Db, Now, Request, address, missing, post
from routes.askers import count_refusal

STATUS = {"stranger": 403, "unreadable": 400}
LONGEST = 256 * 1024


@post("/callbacks/bank", public=True, exclude_from_csrf=True)
def bank(request: Request, db: Db, now: Now, body: RawBody) -> Response[str]:
    """200 as soon as it is kept: what could not be asked about now, the job asks about."""
    settings = request.app.state.settings
    asked = chosen(settings, now) or missing()
    if len(body) > LONGEST:
        return Response("too long", status_code=413, media_type=MediaType.TEXT)
    if not asked.trusted(address(request)):
        count_refusal(request, db, "callback", now)  # a stranger's is kept raw, so only so many of them
    outcome = callbacks.hear(db, asked, address(request), body, now, settings)
    return Response(outcome, status_code=STATUS.get(outcome, 200), media_type=MediaType.TEXT)


routes = [bank]
