"""What a stranger sends costs no more than its route takes: refused by its length, while it comes, and by its
fields.

Nobody reads it before the session is known, nobody keeps it afterwards; stray bytes and digits are a form's
mistake, not ours.
"""

import asyncio
import json
import re
from pathlib import Path

import pytest
from litestar.exceptions import ClientException
from litestar.handlers import HTTPRouteHandler
from sqlmodel import select

from db.requests.attachments import Attachment
from db.requests.requests import RequestMessage
from rules import machine_json
from rules.events import deliveries
from rules.numbers import whole_number
from tests.kit import cast, hostile
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


async def asked(app, path, headers, receive, method="POST", query=b""):
    """The cabinet asked without any server between: (status, bytes), and whether the body was touched is
    `receive`'s to say.
    """
    said = []

    async def send(message):
        said.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "scheme": "http",
        "query_string": query,
        "client": ("127.0.0.1", 1),
        "server": ("testserver.local", 80),
        "headers": [
            (b"host", b"testserver.local"),
            *((name.encode(), value.encode()) for name, value in headers.items()),
        ],
    }
    await app(scope, receive, send)
    return (
        said[0]["status"],
        b"".join(message.get("body", b"") for message in said[1:]),
        dict(said[0]["headers"]),
    )


async def never():
    raise AssertionError("the body was asked for")


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


def multipart(*parts: bytes) -> bytes:
    return (
        b"".join(b"--x\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts) + b"--x--\r\n"
    )


@pytest.mark.parametrize(
    "part",
    [
        b'name="text"\r\n\r\n\xff\xfe \xd0\x9f',
        b'name="te\xff\xfet"\r\n\r\nx',
        b'name="text"\r\nContent-Type: text/plain; charset=utf-7\r\n\r\n+ADw-',
        b'name="text"\r\nContent-Type: text/plain; charset=no-such\r\n\r\nx',
        b'name="files"; filename="\xff\xfe.pdf"\r\n\r\n%PDF-',
    ],
)
def test_stray_bytes_in_a_form_with_files_are_a_mistake_of_the_form(anna, part):
    anna.get("/requests/new/letter")
    token = b'name="_csrf_token"\r\n\r\n' + anna.page.tree.forms[-1].fields["_csrf_token"].encode()
    headers = {"content-type": "multipart/form-data; boundary=x"}
    answer = anna.client.post(
        "/requests/new/letter", content=multipart(token, part), headers=headers, follow_redirects=False
    )
    assert answer.status_code in (303, 400, 422), answer.text[:500]
    if part.startswith(b'name="text"\r\n\r\n'):
        assert "\ufffd\ufffd П" in answer.text, "what can be read of it is shown, to be mended"


@pytest.mark.parametrize(
    "body", [b"", b"--x", b"--x\r\nA: b\r\n\r\n", multipart(b"\r\n\r\nx"), b"--x\r\n" + b"A: b\r\n" * 50]
)
def test_a_body_that_is_no_form_is_a_400_or_an_empty_form(anna, body):
    anna.get("/requests/new/letter")
    answer = anna.client.post(
        "/requests/new/letter", content=body, headers={"content-type": "multipart/form-data; boundary=x"}
    )
    assert answer.status_code in (400, 403, 413)
    assert anna.client.post(
        "/login", content=body, headers={"content-type": "multipart/form-data"}
    ).status_code in (400, 403)


def test_what_a_broken_form_had_begun_to_send_is_closed():
    begun = []

    async def torn():
        yield multipart(b'name="files"; filename="a.pdf"\r\n\r\n%PDF-')[:-10]

    real = request_forms.UploadFile

    class Watched(real):
        def __init__(self, *given):
            super().__init__(*given)
            begun.append(self)

    request_forms.UploadFile = Watched
    try:
        with pytest.raises(ClientException):
            asyncio.run(request_forms.parse_multipart(torn(), "x", 200))
    finally:
        request_forms.UploadFile = real
    assert begun and all(one.file.closed for one in begun)


def test_a_repeated_field_keeps_its_values_and_plus_and_percent_are_undone():
    found = request_forms.parse_url_encoded("имя=%D0%90+%26&имя=2&пусто&%FF=%ff".encode(), 200)
    assert found == {"имя": ["А &", "2"], "пусто": "", "\ufffd": "\ufffd"}


STRAY = [
    "seen=Ñ".encode("latin-1"),
    "seen=Ñ".encode(),
    b"seen=%D1",
    b"seen=\xff\xfe",
    b"seen=%C2%B2",
    b"seen",
]


@pytest.mark.parametrize("query", STRAY)
def test_a_poll_asked_with_stray_bytes_is_answered(anna, app, query):
    cookie = f"cabinet={anna.client.cookies['cabinet']}"
    status, _, _ = asyncio.run(asked(app, "/inbox/envelope", {"cookie": cookie}, never, "GET", query))
    assert status in (200, 204)


@pytest.mark.parametrize("sign", ["²", "٣", "①", "-1", "+1", "1_0", " 1", "9" * 30, "9" * 5000, "1e9", ""])
def test_digits_that_are_none_are_no_number_anywhere(enter, sign):
    assert whole_number(sign) is None
    maria = enter("maria")
    for path in (
        "/staff?state=approved&after=",
        "/staff?since=",
        "/staff?after=",
        "/staff/queue?since=",
        "/staff/requests/",
    ):
        assert maria.client.get(path + sign, follow_redirects=False).status_code in (
            200,
            204,
            303,
            404,
            414,
            400,
        )
    maria.get("/staff")


def test_a_request_given_to_or_answered_with_such_a_number_says_so_at_the_field(anna, enter):
    number, maria = letter(anna), enter("maria")
    for sign in ("²", "9" * 30):
        fields = dict(
            maria.get(f"/staff/requests/{number}").form(f"/staff/requests/{number}/assign").form_values()
        )
        token = fields["_csrf_token"]
        said = maria.client.post(f"/staff/requests/{number}/assign", data=fields | {"assignee": sign})
        assert said.status_code == 422 and "Выберите, кто займётся" in said.text.replace("&nbsp;", " ")
        said = maria.client.post(
            f"/staff/requests/{number}/answer",
            data={"_csrf_token": token, "_for": fields["_for"], "canned": sign, "insert": "1", "words": ""},
        )
        assert said.status_code in (303, 422)
    assert (
        deliveries._minute("²:00") is None
        and deliveries._minute("9" * 5000) is None
        and deliveries._minute("8:5") == 485
    )


def test_the_numbers_of_the_house_are_read():
    assert [whole_number(text) for text in ("0", "007", "42", str(2**63 - 1))] == [0, 7, 42, 2**63 - 1]
    assert whole_number(str(2**63)) is None and whole_number("100", 99) is None


DEEP = b"[" * 100_000 + b"]" * 100_000


WRONG = [
    DEEP,
    b'{"a":' * 500 + b"1" + b"}" * 500,
    b'{"a": NaN}',
    b'{"a": 1' + b"0" * 5000 + b"}",
    b"\xff",
    b"",
]


@pytest.mark.parametrize("body", WRONG)
def test_machines_json_that_no_program_can_walk_is_refused_in_one_place(body):
    with pytest.raises(ValueError):
        machine_json.load(body)


def test_letters_no_database_keeps_are_replaced_and_the_rest_stays():
    found = machine_json.load(b'{"\\ud800": ["a\\u0000b", 1, null, true, "\\ud83d\\ude00"]}')
    assert found == {"?": ["a\ufffdb", 1, None, True, "😀"]}
    assert machine_json.load(json.dumps([[[1.5, "ё"]]]).encode()) == [[[1.5, "ё"]]]


NOTIFICATION = b'{"type":"notification","event":"x","object":' + DEEP[:900] + DEEP[-900:] + b"}"


@pytest.mark.parametrize("body", [DEEP[:2000] + DEEP[-2000:], NOTIFICATION])
def test_deeply_nested_json_at_the_banks_door_is_unreadable_and_no_error_of_ours(browser, app, body):
    app.state.settings.trusted_proxy = True
    answer = browser.client.post("/callbacks/bank", content=body, headers={"x-forwarded-for": "127.0.0.1"})
    assert answer.status_code in (400, 403)


def test_an_asset_is_the_same_for_whoever_asks(browser):
    """A proxy keeps one answer for all: asked by a stranger as htmx asks, it must not be kept without its
    headers.
    """
    href = re.search(r'href="(/assets/[^"]+\.css)"', browser.get("/login").source)[1]
    plain, piece = (
        browser.client.get(href, headers=more).headers
        for more in ({}, {"HX-Request": "true", "Cookie": "a=b"})
    )
    drop = {"x-request-id", "date"}
    assert {n: v for n, v in plain.items() if n not in drop} == {
        n: v for n, v in piece.items() if n not in drop
    }
    assert "content-security-policy" in piece


def test_what_differs_by_htmx_says_so_and_is_kept_by_no_cache(anna):
    for path in ("/", "/events", "/nowhere"):
        told = anna.client.get(path, headers={"HX-Request": "true"}).headers
        assert "no-store" in told["cache-control"] and "HX-Request" in told["vary"]


def test_a_poll_with_nothing_new_is_kept_by_no_cache(anna, enter):
    number, maria = letter(anna), enter("maria")
    page = anna.get(f"/inbox/{number}").source
    talk = re.search(r'"(/inbox/\d+/talk[^"]*)"', page)[1].replace("&amp;", "&")
    queue = re.search(r'"(/staff/queue[^"]*)"', maria.get("/staff").source)[1].replace("&amp;", "&")
    polls = [
        (anna, "/inbox/envelope?seen=0"),
        (anna, talk),
        (maria, queue),
        (anna, "/events/fresh?after=1-1-1"),
    ]
    for browser, path in polls:
        answer = browser.client.get(path, headers={"hx-request": "true"})
        assert answer.status_code == 204, path
        assert "no-store" in answer.headers["cache-control"], path


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
