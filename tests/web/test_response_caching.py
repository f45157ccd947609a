"""Which responses caches may keep, and what they depend on."""

import re

from tests.kit.requests import letter


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
