"""Registration: contract number, the contract's phone, an e-mail; the password comes by SMS (manual §2).

No consent is taken here, because the person is not identified yet: it is required after sign-in with that
password (routes/access/consents).
"""

from litestar import Response
from pydantic import BaseModel, field_validator

from db import journal, writing
from db.access import passwords, rate_limits, sign_in
from db.people import subscribers
from rules import Refused, phones
from rules.emails import parse as parse_email
from rules.people.contracts import parse_number
from web import Db, Now, Request, Typed, get, page, parse_form, post, redirect
from web.visitors import identify_visitor, set_device_cookie

SENT = "Если номер договора и телефон совпали с договором, SMS с паролем придёт в течение минуты."


class Register(BaseModel):
    number: int
    phone: str
    email: str

    _number = field_validator("number", mode="before")(parse_number)
    _phone = field_validator("phone", mode="before")(phones.parse)
    _email = field_validator("email", mode="before")(parse_email)


@get("/register", public=True)
def new(request: Request) -> Response:
    return page(request, "access/registrations/new.html")


@post("/register", public=True, executor="passwords")
def create(request: Request, db: Db, now: Now, typed: Typed) -> Response:
    """Register: does the same work and gives the same response whether or not the contract and the phone
    match.
    """
    try:
        form = parse_form(Register, typed)
    except Refused as refused:
        return page(request, "access/registrations/new.html", typed=typed, refused=refused)
    settings, own = request.app.state.settings, identify_visitor(request)
    sign_in.check_request(db, settings, "password", form.number, own, now)
    password = passwords.generate_password()
    digest = passwords.hash_password(password)
    with writing(db):
        if rate_limits.is_repeat(db, typed.get("key", ""), now):
            return set_device_cookie(request, redirect("/register/sent"))
        found = sign_in.send_initial_password(
            db, settings, form.number, own, now, password, digest, form.phone
        )
        if found:
            contract, who = found
            # A registered person changes the address in settings, with a code: knowing their phone must not
            # be enough. An e-mail is sent only after the first sign-in, when the holder of the phone has seen
            # the address.
            if who.registered_at is None:
                subscribers.request_email(db, who.id, form.email)
            journal.note(
                db,
                "stranger",
                "registrations.register",
                now,
                contract_id=contract.id,
                subscriber_id=who.id,
                address=own.address,
            )
    return set_device_cookie(request, redirect("/register/sent"))


@get("/register/sent", public=True)
def show_sent(request: Request) -> Response:
    return page(request, "access/sign_in/sent.html", heading="Ждите SMS", sentence=SENT)


routes = [new, create, show_sent]
