"""Staff accounts created by the command line, and their sign-in."""

import re
from urllib.parse import urlsplit

import pyotp
import pytest
from click.testing import CliRunner

from commands import Context, _set_context
from commands.staff import commands

PASSWORD = "жёлтый чайник и окно"


@pytest.fixture
def console(app, settings, clock):
    """Return `console("add", "olga", …)`, which runs the command and returns its output."""

    def run(*words: str, code: int = 0) -> str:
        _set_context(commands, Context(app.state.engine, settings, clock))
        done = CliRunner().invoke(commands, list(words), **commands.context_settings)
        assert done.exit_code == code, done.output
        return done.output

    return run


@pytest.fixture
def olga(console, browser):
    """Return Olga's browser on the page of her invitation, and its path."""
    path = link(console("add", "olga", "--name", "Ольга Белова", "--role", "manager"))
    browser.get(path)
    return browser, path


def link(printed: str) -> str:
    return urlsplit(re.search(r"http\S+", printed)[0]).path


def secret(page) -> str:
    return "".join(re.findall(r"[A-Z2-7]{16}", page.text))


def code(page_or_secret, clock) -> str:
    key = page_or_secret if isinstance(page_or_secret, str) else secret(page_or_secret)
    return pyotp.TOTP(key).at(clock.now())


def enrolled(olga, clock) -> tuple:
    """Return Olga's browser signed in by her invitation, her second factor's secret and her
    recovery codes.
    """
    browser, path = olga
    key = secret(browser.page)
    page = browser.submit(path, password=PASSWORD, code=code(key, clock))
    return browser, key, re.findall(r"[a-z2-9]{5}-[a-z2-9]{5}", page.text)


def password_step(browser, login="olga", password=PASSWORD, status=200):
    browser.get("/staff/login")
    return browser.submit("/staff/login", login=login, password=password, status=status)
