"""Where the operator is and when somebody answers; for everybody, signed in or not (manual §3.7)."""

from urllib.parse import quote

from litestar import Response

from routes import Now, Request, get, page
from rules import contacts, worktime


@get("/contacts", public=True)
def show(request: Request, now: Now) -> Response:
    settings = request.app.state.settings
    moved = worktime.moved(settings.office_days)
    person = request.scope.get("user")
    known = person is not None and person.kind == "subscriber" and person.stage == "open"
    return page(
        request, "contacts/show.html",
        office=worktime.opens_at(now, moved), office_open=worktime.is_open(now, moved),
        centre=worktime.centre_words(now), centre_open=worktime.centre_is_open(now),
        usual=contacts.usual(), unusual=contacts.unusual(now, moved), map=settings.map_link + quote(settings.office_address),
        writes=known and person.opens("/requests/new/letter"),
    )  # fmt: skip


routes = [show]
