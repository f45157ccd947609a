"""Registration: contract number, the phone of the contract, an e-mail, a separate consent; the password comes by SMS (§2)."""

from litestar import Response
from litestar.params import FromPath
from pydantic import BaseModel, field_validator

from db import acceptances, access, journal, passwords, registrations, subscribers, writing
from routes import Db, Now, Request, Typed, address, get, missing, page, post, read, see
from rules import Refused, phones, texts
from rules.access import email
from rules.contracts import number

SENT = "Если номер договора и телефон совпали с договором, SMS с паролем придёт в течение минуты."


class Register(BaseModel):
    number: int
    phone: str
    email: str

    _number = field_validator("number", mode="before")(number)
    _phone = field_validator("phone", mode="before")(phones.parse)
    _email = field_validator("email", mode="before")(email)


@get("/register", public=True)
def new(request: Request) -> Response:
    return page(request, "registrations/new.html")


@post("/register", public=True)
def begin(request: Request, db: Db, now: Now, typed: Typed) -> Response:
    try:
        form = read(Register, typed)
    except Refused as refused:
        return page(request, "registrations/new.html", typed=typed, refused=refused)
    access.check_sms(db, request.app.state.settings, form.number, address(request), now)
    with writing(db):
        token = registrations.add(db, form.number, form.phone, form.email, now)
    return see(f"/register/{token}")


@get("/register/sent", public=True)
def sent(request: Request) -> Response:
    return page(request, "access/sent.html", heading="Ждите SMS", sentence=SENT)


@get("/register/{token:str}", public=True)
def consent(request: Request, db: Db, now: Now, token: FromPath[str]) -> Response:
    registrations.find(db, token, now) or missing()
    return page(request, "registrations/consent.html", text=texts.newest("consent"), token=token)


@post("/register/{token:str}", public=True, executor="passwords")
def agree(request: Request, db: Db, now: Now, typed: Typed, token: FromPath[str]) -> Response:
    """The same work and the same answer whether or not the contract and the phone belong together."""
    asked = registrations.find(db, token, now) or missing()
    if typed.get("consent") != "yes":
        refused = Refused(consent="Без согласия кабинет открыть нельзя. Отметьте согласие или позвоните нам.")
        return page(
            request, "registrations/consent.html", typed=typed, refused=refused, text=texts.newest("consent"), token=token
        )
    access.check_sms(db, request.app.state.settings, asked.number, address(request), now)
    password = passwords.initial()
    digest = passwords.hashed(password)
    with writing(db):
        access.count_sms(db, request.app.state.settings, asked.number, address(request), now)
        found = access.send_initial(db, asked.number, now, password, digest, asked.phone)
        if found:
            contract, who = found
            acceptances.accept(db, int(who.id or 0), "consent", now, address(request), contract.id)
            # Who has a cabinet already changes the address there, with a code: knowing their phone must not be enough.
            # And a letter goes only after the first entry, when whoever holds the phone has seen the address.
            if who.registered_at is None:
                subscribers.ask_email(db, int(who.id or 0), asked.email)
            journal.note(db, f"subscriber:{who.id}", "registrations.register", now, contract_id=contract.id,
                         subscriber_id=who.id)  # fmt: skip
        registrations.spend(db, asked)
    return see("/register/sent")


routes = [new, begin, sent, consent, agree]
