"""Callback for delivery reports of an SMS gateway over HTTP."""

from typing import Any

from litestar import Response
from litestar.params import RawBody

from db import outbox, writing
from rules import sms_delivery_reports as rule
from web import Db, Now, Request, post
from web.visitors import count_refusal


@post("/callbacks/sms", public=True, exclude_from_csrf=True, executor="sms", body=256 * 1024)
def receive(request: Request, db: Db, now: Now, body: RawBody) -> Response[Any]:
    """Return 200 once the reports are committed; the gateway repeats until then. Unknown message ids are
    ignored.
    """
    settings, heads = request.app.state.settings, request.headers
    secret = settings.sms_secret if settings.sms_gateway == "http" else ""
    if not rule.is_genuine(secret, heads.get("x-timestamp", ""), heads.get("x-signature", ""), body, now):
        count_refusal(request, db, "callback", now)
        return _answer({"error": "signature"}, 401)
    found = rule.parse_reports(body)
    if found is None:
        return _answer({"error": "no receipt"}, 422)
    with writing(db):
        for number, arrived in found:
            outbox.record_delivery_report(db, number, arrived, now)
    return _answer({"taken": len(found)})


def _answer(answer: dict[str, Any], status: int = 200) -> Response[Any]:
    return Response(answer, status_code=status, headers={"cache-control": "no-store"})


routes = [receive]
