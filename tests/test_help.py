"""Help: a page for everybody, and a short word in each section."""

import pytest

from rules import help as texts
from rules.help import NAMES
from web import navigation

PLACES = {
    "/payments/new": "Оплата",
    "/requests/new": "Управление услугами",
    "/events": "События",
    "/inbox": "Обращения",
    "/settings": "Настройки",
    "/blanks": "Бланки",
    "/contacts": "Контакты",
    "/autopay": "Автоплатёж",
    "/statement": "Выписка",
}


def test_the_page_explains_every_section_to_anybody(browser):
    page = browser.get("/help")
    for one in texts.all_help():
        assert page.one(f"#{one.name} h2").text == one.title


def test_every_text_has_a_short_part_and_a_file():
    assert all(one.short for one in texts.all_help())
    assert {path.stem for path in texts.FOLDER.glob("*.md")} == set(NAMES)
    assert {item.help for item in navigation.SUBSCRIBER} == set(NAMES) - {"entry"}


@pytest.mark.parametrize("place", PLACES)
def test_each_section_has_its_own_short_help(anna, place):
    folded = anna.get(place).one("details.help:not(.card)")
    assert folded.find("summary").text == "Как это работает"
    assert folded.cssselect("a")[0].get("href").startswith("/help#")
