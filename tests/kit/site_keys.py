"""Adding a key number and its check at the panel."""

import re

from db.events import key_claims
from tests.kit import cast
from tests.kit.browser import words
from tests.kit.station import says

MINE, BORIS_KEY, UNKNOWN = "00010", "00020", "7777"


def add(browser, number, status=200, **fields):
    browser.get("/keys/new")
    return browser.submit("/keys/new", status=status, number=number, **fields)


def settle(engine, settings, clock):
    key_claims.decide_waiting_tries(engine, settings, clock.now())


def begin(browser) -> list[str]:
    """Start the check of the number just added; return the actions it asks for at the panel, as
    event kinds.
    """
    page = browser.submit(browser.page.path)
    kinds = {"Поставьте под охрану": "arm", "Снимите с охраны": "disarm"}
    return [kinds[words("".join(line.itertext()))] for line in page.tree.cssselect("#proof ol li")]


def do(write, clock, kinds, number="7777", pause=60):
    """Do these actions at the panel, a minute apart."""
    for kind in kinds:
        clock.forward(seconds=pause)
        says(write, clock, number, kind)


def bare(source: str) -> str:
    """Return the page's main part without one-time values and the number of the attempt."""
    main = source[source.index("<main") : source.index("</main>")]
    varying = r'value="[^"]*"|/keys/waiting/\d+|<p class="quiet small of">[^<]*</p>'
    return re.sub(varying, "", main)


def again(browser, clock, write):
    """The same person, signed in anew: hours have passed."""
    browser.client.cookies.set(
        "cabinet",
        cast.signed_in(browser.client.app.state.engine, clock.now(), cast.ANNA),
        domain="testserver.local",
    )
    return browser


def begin_again(browser, place, clock, write) -> list[str]:
    again(browser, clock, write).get(place)
    return begin(browser)
