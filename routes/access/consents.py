"""Consent to the processing of personal data, required after sign-in from everybody who has not given the
current one (152-ФЗ, ст. 9).

It is required after any way of signing in: a password from an SMS, an own password, a code. Until it is given
no other page opens; alarms are still handled.
"""

from typing import Any

from litestar import Response

from db import journal, writing
from db.access import acceptances, sessions
from rules import Refused
from web import Db, Now, Request, Typed, Who, client_address, get, page, post, redirect, safe_next_url
from web.authentication import next_step

STAGE = "consent"


@get("/consent", stage=STAGE)
def new(request: Request, who: Who) -> Response:
    return _page(request, who, safe_next_url(request.query_params.get("next")))


def _page(request: Request, who: Who, place: str, **answer: Any) -> Response:
    text = acceptances.consent_text(who.representative_id, request.app.state.settings)
    return page(request, "access/consents/new.html", text=text, next=place, name=who.name, **answer)  # type: ignore[arg-type]


@post("/consent", stage=STAGE)
def create(request: Request, db: Db, now: Now, who: Who, typed: Typed) -> Response:
    """Record the consent and redirect to the next required step, or to the page the person wanted."""
    place = safe_next_url(typed.get("next"))
    if typed.get("consent") != "yes":
        refused = Refused(
            consent="Без согласия кабинет открыть нельзя. Отметьте согласие, или выйдите и позвоните нам."
        )
        return _page(request, who, place, typed=typed, refused=refused)
    rest = who.stage.partition(" ")[2] or "open"
    with writing(db):
        if not acceptances.has_consent(db, who.id, who.representative_id):  # the first press recorded it
            text = acceptances.consent_text(who.representative_id, request.app.state.settings)
            acceptances.accept(
                db,
                who.id,
                text.name,
                now,
                client_address(request),
                who.contract_id,
                request.app.state.settings,
                who.representative_id,
            )
            journal.note(
                db, who, "consents.accept", now, version=text.version, address=client_address(request)
            )
        sessions.update_session(db, who, stage=rest)
    return redirect(next_step(rest, place))


routes = [new, create]
