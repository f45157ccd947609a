"""Whoever acts on a request at the desk has read it: what came meanwhile is shown above the kept text."""

import pytest

from db.requests import requests
from tests.kit.staff_requests import at, letter, maria, reply, row, send_request  # noqa: F401
from tests.kit.tabs import stored_rows
from tests.test_routes import KNOWN

TEXT = "Мастер приедет завтра с десяти до двенадцати."
FORMS = {
    "answer": {"words": TEXT, "act": "say"},
    "ask": {"words": TEXT, "act": "ask"},
    "close": {"words": TEXT, "act": "close"},
    "note": {"words": TEXT, "act": "note"},
    "refuse": {"refusal": TEXT},
    "assign": {},
    "approve": {"note": TEXT},
}


def test_each_form_of_a_request_is_here():
    forms = {line.rpartition("/")[2] for line in KNOWN if line.startswith("POST /staff/requests/")}
    assert forms == {"answer", "approve", "refuse", "assign"} <= set(FORMS)


def submit(browser, number, form, status=409):
    fields = dict(FORMS[form])
    path = at(number) + ("/" + form if form in ("refuse", "assign", "approve") else "/answer")
    return browser.submit(path, status=status, **fields)


def sent(send_request, form):
    return send_request("surname", surname="Ким") if form in ("approve", "refuse") else letter(send_request)


@pytest.mark.parametrize("form", FORMS)
def test_nothing_is_done_over_a_message_that_was_not_read(form, maria, send_request, enter, db, engine):
    number = sent(send_request, form)
    maria.get(at(number))
    reply(enter, number, "Уже не нужно, всё заработало.")
    before = stored_rows(db)
    page = submit(maria, number, form)
    assert page.errors["form"].startswith("Абонент написал в 12:00, пока вы решали.")
    assert "Система" not in page.errors["form"]
    assert "Уже не нужно, всё заработало." in page.one("#news").text_content()
    if FORMS[form]:
        assert TEXT in page.source
    after = stored_rows(db)
    # The look at the page is a line of the journal; nothing else was written.
    assert {name for name in after if after[name] != before[name]} <= {"journal", "journal_subject"}
    assert row(engine, number).state == "new"


@pytest.mark.parametrize("form", FORMS)
def test_the_second_of_two_at_the_desk_is_told_by_whom(form, maria, send_request, enter, engine):
    number, ada = sent(send_request, form), enter("ada")
    maria.get(at(number))
    ada.get(at(number))
    ada.submit(at(number) + "/answer", words="Отвечаю первой.", act="say")
    page = submit(maria, number, form)
    assert page.errors["form"].startswith("Ada ответил(а) абоненту в 12:00, пока вы решали.")
    assert "Отвечаю первой." in page.one("#news").text_content()
    with_answer = [one.text for one in messages(engine, number)]
    assert TEXT not in with_answer


def messages(engine, number):
    from sqlmodel import Session

    with Session(engine) as db:
        return requests.messages(db, requests.find_by_number(db, number), internal=True)


def test_what_was_kept_is_sent_from_the_page_that_shows_the_news(maria, send_request, enter, engine):
    number = letter(send_request)
    maria.get(at(number))
    reply(enter, number, "Ещё вопрос.")
    submit(maria, number, "close")
    maria.submit(at(number) + "/answer", act="close")
    assert row(engine, number).state == "done"


def test_a_form_of_another_request_or_without_its_field_is_not_taken(maria, send_request, engine):
    first, second = letter(send_request), letter(send_request, text="Второе письмо.")
    maria.get(at(first))
    foreign = maria.page.form(at(first) + "/answer").fields["_for"]
    for field in (foreign, None):
        maria.get(at(second))
        maria.submit(at(second) + "/answer", words=TEXT, act="say", _for=field, status=409)
    assert all(one.text != TEXT for one in messages(engine, second))


def test_the_poll_says_who_wrote_and_who_looks(maria, send_request, enter):
    number = letter(send_request)
    poll = maria.get(at(number)).one("#news span").get("data-hx-get")
    assert maria.client.get(poll).status_code == 204
    enter("ada").get(at(number))
    told = maria.client.get(poll)
    assert told.status_code == 200 and "Эту заявку открыл(а) Ada в 12:00" in told.text
    reply(enter, number, "Ещё вопрос.")
    told = maria.client.get(poll)
    assert "Абонент написал в 12:00" in told.text and "Ещё вопрос." in told.text


def test_the_pages_of_two_who_look_do_not_wake_each_other_for_ever(maria, send_request, enter):
    number, ada = letter(send_request), enter("ada")
    maria.get(at(number))
    ada.get(at(number))
    browsers = {browser: browser.page.one("#news span").get("data-hx-get") for browser in (maria, ada)}
    answers = []
    for _ in range(3):
        for browser, poll in browsers.items():
            answer = browser.client.get(poll)
            answers.append(answer.status_code)
            if answer.status_code == 200:
                browsers[browser] = answer.text.split('data-hx-get="')[1].split('"')[0].replace("&amp;", "&")
    assert answers == [200, 204, 204, 204, 204, 204]


@pytest.mark.parametrize("address", ["answer", "approve", "refuse", "assign"])
def test_the_address_of_each_form_opens_its_page(address, maria, send_request):
    number = letter(send_request)
    assert maria.get(f"{at(number)}/{address}").path == at(number)
