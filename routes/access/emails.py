"""Change of the e-mail address in settings, and the signed link that confirms it."""

from litestar import Response
from litestar.params import FromPath
from pydantic import BaseModel, field_validator

from db import journal, writing
from db.access import emails, rate_limits
from db.access.entry_limits import HOUR
from db.people import subscribers
from routes.access.confirmations import require_confirmation
from rules import Refused
from rules.access import limits
from rules.emails import parse as parse_email
from web import Db, Now, Request, Typed, Who, get, page, parse_form, post, redirect, url_signer
from web.visitors import count_refusal

LETTERS_AN_HOUR = 5


class Email(BaseModel):
    email: str

    _email = field_validator("email", mode="before")(parse_email)


@get("/settings/email")
def new(request: Request, db: Db, who: Who, now: Now) -> Response:
    require_confirmation(request, who, now)
    return page(request, "access/emails/new.html", subscriber=subscribers.get_subscriber(db, who.id))


@post("/settings/email")
def create(request: Request, db: Db, who: Who, now: Now, typed: Typed) -> Response:
    require_confirmation(request, who, now)
    subscriber = subscribers.get_subscriber(db, who.id)
    try:
        form = parse_form(Email, typed)
        if form.email == subscriber.email and subscriber.email_confirmed_at:
            raise Refused(email="Это ваш нынешний адрес, он уже подтверждён.")
    except Refused as refused:
        return page(request, "access/emails/new.html", typed=typed, refused=refused, subscriber=subscriber)
    letters = [
        rate_limits.Counter(
            "letter", who.actor, LETTERS_AN_HOUR, HOUR, limits.letter_words(LETTERS_AN_HOUR, HOUR)
        )
    ]
    with writing(db):
        rate_limits.check_all(db, letters, now)
        rate_limits.add_attempts(db, letters, now)
        emails.request_confirmation(
            db, url_signer(request, emails.SALT), request.app.state.settings.origin, who.id, form.email, now
        )
        journal.note(db, who, "emails.ask", now)
    return redirect(
        "/settings", "Отправили письмо на новый адрес. Откройте ссылку в нём в течение трёх дней."
    )


@get("/email/{link:str}", public=True)
def show_link(request: Request, db: Db, link: FromPath[str]) -> Response:
    """Show a page with a button: mail programs open links by themselves, so a GET must not confirm."""
    linked = emails.read_link(url_signer(request, emails.SALT), link)
    return page(
        request,
        "access/emails/confirm.html",
        link=link,
        awaited=emails.requested_address(db, linked) if linked else None,
    )


@post("/email/{link:str}", public=True)
def confirm(request: Request, db: Db, now: Now, link: FromPath[str]) -> Response:
    linked = emails.read_link(url_signer(request, emails.SALT), link)
    if linked is None:
        count_refusal(request, db, "link", now)
    with writing(db):
        done = linked is not None and emails.confirm(db, linked, request.app.state.settings, now)
        if linked and done:
            journal.note(db, f"subscriber:{linked[0]}", "emails.confirm", now, subscriber_id=linked[0])
    if not done:
        return page(request, "access/emails/confirm.html", status=422, link=link, awaited=None)
    return redirect("/settings" if request.scope.get("user") else "/login", "Адрес почты подтверждён.")


routes = [new, create, show_link, confirm]
