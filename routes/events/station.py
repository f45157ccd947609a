"""The station's HTTP door: signed batches of events, each item answered, "taken" only once it is on the disk
(SPEC §4).
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
from rules.events.events import Report
from web import Db, Now, Request, post
from web.visitors import count_refusal

log = logging.getLogger("station")


@post("/station/events", public=True, exclude_from_csrf=True, executor="station", body=2 * 1024 * 1024)
def take(request: Request, db: Db, now: Now, body: RawBody) -> Response[Any]:
    """Per item "taken", "duplicate", "waiting" (key unknown, the desk sees it) or "refused" with the
    reason.
    """
    source = request.headers.get("x-station", "")
    secrets = request.app.state.settings.station_secrets.get(source, [])
    stamp, signature = request.headers.get("x-timestamp", ""), request.headers.get("x-signature", "")
    try:
        signed.verify(secrets, stamp, signature, body, now)
        found = [signed.report(item) for item in signed.batch(body)]
    except signed.Forged as why:
        count_refusal(request, db, "station", now)
        log.warning("refused batch: %s", why)
        return said({"error": str(why)}, 401)
    except signed.Malformed as why:
        return said({"error": str(why)}, 422)
    try:
        return said({"results": kept(db, source, found, now)})
    except OperationalError:
        log.exception("a batch could not be kept")
        return said({"error": "not kept, send again"}, 503, {"retry-after": "5"})


def kept(db: Db, source: str, found: list[Report | str], now: datetime) -> list[dict[str, str]]:
    """One transaction for the whole batch; an empty one is a heartbeat."""
    reports = [each for each in found if isinstance(each, Report)]
    with writing(db):
        if not reports:
            station.contact(db, f"http:{source}", now)
        answers = iter(station.ingest(db, f"http:{source}", reports, now) if reports else [])
    return [
        {"result": next(answers)} if isinstance(each, Report) else {"result": "refused", "reason": each}
        for each in found
    ]


def said(answer: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> Response[Any]:
    return Response(answer, status_code=status, headers={"cache-control": "no-store"} | (headers or {}))


routes = [take]
