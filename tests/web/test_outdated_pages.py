"""A piece asked for by a page of another contract or person makes the whole page load anew."""

import pytest

from tests.kit import cast
from tests.kit.tabs import choose, other_tab, sign_in_again

POLLS = ("/inbox/envelope?seen=0", "/events/fresh?since=0", "/events?site=1", "/keys", "/inbox/1/talk")


def page_of(browser):
    """What the open page says of itself with each request of htmx."""
    return browser.page.one("body").get("data-hx-headers")


def ask(browser, path, page, **headers):
    sent = {"hx-request": "true", "x-page-for": page.split('"')[3]} | headers
    return browser.client.get(path, headers=sent, follow_redirects=False)


@pytest.fixture
def outdated(enter):
    """A browser whose open page is of the first contract while the second is chosen, and that page's name."""
    leto = enter(cast.LETO)
    leto.get("/events")
    page = page_of(leto)
    choose(other_tab(leto), 4)
    return leto, page


@pytest.mark.parametrize("path", POLLS)
def test_a_poll_of_another_contracts_page_loads_it_anew(outdated, path):
    answer = ask(*outdated[:1], path, outdated[1])
    assert answer.headers.get("hx-refresh") == "true" and answer.content == b""


def test_a_link_on_another_contracts_page_is_opened_by_the_browser_itself(outdated):
    answer = ask(outdated[0], "/events?day=2026-11-01", outdated[1], **{"hx-boosted": "true"})
    assert answer.headers["hx-redirect"] == "/events?day=2026-11-01"


def test_another_persons_page_loads_anew(enter):
    anna = enter(cast.ANNA)
    anna.get("/events")
    page = page_of(anna)
    sign_in_again(anna, enter(cast.BORIS))
    for path in ("/inbox/envelope?seen=0", "/events?site=1"):
        assert ask(anna, path, page).headers["hx-refresh"] == "true"


def test_a_page_of_the_contract_chosen_now_goes_on(enter):
    leto = enter(cast.LETO)
    leto.get("/events")
    assert ask(leto, "/inbox/envelope?seen=0", page_of(leto)).status_code == 204
    answer = ask(leto, "/events?site=1", page_of(leto))
    assert "hx-refresh" not in answer.headers and "<main" in answer.text


def test_pages_of_staff_name_the_person(enter):
    maria, ada = enter("maria"), enter("ada")
    maria.get("/staff")
    page = page_of(maria)
    assert "hx-refresh" not in ask(maria, "/staff/queue", page).headers
    assert ask(ada, "/staff/queue", page).headers["hx-refresh"] == "true"
