"""The station's HTTP interface: signed batches of events. An item is answered "taken" only after the
commit.
"""

import logging
from datetime import datetime
from typing import Any

from litestar import Response
from litestar.params import RawBody
from sqlalchemy.exc import OperationalError

from db import writing
from db.events import station
from gateways.station import signed
from rules.events.events import StationReport
from web import Db, Now, Request, post
from web.visitors import count_refusal

log = logging.getLogger("station")


@post("/station/events", public=True, exclude_from_csrf=True, executor="station", body=2 * 1024 * 1024)
def receive(request: Request, db: Db, now: Now, body: RawBody) -> Response[Any]:
    """Return for each item "taken", "duplicate", "waiting" (unknown key, shown to staff) or "refused" with a
    reason.
    """
    source = request.headers.get("x-station", "")
    secrets = request.app.state.settings.station_secrets.get(source, [])
    stamp, signature = request.headers.get("x-timestamp", ""), request.headers.get("x-signature", "")
    try:
        signed.verify(secrets, stamp, signature, body, now)
        found = [signed.parse_report(item) for item in signed.parse_batch(body)]
    except signed.ForgedBatch as why:
        count_refusal(request, db, "station", now)
        log.warning("refused batch: %s", why)
        return json_response({"error": str(why)}, 401)
    except signed.MalformedBatch as why:
        return json_response({"error": str(why)}, 422)
    try:
        return json_response({"results": store_batch(db, source, found, now)})
    except OperationalError:
        log.exception("a batch could not be stored")
        return json_response({"error": "not kept, send again"}, 503, {"retry-after": "5"})


def store_batch(db: Db, source: str, found: list[StationReport | str], now: datetime) -> list[dict[str, str]]:
    """Store the whole batch in one transaction; an empty batch is a heartbeat."""
    reports = [each for each in found if isinstance(each, StationReport)]
    with writing(db):
        if not reports:
            station.record_contact(db, f"http:{source}", now)
        answers = iter(station.ingest(db, f"http:{source}", reports, now) if reports else [])
    return [
        {"result": next(answers)}
        if isinstance(each, StationReport)
        else {"result": "refused", "reason": each}
        for each in found
    ]


def json_response(
    answer: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None
) -> Response[Any]:
    return Response(answer, status_code=status, headers={"cache-control": "no-store"} | (headers or {}))


routes = [receive]
