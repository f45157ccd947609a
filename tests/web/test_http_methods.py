"""HEAD, OPTIONS, types and names of what is sent, as any client of the web expects them."""

import pytest

from rules.file_names import ascii_name
from tests.kit import cast
from tests.kit.routes import fill
from tests.test_routes import CENSUS
from web import assets
from web.responses import content_disposition

PAGES = sorted(line.split()[1] for line in CENSUS if line.startswith("GET"))
FRESH = {"x-request-id", "set-cookie", "date"}


@pytest.mark.parametrize("who", [None, cast.ANNA, "ada"])
def test_head_answers_as_get_without_a_body(who, visitor, enter, clock):
    client = (enter(who) if who else visitor()).client
    client.get("/login")
    for path in PAGES:
        got, head = (getattr(client, verb)(fill(path), follow_redirects=False) for verb in ("get", "head"))
        assert (path, head.status_code, head.content) == (path, got.status_code, b"")
        kept = {name: value for name, value in got.headers.items() if name not in FRESH}
        told = {name: value for name, value in head.headers.items() if name not in FRESH}
        # A page has its own random key, so compressed it varies by some bytes; the journal grows by a look.
        assert abs(int(kept.pop("content-length", 0)) - int(told.pop("content-length", 0))) < 200, path
        assert told == kept, path


def test_head_of_an_asset_and_of_the_badge(anna):
    place = assets.url("app.css")
    assert (
        anna.client.head(place).headers["content-length"] == anna.client.get(place).headers["content-length"]
    )
    assert anna.client.head("/inbox/envelope?seen=0").status_code == 204
    badge = anna.client.head("/inbox/envelope?seen=9")
    assert (badge.status_code, badge.content) == (200, b"")


def test_head_of_what_only_takes_a_form_is_refused(browser):
    assert browser.client.head("/callbacks/sms").status_code == 405


def test_options_names_the_methods_of_a_public_page_and_of_no_other(browser):
    answer = browser.client.options("/contacts")
    assert (answer.status_code, answer.headers["allow"], answer.content) == (204, "GET, HEAD, OPTIONS", b"")
    assert browser.client.options("/login").headers["allow"] == "GET, HEAD, OPTIONS, POST"
    for path in {line.split()[1] for line in CENSUS if not line.startswith("ASGI")}:
        status = browser.client.options(fill(path), follow_redirects=False).status_code
        public = "public" in {who for line, who in CENSUS.items() if line.split()[1] == path}
        assert status == (204 if public else 303), path


def test_a_method_that_is_not_taken_is_told_which_are(browser):
    answer = browser.client.delete("/contacts")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


def test_password_managers_find_the_page_of_the_password(browser, anna):
    place = "/.well-known/change-password"
    answer = browser.client.get(place, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings/password")
    assert browser.client.head(place, follow_redirects=False).status_code == 303
    assert anna.get(place).path in ("/settings/password", "/confirm")


@pytest.mark.parametrize(
    ("who", "path"),
    [
        (cast.ANNA, "/statement.csv"),
        (cast.ANNA, "/events.csv"),
        ("ada", "/staff/journal.csv"),
        ("ada", "/staff/debtors.csv"),
        ("ada", "/staff/ledger/1/csv"),
        (None, "/login"),
        (None, "/.well-known/security.txt"),
        (None, "/health"),
        (None, "/assets/nothing.css"),
        (None, assets.url("app.css")),
        (None, assets.url("app.js")),
    ],
)
def test_a_text_says_its_letters_once(who, path, enter, visitor):
    answer = (enter(who) if who else visitor()).client.get(path)
    types = answer.headers.get_list("content-type")
    assert len(types) == 1 and types[0].startswith("text/") and types[0].count("charset=") == 1, types


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Справка № 5.pdf", "Spravka No 5.pdf"),
        ("ёлка.PNG", "elka.PNG"),
        ("日本.pdf", "file.pdf"),
        ("файл", "fail"),
        ('a"b\\c\r\n.pdf', "abc.pdf"),
        ("résumé.jpg", "resume.jpg"),
    ],
)
def test_a_download_has_a_name_in_ascii_too(name, plain):
    assert ascii_name(name) == plain
    header = content_disposition(name)
    assert header.startswith(f"attachment; filename=\"{plain}\"; filename*=UTF-8''") and header.isascii()
