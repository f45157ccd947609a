"""Everybody can use every page: the fast part of `make audit`. A page of the census without an address to visit fails here."""

import pytest

from audit import look, places
from audit.crawl import Crawl
from audit.world import World
from e2e.conftest import free_port
from tests.browser import Page, check


@pytest.fixture
def javascript():
    return True


@pytest.fixture(scope="module")
def crawl(browser, tmp_path_factory):
    """Every page once, on a phone, in light colours."""
    world = World(tmp_path_factory.mktemp("world"), free_port())
    everywhere = places.everywhere(world)
    with world.served():
        return Crawl(world, browser, "full", look.once).over(everywhere, errors=False)


def test_every_page_opens_to_whom_it_is_for(crawl):
    assert [str(one) for one in crawl.findings if one.kind == "answer"] == []


def test_axe_finds_nothing_on_any_page(crawl):
    assert [str(one) for one in crawl.findings if one.kind == "axe"] == []


def test_no_page_asks_another_origin_or_complains_in_the_console(crawl):
    assert [str(one) for one in crawl.findings if one.kind in ("elsewhere", "console")] == []


def test_every_page_is_sound_html(crawl):
    assert len(crawl.saw) > 90
    for name, source in crawl.saw.items():
        if "<html" in source:
            check(Page(Kept(name, source)))


class Kept:
    """An answer kept by the crawl, as the checker of pages reads one."""

    status_code = 200

    def __init__(self, name: str, text: str):
        self.text, self.url = text, self
        self.path = name
