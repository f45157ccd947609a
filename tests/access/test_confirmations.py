"""«Confirmed by code»: asked when ten minutes have passed, answered by SMS or by an authenticator, on this
session only.
"""

import re

import pyotp
import pytest
from litestar import Response

from db.people import contracts, subscribers
from routes.access.confirmations import require_confirmation
from tests.kit import cast
from web import Now, Request, Who, get

pytestmark = pytest.mark.own_app


@get("/guarded")
def guarded(request: Request, who: Who, now: Now) -> Response[str]:
    require_confirmation(request, who, now)
    return Response(
        "<!DOCTYPE html><html lang=ru><head><title>Тайна</title></head><body><h1>Тайна</h1></body></html>",
        media_type="text/html",
    )


@pytest.fixture
def app(app):
    app.register(guarded)
    return app


def code(texts):
    return re.search(r"\d{6}", texts("+79211234567")[-1])[0]


def test_asks_sends_and_comes_back(anna, texts):
    page = anna.get("/guarded")
    assert page.path == "/confirm"
    assert "921" not in page.one("main").text_content()
    anna.submit("/confirm/send")
    assert anna.submit("/confirm", code=code(texts)).path == "/guarded"


def test_lasts_ten_minutes(anna, texts, clock):
    anna.get("/guarded")
    anna.submit("/confirm/send")
    anna.submit("/confirm", code=code(texts))
    clock.forward(minutes=9)
    assert anna.get("/guarded").path == "/guarded"
    clock.forward(minutes=2)
    assert anna.get("/guarded").path == "/confirm"


def test_another_session_of_the_same_person_is_not_confirmed(anna, enter, texts):
    anna.get("/guarded")
    anna.submit("/confirm/send")
    other = enter(cast.ANNA)
    other.get("/guarded")
    other.submit("/confirm", code=code(texts), status=422)
    anna.submit("/confirm", code=code(texts))
    assert other.get("/guarded").path == "/confirm"


def test_five_wrong_tries_spend_the_code(anna, texts):
    anna.get("/guarded")
    anna.submit("/confirm/send")
    right = code(texts)
    for n in range(5):
        anna.submit("/confirm", code=f"{(int(right) + 1 + n) % 1_000_000:06}", status=422)
    assert "code" in anna.submit("/confirm", code=right, status=422).errors


def test_an_authenticator_answers_where_it_is_enrolled(anna, write, clock):
    secret = pyotp.random_base32()
    with write() as db:
        subscribers.save_totp(db, contracts.find_by_number(db, cast.ANNA)[1].id, secret)
    anna.get("/guarded")
    assert anna.submit("/confirm", code=pyotp.TOTP(secret).at(clock.now())).path == "/guarded"


def test_letters_are_no_code(anna):
    anna.get("/guarded")
    assert anna.submit("/confirm", code="двести", status=422).errors == {"code": "Код — шесть цифр из SMS."}


def test_never_leads_out_of_the_cabinet(anna, texts):
    anna.get("/confirm?next=https://evil.example/")
    anna.submit("/confirm/send")
    assert anna.submit("/confirm", code=code(texts)).path == "/"
