"""With the keyboard alone: each step is reached by Tab, the focus is seen at every stop, and goes where the
news is.
"""

import pytest
from playwright.sync_api import expect

from checks.audit.world import World
from db.journal import Person
from db.people import contracts
from db.requests import decisions
from e2e.conftest import free_port
from rules.requests.plans import RequestPlan
from tests.kit import cast

SEEN = """() => {
  const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
  if (one === document.body) return "";
  const label = one.closest("label") || one;
  const on = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 20));
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const clear = on && (label.contains(on) || on.contains(one));
  return ring && clear ? "" : `${ring ? "covered" : "no ring"}: ${one.outerHTML.slice(0, 120)}`;
}"""


def reach(page, role: str, name: str, steps: int = 90):
    """Tab until this stands in focus."""
    wanted = page.get_by_role(role, name=name, exact=True).first
    expect(wanted).to_be_visible()
    for _ in range(steps):
        page.keyboard.press("Tab")
        hidden = page.evaluate(SEEN)
        assert not hidden, hidden
        if wanted.evaluate("one => one === document.activeElement"):
            return wanted
    raise AssertionError(f"«{name}» is not reached by Tab")


def press(page, role: str, name: str, key: str = "Enter") -> None:
    reach(page, role, name)
    page.keyboard.press(key)


def write(page, name: str, text: str) -> None:
    reach(page, "textbox", name)
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def heading(page, name, level=1):
    """The new page is here, and its heading (or the summary of errors) has the focus when it was swapped
    in.
    """
    expect(page.get_by_role("heading", level=level, name=name)).to_be_visible()


@pytest.fixture
def entered(person):
    person.goto("/login")
    write(person, "Номер договора", str(cast.ANNA))
    write(person, "Пароль", cast.PASSWORD)
    person.keyboard.press("Enter")
    heading(person, "Главная")
    return person


def test_the_first_stop_leads_past_the_menu(entered):
    entered.reload()
    press(entered, "link", "К содержанию")
    assert entered.evaluate("location.hash") == "#main"


def test_a_payment(entered):
    press(entered, "link", "Оплатить")
    heading(entered, "Оплатить")
    press(entered, "link", "Оплатить услуги связи")
    heading(entered, "Оплата услуг связи")
    write(entered, "Сумма", "0")
    entered.keyboard.press("Enter")
    expect(entered.locator("#f-amount-error")).to_be_visible()
    expect(entered.get_by_label("Сумма")).to_be_focused()
    write(entered, "Сумма", "500")
    write(entered, "Куда прислать чек", "anna@example.ru")
    press(entered, "button", "Перейти к оплате")
    expect(entered.get_by_text("Песочный банк").first).to_be_visible()
    press(entered, "button", "Оплатить")
    entered.wait_for_url("**/payments/*")


def test_a_request(entered, javascript):
    entered.goto("/requests/new")
    press(entered, "link", "Обращение")
    heading(entered, "Обращение")
    if javascript:
        expect(entered.locator("h1")).to_be_focused()
    write(entered, "Ваше обращение", "Когда починят датчик на кухне?")
    press(entered, "button", "Проверить и отправить")
    heading(entered, "Проверьте и отправьте")
    press(entered, "button", "Отправить")
    expect(entered.get_by_role("heading", level=1)).to_contain_text("отправлен")


def test_an_answer_at_the_desk(browser, tmp_path):
    world = World(tmp_path, free_port())
    with world.write() as db:
        contract, who = contracts.find_by_number(db, cast.ANNA)
        anna = Person(0, "subscriber", who.id, who.name, contract.id, contract.number)
        number = decisions.send(
            db, anna, RequestPlan("letter", {"text": "Когда починят?"}, None), world.clock.now(), auto=()
        ).number
    with (
        world.served(),
        browser.new_context(base_url=world.url, viewport={"width": 1280, "height": 800}) as context,
    ):
        context.add_cookies([{"name": "cabinet", "value": world.cookie("maria"), "url": world.url}])
        page = context.new_page()
        page.goto("/staff")
        press(page, "link", f"№ {number}")
        expect(page.get_by_role("heading", name="Переписка")).to_be_visible()
        write(page, "Сообщение", "Мастер придёт завтра.")
        press(page, "button", "Ответить и закрыть")
        expect(page.get_by_role("status").filter(has_text="обращение закрыто")).to_be_visible()
