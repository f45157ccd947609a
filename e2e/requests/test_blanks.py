"""A subscriber takes a paper form with her data, or sends the same online."""

from playwright.sync_api import expect


def test_anna_downloads_a_filled_blank_or_goes_online(anna):
    anna.goto("/blanks")
    expect(anna.get_by_role("heading", level=1)).to_have_text("Бланки")
    filled = anna.get_by_role("link", name="Бланк с вашими данными: Перерасчёт")
    answer = anna.request.get(filled.get_attribute("href"))
    assert answer.headers["content-type"] == "application/pdf" and answer.body().startswith(b"%PDF-")
    online = (
        anna.get_by_role("listitem").filter(has_text="Перерасчёт").get_by_role("link", name="Подать онлайн")
    )
    expect(online).to_have_attribute("href", "/requests/new/recalculation")


def test_a_stranger_takes_an_empty_one(person):
    person.goto("/blanks")
    link = person.get_by_role("link", name="Скачать бланк: Возврат денежных средств")
    assert person.request.get(link.get_attribute("href")).body().startswith(b"%PDF-")
