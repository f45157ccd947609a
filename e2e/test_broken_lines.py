"""A line that breaks: what the page says, what it keeps, and that sending again makes one thing, not two."""

import pytest
from playwright.sync_api import expect
from pypdf.generic import DecodedStreamObject, NameObject
from sqlmodel import Session, select

from db.requests.attachments import Attachment
from db.requests.requests import RequestMessage
from tests.kit import hostile


def heavy(writer) -> None:
    """Eight megabytes on the only page."""
    drawn = DecodedStreamObject()
    drawn.set_data(b"0 0 m " * 1_400_000)
    writer.pages[0][NameObject("/Contents")] = writer._add_object(drawn)


@pytest.fixture
def talk(anna, house):
    """Anna on the page of her letter, about to write more."""
    anna.goto("/requests/new/letter")
    anna.get_by_label("Ваше обращение").fill("Нет связи на кухне.")
    anna.get_by_role("button", name="Проверить и отправить").click()
    expect(anna.get_by_role("heading", level=1)).to_have_text("Проверьте и отправьте")
    anna.get_by_role("button", name="Отправить").click()
    anna.get_by_role("link", name="Открыть обращение").click()
    expect(anna.get_by_role("heading", name="Переписка")).to_be_visible()
    return anna


def said(house) -> list[str]:
    with Session(house.engine) as db:
        return [row.text for row in db.exec(select(RequestMessage).order_by(RequestMessage.id))]


def kept(house) -> list[str]:
    with Session(house.engine) as db:
        return [row.name for row in db.exec(select(Attachment))]


def write(page, pdf) -> None:
    page.get_by_label("Ваше сообщение").fill("Вот снимок.")
    page.get_by_label("Файлы").set_input_files(
        {"name": "датчик.pdf", "mimeType": "application/pdf", "buffer": pdf}
    )


def lost(route, *, answer_only: bool) -> None:
    """The line breaks: before the form comes to the server, or when it already has."""
    if route.request.method != "POST":
        return route.continue_()
    if answer_only:
        route.fetch()
    return route.abort("connectionreset")


@pytest.mark.parametrize("javascript", [True], ids=["js"])
@pytest.mark.parametrize("answer_only", [False, True], ids=["on the way there", "on the way back"])
def test_eight_megabytes_cut_off_are_kept_in_the_form_and_arrive_once(talk, house, answer_only):
    talk.route("**/inbox/*", lambda route: lost(route, answer_only=answer_only))
    write(talk, hostile.pdf(heavy))
    talk.get_by_role("button", name="Отправить").click()
    expect(talk.get_by_text("Не отправлено: нет связи. Всё, что вы написали, на месте.")).to_be_visible(
        timeout=30_000
    )
    assert talk.get_by_label("Файлы").evaluate("one => one.files[0].name") == "датчик.pdf"
    assert talk.get_by_label("Ваше сообщение").input_value() == "Вот снимок."
    talk.unroute_all()
    talk.get_by_role("button", name="Отправить ещё раз").click()
    expect(talk.get_by_role("link", name="датчик.pdf")).to_be_visible(timeout=30_000)
    assert said(house)[1:] == ["Вот снимок."] and kept(house) == ["датчик.pdf"]
    expect(talk.locator("#lost")).to_be_empty()


@pytest.mark.parametrize("javascript", [True], ids=["js"])
def test_while_files_are_on_their_way_the_page_says_so(talk):
    held = []
    talk.route(
        "**/inbox/*",
        lambda route: held.append(route) if route.request.method == "POST" else route.continue_(),
    )
    write(talk, hostile.pdf())
    talk.get_by_role("button", name="Отправить").press("Enter")
    expect(talk.get_by_text("Отправляем файлы. Не закрывайте страницу.")).to_be_visible()
    expect(talk.get_by_role("button", name="Отправить", exact=True)).to_be_disabled()
    held[0].continue_()
    expect(talk.get_by_role("link", name="датчик.pdf")).to_be_visible()


@pytest.mark.parametrize("javascript", [False], ids=["no-js"])
def test_without_script_what_was_sent_before_the_line_broke_is_told_and_not_doubled(talk, house):
    talk.route("**/inbox/*", lambda route: lost(route, answer_only=True))
    place = talk.url
    talk.get_by_label("Ваше сообщение").fill("Вот снимок.")
    talk.get_by_role("button", name="Отправить").click(no_wait_after=True)
    expect(talk).to_have_url("chrome-error://chromewebdata/")
    talk.unroute_all()
    talk.goto(place)
    expect(talk.get_by_text("Вот снимок.")).to_be_visible()
    talk.get_by_label("Ваше сообщение").fill("Вот снимок.")
    talk.get_by_role("button", name="Отправить").click()
    expect(talk.get_by_text("Такое же сообщение вы отправили несколько минут назад")).to_be_visible()
    assert said(house)[1:] == ["Вот снимок."]


@pytest.mark.parametrize("javascript", [True], ids=["js"])
def test_a_silent_poll_says_what_the_page_knows_and_since_when(anna):
    anna.clock.install()
    anna.goto("/events")
    shown = anna.locator("#main").get_attribute("data-shown")
    anna.context.set_offline(True)
    anna.clock.fast_forward(65_000)
    expect(anna.locator("#lost")).to_have_text(f"Нет связи, показано на {shown}")
    anna.context.set_offline(False)
    anna.clock.fast_forward(65_000)
    expect(anna.locator("#lost")).to_be_empty()
