"""An export of a subscriber's own data: requested here, made by a job, downloaded by a signed link valid for
a day.
"""

from litestar import Response
from litestar.params import FromPath
from litestar.response import Stream

from db import exports, journal, writing
from routes.access.confirmations import require_confirmation
from web import Db, Now, Request, Who, get, not_found, page, post, redirect, url_signer

SALT = "export"


@get("/settings/export")
def show(request: Request, db: Db, who: Who, now: Now) -> Response:
    require_confirmation(request, who, now)
    row = exports.latest_export(db, who.id)
    ready = exports.ready_export(db, who.id, row.id, now) if row else None
    link = url_signer(request, SALT).dumps([ready.id, who.id]) if ready else ""
    return page(
        request,
        "exports/show.html",
        row=row if row and not row.gone_at else None,
        ready=ready,
        link=link,
        until=ready.made_at + exports.LIFE if ready and ready.made_at else None,
    )


@post("/settings/export")
def create(request: Request, db: Db, who: Who, now: Now) -> Response:
    require_confirmation(request, who, now)
    with writing(db):
        row = exports.request(db, who.id, who.contract_id, now)
        journal.note(db, who, "exports.ask", now, export=row.id)
    return redirect("/settings/export")


@get("/settings/export/{link:str}")
def download(request: Request, db: Db, who: Who, now: Now, link: FromPath[str]) -> Stream:
    """Download the export. Both the link and the export must be unexpired; only the owner, confirmed by a
    code, may download it.
    """
    require_confirmation(request, who, now)
    valid, payload = url_signer(request, SALT).loads_unsafe(link, max_age=int(exports.LIFE.total_seconds()))
    mine = valid and isinstance(payload, list) and payload[1:] == [who.id]
    row = (exports.ready_export(db, who.id, int(payload[0]), now) if mine else None) or not_found()
    with writing(db):
        journal.note(db, who, "exports.take", now, export=row.id)
    sealed = list(exports.read(db, request.app.state.settings.attachment_keys, row))
    headers = {
        "content-disposition": "attachment; filename=cabinet-data.zip",
        "content-length": str(row.size),
        "cache-control": "no-store, max-age=0",
        "content-security-policy": "sandbox",
    }
    return Stream(iter(sealed), media_type="application/zip", headers=headers)


routes = [show, create, download]
