"""Two tabs of one browser: what one tab chooses, the other's form does not act on by mistake."""

import pytest
from playwright.sync_api import expect

from e2e.steps import h1, shoot
from tests.kit import cast

TEXT = "Прошу перезвонить мне вечером, после семи."


def choose(page, number: str) -> None:
    page.goto("/")
    page.locator(".who summary").click()
    page.get_by_role("button", name=number).click()
    expect(page.locator(".who small").first).to_have_text(f"договор {number}")


@pytest.fixture
def leto(sign_in):
    return sign_in(cast.LETO)


def test_a_letter_of_one_contract_is_not_sent_for_another(leto, javascript):
    leto.goto("/requests/new/letter")
    leto.get_by_label("Ваше обращение").fill(TEXT)
    other = leto.context.new_page()
    choose(other, "78 000 004")
    leto.get_by_role("button", name="Проверить и отправить").click()
    expect(h1(leto)).to_have_text("Форма для другого договора")
    expect(
        leto.get_by_text("Форма открыта для договора 78 000 003, сейчас выбран 78 000 004.")
    ).to_be_visible()
    expect(leto.locator("main").get_by_text(TEXT)).to_be_visible()
    expect(leto.locator(".who small").first).to_have_text("договор 78 000 004")
    shoot(leto, "two-tabs")
    leto.get_by_role("button", name="Открыть для 78 000 003").click()
    expect(leto.get_by_label("Ваше обращение")).to_have_value(TEXT)
    expect(leto.locator("main .of")).to_contain_text("Договор 78 000 003")
    leto.get_by_role("button", name="Проверить и отправить").click()
    expect(leto.locator("main .of")).to_contain_text("Договор 78 000 003")
    leto.get_by_role("button", name="Отправить").click()
    expect(h1(leto)).to_have_text("Обращение № 100001 отправлено")


@pytest.mark.parametrize("javascript", [True], ids=["js"], indirect=True)
def test_a_link_on_a_page_of_the_other_contract_loads_the_page_anew(leto):
    leto.goto("/inbox")
    choose(leto.context.new_page(), "78 000 004")
    leto.get_by_role("link", name="События").first.click()
    expect(h1(leto)).to_have_text("События")
    expect(leto.locator(".who small").first).to_have_text("договор 78 000 004")


@pytest.mark.parametrize("javascript", [True], ids=["js"], indirect=True)
def test_a_poll_loads_the_page_anew_but_never_over_what_is_typed(leto):
    leto.goto("/requests/new/letter")
    choose(leto.context.new_page(), "78 000 004")
    leto.get_by_label("Ваше обращение").fill(TEXT)
    poll(leto)
    expect(leto.get_by_text("В другой вкладке выбран другой договор")).to_be_visible()
    expect(leto.get_by_label("Ваше обращение")).to_have_value(TEXT)
    leto.get_by_label("Ваше обращение").fill("")
    poll(leto)
    expect(leto.locator(".who small").first).to_have_text("договор 78 000 004")


def poll(page) -> None:
    """Not to wait half a minute: the badge asks now."""
    page.evaluate("htmx.trigger('#envelope', 'every')")
