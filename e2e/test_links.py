"""Links, long words and codes as every browser treats them, at the subscriber's pages and at the desk."""

import pytest
from playwright.sync_api import expect

from e2e.desk.test_queue import sent
from e2e.steps import h1

LONG = "Ъ" * 180
SIDEWAYS = """() => [...document.querySelectorAll("body, main *")].filter(one => {
  const box = one.getBoundingClientRect();
  return !one.closest(".unseen, .cards thead") && box.width > 2
    && (box.right > innerWidth + 1 || box.left < -1);
}).map(one => one.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize(
    "held", [["Control"], ["Shift"], ["Meta"], None], ids=["ctrl", "shift", "cmd", "middle"]
)
def test_a_link_of_the_menu_and_of_the_queue_opens_beside(both, house, held):
    number = sent(house, text="Когда починят датчик?")
    both.page.set_viewport_size({"width": 1280, "height": 800})
    desk = both.desk("maria")
    for page, name, place in (
        (both.page, "Выписка", "/statement"),
        (desk, f"№ {number}", f"/requests/{number}"),
    ):
        before = page.url
        link = page.get_by_role("link", name=name).first
        if held == [
            "Meta"
        ]:  # Chromium opens a tab by it on a Mac only; elsewhere the click is an ordinary one
            link.click(modifiers=held)
            page.wait_for_url(f"**{place}*")
            continue
        with page.context.expect_page() as opened:
            link.click(modifiers=held) if held else link.click(button="middle")
        opened.value.wait_for_url(f"**{place}*")
        assert page.url == before


def test_a_long_word_pushes_nothing_aside(both, house):
    number = sent(house, text=f"{LONG} https://example.com/{'a' * 150}")
    desk = both.desk("maria")
    for page, place in (
        (both.page, f"/inbox/{number}"),
        (desk, f"/staff/requests/{number}"),
        (desk, "/staff"),
    ):
        for width in (320, 390, 1280):
            page.set_viewport_size({"width": width, "height": 844})
            page.goto(place)
            expect(h1(page)).to_be_visible()
            assert page.evaluate(SIDEWAYS) == [], f"{place} at {width}"


def test_the_code_is_typed_at_once_after_it_was_sent(anna):
    anna.goto("/confirm?next=/settings/email")
    anna.get_by_role("button", name="Отправить код").click()
    expect(anna.get_by_label("Код из SMS")).to_be_focused()
    anna.get_by_label("Код из SMS").fill("12")
    anna.get_by_role("button", name="Подтвердить").click()
    expect(anna.get_by_label("Код из SMS")).to_be_focused()
    expect(anna.locator("#summary")).to_have_count(0)
    expect(anna.locator(".wrong")).to_have_count(1)
