"""Bytes that are not text, digits that are not numbers and JSON too deep are the client's mistake."""

import asyncio
import json

import pytest
from litestar.exceptions import ClientException

from rules import machine_json
from rules.events import deliveries
from rules.numbers import whole_number
from tests.kit.bodies import asked, never
from tests.kit.requests import letter
from web import request_forms


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
