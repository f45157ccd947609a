"""Receipts of delivery from an SMS gateway over HTTP: signed, kept once, seen at the desk (SPEC §4, SMS)."""

from typing import Any

from litestar import Response
from litestar.params import RawBody

from db import outbox, writing
from rules import sms_delivery_reports as rule
from web import Db, Now, Request, post
from web.visitors import count_refusal


@post("/callbacks/sms", public=True, exclude_from_csrf=True, executor="sms", body=256 * 1024)
def take(request: Request, db: Db, now: Now, body: RawBody) -> Response[Any]:
    """200 once it is on the disk; the gateway repeats until then. A number we do not know is nobody's
    mistake.
    """
    settings, heads = request.app.state.settings, request.headers
    secret = settings.sms_secret if settings.sms_gateway == "http" else ""
    if not rule.genuine(secret, heads.get("x-timestamp", ""), heads.get("x-signature", ""), body, now):
        count_refusal(request, db, "callback", now)
        return _said({"error": "signature"}, 401)
    found = rule.receipts(body)
    if found is None:
        return _said({"error": "no receipt"}, 422)
    with writing(db):
        for number, arrived in found:
            outbox.receipt(db, number, arrived, now)
    return _said({"taken": len(found)})


def _said(answer: dict[str, Any], status: int = 200) -> Response[Any]:
    return Response(answer, status_code=status, headers={"cache-control": "no-store"})


routes = [take]
