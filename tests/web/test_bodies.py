"""A request body costs no more than its route allows: refused by its length, while it arrives, by its fields.

Nobody reads it before the session is known, and nobody keeps it afterwards.
"""

import asyncio
import re
from pathlib import Path

import pytest
from litestar.handlers import HTTPRouteHandler
from sqlmodel import select

from db.requests.attachments import Attachment
from db.requests.requests import RequestMessage
from tests.kit import cast, hostile
from tests.kit.bodies import asked, never
from tests.kit.requests import letter
from web import executors, request_forms

FORM = {"content-type": "application/x-www-form-urlencoded"}


MB = 1 << 20


# Machines: signed, or asked about at the bank; each with a limit of its own.
MACHINES = {
    "/station/events": 2 * MB,
    "/callbacks/bank": 64 * 1024,
    "/callbacks/sms": 256 * 1024,
    "/bank/v3/{kind:str}": 64 * 1024,
}


FILES = {"/requests/new/{kind:str}", "/inbox/{number:str}", "/staff/requests/{number:str}/answer"}


BULK = {"/staff/notices/new": MB}


def posts(app):
    """(path, handler) of every form's other half."""
    return [
        (route.path, handler)
        for route in app.routes
        for handler in getattr(route, "route_handlers", [])
        if isinstance(handler, HTTPRouteHandler) and "POST" in handler.http_methods
    ]


def test_every_form_takes_64_kilobytes_and_only_the_named_ones_more(app):
    larger = {path: handler.resolve_request_max_body_size() for path, handler in posts(app)}
    assert {path for path, most in larger.items() if most == request_forms.FILES_LIMIT} == FILES
    named = MACHINES | BULK | dict.fromkeys(FILES, request_forms.FILES_LIMIT)
    assert {
        path: most for path, most in larger.items() if most != named.get(path, request_forms.SMALL_BODY)
    } == {}
    assert request_forms.SMALL_BODY == 64 * 1024 and request_forms.FIELDS_LIMIT == 200


def test_no_stranger_and_no_machine_may_send_files(app):
    for path, handler in posts(app):
        if handler.opt.get("files"):
            assert not handler.opt.get("public") and not handler.opt.get("exclude_from_csrf"), path


@pytest.mark.parametrize(
    ("path", "kind", "status"),
    [
        ("/login", "application/x-www-form-urlencoded", 413),
        ("/login", "multipart/form-data; boundary=x", 413),
        ("/register", "application/x-www-form-urlencoded", 413),
        ("/requests/new/letter", "multipart/form-data; boundary=x", 303),
        ("/inbox/1", "application/x-www-form-urlencoded", 303),
        ("/staff/requests/1/answer", "multipart/form-data; boundary=x", 303),
        ("/station/events", "application/json", 413),
        ("/callbacks/bank", "application/json", 413),
    ],
)
def test_sixty_megabytes_of_a_strangers_are_refused_unread(app, path, kind, status):
    headers = {"content-type": kind, "content-length": str(60 * MB)}
    assert asyncio.run(asked(app, path, headers, never))[0] == status


def test_without_a_length_it_is_refused_as_soon_as_it_is_too_much(app):
    sent = []

    async def endless():
        sent.append(1)
        return {"type": "http.request", "body": b"a=b&" * 4096, "more_body": True}

    for kind in (FORM["content-type"], "multipart/form-data; boundary=x"):
        sent.clear()
        assert asyncio.run(asked(app, "/login", {"content-type": kind}, endless))[0] == 413
        assert len(sent) <= 5, "16 KB each"


def test_a_page_asked_for_with_a_body_is_shown_and_the_body_left_alone(app):
    assert asyncio.run(asked(app, "/login", FORM | {"content-length": "20000000"}, never, "GET"))[0] == 200


def test_the_refusal_says_how_much_is_taken_in_words_and_to_machines_in_bytes(browser, anna):
    page = browser.client.post("/login", content=b"a" * 70_000, headers=FORM)
    assert (
        page.status_code == 413 and "64\u00a0КБ" in page.text and "<h1>Слишком много сразу</h1>" in page.text
    )
    page = browser.client.post("/login", content=b"a=b&" * 200, headers=FORM)
    assert page.status_code == 413 and "200 полей" in page.text
    for path in ("/station/events", "/callbacks/bank", "/callbacks/sms"):
        told = browser.client.post(path, content=b"x" * (3 * MB))
        assert (told.status_code, told.json()) == (413, {"error": "body too long", "limit": MACHINES[path]})
    anna.get("/requests/new/letter")
    token = anna.page.tree.forms[-1].fields["_csrf_token"]
    long = anna.client.post("/requests/new/letter", data={"_csrf_token": token, "text": "x" * 100_000})
    assert long.status_code == 413, "without files it lies in memory, so it may be no larger than elsewhere"
    heavy = {"_csrf_token": token, "text": "x" * (2 * MB)}
    assert (
        anna.client.post("/requests/new/letter", data=heavy, files=[("files", ("", b""))]).status_code == 413
    )


def test_many_fields_of_a_multipart_form_are_refused(anna):
    anna.get("/requests/new/letter")
    many = {f"field{n}": "x" for n in range(300)}
    answer = anna.client.post("/requests/new/letter", data=many, files=[("files", ("", b""))])
    assert answer.status_code == 413


def test_no_form_is_remembered_once_it_is_answered(browser):
    """Litestar's own parser keeps a thousand bodies, passwords in the clear among them."""
    from litestar._parsers import parse_url_encoded_form_data

    parse_url_encoded_form_data.cache_clear()
    browser.get("/login")
    browser.submit(number=str(cast.ANNA), password="never-keep-this", status=422)
    assert parse_url_encoded_form_data.cache_info().currsize == 0


def test_one_person_sends_one_large_message_at_a_time_and_a_process_takes_a_dozen():
    async def crowd():
        async with request_forms.limit_uploads("subscriber:1"):
            with pytest.raises(executors.Busy):
                async with request_forms.limit_uploads("subscriber:1"):
                    pass
            async with request_forms.limit_uploads("subscriber:2"):
                pass
        for n in range(request_forms.CONCURRENT_UPLOADS):
            await request_forms.limit_uploads(f"subscriber:{n}").__aenter__()
        with pytest.raises(executors.Busy):
            await request_forms.limit_uploads("another").__aenter__()

    before = set(request_forms._uploading)
    try:
        asyncio.run(crowd())
    finally:
        request_forms._uploading.clear()
        request_forms._uploading.update(before)


def test_the_proxys_limits_are_the_cabinets():
    text = (Path(__file__).parent.parent.parent / "deploy" / "nginx.conf").read_text("utf-8")
    units = {"k": 1024, "m": MB}
    told = re.findall(r"location (?:= |~ )(\S+) \{\s+client_max_body_size (\d+)([km]);", text)
    limits = {place: int(size) * units[unit] for place, size, unit in told}
    assert re.search(r"http \{.*?client_max_body_size 64k;", text, re.DOTALL)
    assert limits.pop("^/(requests/new|inbox|staff/requests)/") == request_forms.FILES_LIMIT
    assert limits == {path: most for path, most in (MACHINES | BULK).items() if "{" not in path}


def test_a_form_without_a_key_is_not_the_same_for_ever(anna, clock, db):
    number = letter(anna)
    token = anna.get(f"/inbox/{number}").form(f"/inbox/{number}").fields["_csrf_token"]

    def say(text, **more):
        data = {"_csrf_token": token, "text": text} | more
        return anna.client.post(f"/inbox/{number}", data=data, follow_redirects=False)

    def said() -> list[str]:
        db.rollback()
        return list(db.exec(select(RequestMessage.text).order_by(RequestMessage.id)))[1:]

    assert (say("Первое.").status_code, say("Второе.").status_code) == (303, 303)
    assert said() == ["Первое.", "Второе."], "other words are another message"
    again = say("Второе.")
    assert again.status_code == 422 and 'name="key"' in again.text, (
        "the same at once is asked about, with a key of its own"
    )
    assert say("Второе.", again="1").status_code == 303 and len(said()) == 2, (
        "without a key even a wish is no proof"
    )
    assert say("Второе.", again="1", key="own").status_code == 303 and len(said()) == 3
    clock.forward(minutes=11)
    assert say("Второе.").status_code == 303
    assert said() == ["Первое.", "Второе.", "Второе.", "Второе."]


def test_files_are_taken_as_before_and_nothing_of_the_form_is_lost(anna, db):
    anna.get("/requests/new/letter")
    photo = hostile.picture(size=(900, 900))
    files = [("files", ("паспорт.jpg", photo, "image/jpeg")), ("files", ("скан.pdf", hostile.pdf(), ""))]
    assert "С файлами — и с буквой ё." in anna.submit(text="С файлами — и с буквой ё.", files=files).text
    assert sorted(db.exec(select(Attachment.name))) == ["паспорт.jpg", "скан.pdf"]
