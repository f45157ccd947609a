"""The station for the engineer: who speaks and since when, how fast SMS go out, and events of keys nobody
knows.
"""

from typing import Any

from litestar import Response

from db import instant
from db.events import deliveries, panels, station
from rules.events import event_codes
from web import Db, Request, bounded, get
from web.staff_pages import Look, of, page

SHOWN = 50


@get("/staff/station", staff=of("work"), sync_to_thread=True)
def show(request: Request, db: Db) -> Response:
    before = bounded(request.query_params["before"]) if request.query_params.get("before") else None
    waiting = station.waiting(db, SHOWN + 1, before)
    sources = station.sources(db)
    return page(
        request,
        "events/staff_station/show.html",
        Look("station.look"),
        sources=sources,
        panels=panels.count(db),
        delays=deliveries.delays(db),
        waiting=[_line(one, {source.id: source.name for source in sources}) for one in waiting[:SHOWN]],
        older=waiting[SHOWN - 1].id if len(waiting) > SHOWN else None,
    )


def _line(one: station.WaitingEvent, names: dict[int | None, str]) -> dict[str, Any]:
    return {
        "at": instant(one.at * 1000),
        "number": one.number,
        "said": event_codes.say(one.kind, one.code),
        "who": one.who,
        "source": names.get(one.source_id, ""),
        "raw": one.raw,
    }


routes = [show]
