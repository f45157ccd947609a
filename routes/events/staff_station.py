"""The station's state for the engineer: sources and their last contact, SMS delays, events of unknown
keys.
"""

from typing import Any

from litestar import Response

from db import instant
from db.events import deliveries, panels, station, waiting_events
from rules.events import event_codes
from web import Db, Request, get, parse_id
from web.staff_pages import Look, page, roles_with

PAGE_SIZE = 50


@get("/staff/station", staff=roles_with("work"), sync_to_thread=True)
def show(request: Request, db: Db) -> Response:
    before = parse_id(request.query_params["before"]) if request.query_params.get("before") else None
    waiting = waiting_events.list_waiting(db, PAGE_SIZE + 1, before)
    sources = station.sources(db)
    return page(
        request,
        "events/staff_station/show.html",
        Look("station.look"),
        sources=sources,
        panels=panels.panel_count(db),
        delays=deliveries.delays(db),
        waiting=[_line(one, {source.id: source.name for source in sources}) for one in waiting[:PAGE_SIZE]],
        older=waiting[PAGE_SIZE - 1].id if len(waiting) > PAGE_SIZE else None,
    )


def _line(one: waiting_events.WaitingEvent, names: dict[int | None, str]) -> dict[str, Any]:
    return {
        "at": instant(one.at * 1000),
        "number": one.number,
        "words": event_codes.event_words(one.kind, one.code),
        "who": one.who,
        "source": names.get(one.source_id, ""),
        "raw": one.raw,
    }


routes = [show]
