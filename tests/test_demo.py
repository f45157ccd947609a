"""The demonstration is loud, and a real operator's cabinet has none of it."""

import pytest
from pydantic import ValidationError

from settings import DEMO_SECRET, Settings
from tests.kit import production


def test_every_page_says_it_is_a_demonstration(browser, anna):
    assert "данные вымышлены" in browser.get("/login").text
    assert "данные вымышлены" in anna.get("/").text


def test_the_phone_shows_what_was_sent(browser):
    browser.get("/recover")
    browser.submit("/recover", number="78000001")
    assert "пароль для входа" in browser.get("/demo/phone").text


def test_the_clock_moves_and_comes_back(app, browser, engine):
    from db.clock import MovableClock

    app.state.clock = MovableClock(engine)
    before = app.state.clock.now()
    browser.get("/demo/phone")
    browser.submit("/demo/clock", step="week")
    assert (app.state.clock.now() - before).days == 7
    browser.submit("/demo/clock", step="back")
    assert (app.state.clock.now() - before).days == 0


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"secrets": []}, "CABINET_SECRETS"),
        ({"secrets": [DEMO_SECRET]}, "CABINET_SECRETS"),
        ({"secrets": ["short"]}, "CABINET_SECRETS"),
        ({"attachment_keys": []}, "CABINET_ATTACHMENT_KEYS"),
        ({"host": "0.0.0.0", "trusted_proxy": False}, "CABINET_HOST"),
    ],
)
def test_production_refuses_to_start_and_names_the_setting(wrong, name):
    with pytest.raises(ValidationError, match=name):
        production.settings(**wrong)


def test_a_cabinet_tried_at_home_is_found_at_the_port_it_was_given():
    assert Settings(_env_file=None, demo=True).origin == "http://127.0.0.1:8000"
    assert Settings(_env_file=None, demo=True, port=8123).origin == "http://127.0.0.1:8123"
    assert (
        Settings(_env_file=None, demo=True, port=8123, origin="https://lk.example.ru").origin
        == "https://lk.example.ru"
    )


def test_production_has_no_demo_pages_no_movable_clock_and_no_banner(tmp_path):
    from litestar.testing import TestClient

    from app import create_app
    from db.clock import MovableClock

    app = create_app(
        production.settings(database=str(tmp_path / "real.sqlite"), origin="http://testserver.local")
    )
    client = TestClient(app, base_url="http://testserver.local")
    assert not isinstance(app.state.clock, MovableClock)
    for path in ("/demo/phone", "/style", "/demo/clock"):
        assert client.get(path).status_code == 404
    assert "вымышлены" not in client.get("/login").text
