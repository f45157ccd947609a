"""The operator's addresses and working hours; open to everybody, signed in or not (manual §3.7)."""

from datetime import timedelta
from urllib.parse import quote

from litestar import MediaType, Response

from rules import contacts, working_hours
from web import Now, Request, get, page


@get("/contacts", public=True)
def show(request: Request, now: Now) -> Response:
    settings = request.app.state.settings
    moved = working_hours.parse_changed_days(settings.office_days)
    person = request.scope.get("user")
    signed_in = person is not None and person.kind == "subscriber" and person.stage == "open"
    return page(
        request,
        "contacts/show.html",
        office=working_hours.opens_at(now, moved),
        office_open=working_hours.is_open(now, moved),
        centre=working_hours.centre_words(now),
        centre_open=working_hours.centre_is_open(now),
        usual=contacts.usual_hours(),
        unusual=contacts.changed_days(now, moved),
        map=settings.map_link + quote(settings.office_address),
        writes=signed_in and person.opens("/requests/new/letter"),
    )


# RFC 9116 §2.5.5: less than a year, so that nobody writes to an abandoned mailbox.
SECURITY_TEXT_LIVES = timedelta(days=180)
SECURITY_TEXT = "/.well-known/security.txt"


@get(SECURITY_TEXT, public=True)
def show_security_txt(request: Request, now: Now) -> Response[str]:
    """Return security.txt (RFC 9116). Its expiry date moves with the clock, because the contact is read from
    the settings on each request.
    """
    settings = request.app.state.settings
    lines = [
        f"Contact: mailto:{settings.security_mail or settings.service_mail}",
        f"Expires: {now + SECURITY_TEXT_LIVES:%Y-%m-%dT00:00:00Z}",
        "Preferred-Languages: ru, en",
        f"Canonical: {settings.origin}{SECURITY_TEXT}",
    ]
    return Response("".join(line + "\n" for line in lines), media_type=MediaType.TEXT)


routes = [show, show_security_txt]
