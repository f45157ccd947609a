"""Alive, ready, and headers on every answer with a body, whatever went wrong."""

import pytest

POLICY = "default-src 'self'"


def test_alive_and_ready(browser):
    assert browser.client.get("/health").text == "ok"
    assert browser.client.get("/ready").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/login", 200),
        ("GET", "/nowhere", 404),
        ("PUT", "/login", 405),
        ("POST", "/login", 403),
        ("GET", "/assets/x", 404),
    ],
)
def test_headers_are_on_every_answer(browser, method, path, status):
    answer = browser.client.request(method, path)
    assert answer.status_code == status
    told = answer.headers
    assert (
        told["content-security-policy"].startswith(POLICY) and "unsafe" not in told["content-security-policy"]
    )
    assert (
        "frame-ancestors 'none'" in told["content-security-policy"]
        and "base-uri 'none'" in told["content-security-policy"]
    )
    assert told["x-content-type-options"] == "nosniff"
    assert (
        told["referrer-policy"]
        and told["permissions-policy"]
        and told["cross-origin-opener-policy"] == "same-origin"
    )


def test_a_page_that_is_not_there_keeps_the_menu_of_who_is_signed_in_and_its_way_out(anna):
    """No route, so no door before it: the page looks by itself who asks."""
    anna.get("/")
    page = anna.get("/nowhere", 404)
    assert "Соколова" in page.source and "Ошибка 404, " in page.source
    anna.submit("/logout")
    assert "Соколова" not in anna.get("/nowhere", 404).source


def test_personal_pages_are_kept_nowhere(anna):
    told = anna.get("/").response.headers
    assert told["cache-control"] == "no-store, max-age=0"
    assert "HX-Request" in told["vary"]


def test_on_tls_cookies_are_bound_to_the_host_and_the_browser_stays_on_tls(settings):
    from litestar.testing import TestClient

    from app import create_app

    app = create_app(settings.model_copy(update={"origin": "https://cabinet.example"}))
    app.on_startup.clear()
    client = TestClient(app, base_url="https://cabinet.example")
    answer = client.get("/login")
    assert "max-age=" in answer.headers["strict-transport-security"]
    cookie = answer.headers["set-cookie"]
    assert (
        cookie.startswith("__Host-")
        and "Secure" in cookie
        and "HttpOnly" in cookie
        and "SameSite=lax" in cookie
    )


def test_a_form_from_another_site_is_refused_with_a_page_that_says_what_to_do(browser):
    browser.get("/login")
    form = dict(browser.page.form("/login").form_values())
    answer = browser.client.post("/login", data=form, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403 and "Откройте страницу заново" in answer.text


@pytest.mark.parametrize("place", ["field", "file", "header", "cookie"])
@pytest.mark.parametrize("after", ["¿'\"(", "\x00", "я", "x" * 500])
def test_a_token_out_of_shape_is_a_wrong_token_wherever_it_is_carried(anna, place, after):
    """What a scanner appends to every field: signs that a comparison of secrets refuses to compare."""
    anna.get("/confirm")
    name, good = next(pair for pair in anna.client.cookies.items() if pair[0].startswith("csrf-"))
    session, bad = anna.client.cookies["cabinet"], (good + after).encode()
    sent = {
        "field": {"data": {"_csrf_token": good + after}},
        "file": {"files": {"_csrf_token": ("token.txt", bad)}},
        "header": {"headers": {"x-csrftoken": bad}},
        "cookie": {
            "data": {"_csrf_token": good},
            "headers": {"cookie": f"cabinet={session}; {name}=".encode() + bad},
        },
    }[place]
    for path in ("/confirm", "/confirm/send"):
        answer = anna.client.post(path, follow_redirects=False, **sent)
        assert answer.status_code == 403 and "Откройте страницу заново" in answer.text, path


def test_a_browser_without_cookies_is_told_so(browser):
    browser.get("/login")
    form = dict(browser.page.form("/login").form_values())
    browser.client.cookies.clear()
    answer = browser.client.post("/login", data=form)
    assert answer.status_code == 403 and "cookie" in answer.text


def test_a_changed_secret_locks_nobody_out(settings, browser, engine):
    from litestar.testing import TestClient

    from app import create_app
    from tests.kit import cast
    from tests.kit.browser import Browser

    browser.get("/login")
    app = create_app(
        settings.model_copy(
            update={"secrets": [*settings.secrets, "another-secret-of-full-length-0123456789"]}
        )
    )
    app.on_startup.clear()
    later = Browser(TestClient(app, base_url="http://testserver.local"))
    later.client.cookies.update(browser.client.cookies)
    later.get("/login")
    assert later.submit("/login", number=str(cast.ANNA), password=cast.PASSWORD).path == "/"


@pytest.mark.own_app
def test_what_nobody_foresaw_has_a_page_and_no_trace(app, visitor):
    from web import get

    @get("/broken", public=True)
    def broken() -> None:
        raise RuntimeError("тайна внутри")

    app.register(broken)
    app.debug = False
    answer = visitor().client.get("/broken")
    assert answer.status_code == 500
    assert "тайна" not in answer.text and "Traceback" not in answer.text and "<h1" in answer.text


def test_the_log_names_nobody(app, write, clock):
    """Neither an error of the database nor a line per address asked: both would carry names, phones, codes
    and links.
    """
    import logging

    from sqlalchemy.exc import IntegrityError

    from db.access import representatives
    from rules.access.representatives import RepresentativePlan

    with pytest.raises(IntegrityError) as wrong, write() as db:
        representatives.grant(
            db,
            999_999,
            RepresentativePlan("Ольга Соколова", "+79995550011", clock.now().date(), ("pay",)),
            clock.now(),
        )
    assert "+79995550011" not in str(wrong.value) and "Ольга" not in str(wrong.value)
    assert not logging.getLogger("uvicorn.access").isEnabledFor(logging.INFO)
