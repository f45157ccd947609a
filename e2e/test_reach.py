"""Everybody can use every page: the fast part of `make audit`. A page of the census without an address to
visit fails here.
"""

import json
import tempfile
from pathlib import Path

import pytest

from checks.audit import look, places
from checks.audit.crawl import Crawl
from checks.audit.world import World
from e2e.conftest import free_port
from tests.kit.browser import Page, check


@pytest.fixture
def javascript():
    return True


@pytest.fixture(scope="module")
def crawl(browser, tmp_path_factory):
    """Every page once, on a phone, in light colours; the world goes on living for a second look."""
    world = World(tmp_path_factory.mktemp("world"), free_port())
    everywhere = places.everywhere(world)
    with world.served():
        done = Crawl(world, browser, "full", look.once).over(everywhere, errors=False)
        done.everywhere = everywhere
        yield done


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


class Large:
    """Chromium whose owner set letters twice as large: a profile says so, a context cannot."""

    def __init__(self, playwright, options, folder):
        self.launch, self.options, self.folder = (
            playwright.chromium.launch_persistent_context,
            options,
            folder,
        )

    def new_context(self, **options):
        profile = Path(tempfile.mkdtemp(dir=self.folder))
        (profile / "Default").mkdir()
        (profile / "Default/Preferences").write_text(
            json.dumps({"webkit": {"webprefs": {"default_font_size": 32}}})
        )
        return self.launch(profile, **self.options, **options)


def test_letters_set_twice_as_large_fit_a_phone(crawl, playwright, browser_type_launch_args, tmp_path):
    """Every page follows its reader's letters and scrolls only down (WCAG 1.4.4)."""

    def wide(page, place):
        assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
        if (over := page.evaluate("reach.sideways()")) > 0:
            yield look.Finding("sideways", place, "letters × 2", f"{over} px")

    large = Crawl(crawl.world, Large(playwright, browser_type_launch_args, tmp_path), "full", wide)
    found = large.over(crawl.everywhere, errors=False).findings
    assert large.looked > 90
    assert [str(one) for one in found if one.kind == "sideways"] == []


class Kept:
    """An answer kept by the crawl, as the checker of pages reads one."""

    status_code = 200

    def __init__(self, name: str, text: str):
        self.text, self.url = text, self
        self.path = name
