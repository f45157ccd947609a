"""The list of sessions, and signing out of one or all of them; the same for subscribers and for staff."""

from typing import Any

from litestar import Response
from litestar.params import FromPath

from db import journal, writing
from db.access import device_tokens, sessions
from web import (
    Db,
    Now,
    Request,
    Who,
    get,
    idle_timeout,
    not_found,
    page,
    parse_id,
    post,
    redirect,
    session_lifetime,
)
from web.visitors import revoke_other_devices


def device_handlers(place: str, **access: str) -> list[Any]:
    """The three handlers under this address; `door` is who may come, as `get` and `post` want it."""

    @get(place, **access)
    def index(request: Request, db: Db, who: Who, now: Now) -> Response:
        rows = sessions.list_devices(db, who, now, idle_timeout(request), session_lifetime(request))
        rows.sort(key=lambda row: row.id != who.session_id)  # this session first, the others by last use
        return page(request, "access/devices/index.html", devices=rows, here=who.session_id, place=place)

    @post(place + "/{session_id:str}/end", **access)
    def end(db: Db, who: Who, now: Now, session_id: FromPath[str]) -> Response:
        with writing(db):
            device_tokens.revoke_session(db, who, parse_id(session_id))
            ended = sessions.end(db, who, parse_id(session_id))
            journal.note(db, who, "devices.end", now, session=session_id)
        return redirect(place, "Там вы больше не в кабинете.") if ended else not_found()

    @post(place + "/end", **access)
    def end_others(request: Request, db: Db, who: Who, now: Now) -> Response:
        with writing(db):
            ended = sessions.end(db, who, keep=who.session_id)
            revoke_other_devices(request, db, who)
            journal.note(db, who, "devices.end_others", now, ended=ended)
        return redirect(place, "На других устройствах вы вышли." if ended else "Других входов не было.")

    return [index, end, end_others]


routes = device_handlers("/devices") + device_handlers("/staff/devices", staff="")
