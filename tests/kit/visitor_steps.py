"""Steps of visitors without a session."""

import pytest

from tests.kit import cast

WRONG = "нет такого пароля"


@pytest.fixture
def addresses(settings):
    """`addresses(browser, "2001:db8::1")`: from now on that browser's requests come through the proxy from
    that address.
    """
    settings.trusted_proxy = True

    def come(browser, address: str):
        browser.client.headers["x-forwarded-for"] = address
        return browser

    return come


@pytest.fixture
def quick(monkeypatch):
    """Replace password hashing by a cheap one: a thousand attempts would take minutes."""
    from db.access import passwords

    monkeypatch.setattr(
        passwords,
        "verify_password",
        lambda password, stored: stored is not None and password == cast.PASSWORD,
    )
