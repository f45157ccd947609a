"""What a representative sees: files, requests, links and the unread counter."""

import re

import pytest

from db.access import staff
from db.people import announcements
from db.requests import dialogues
from rules import days
from rules.access import representatives as rule
from rules.people.announcements import plan as plan_notice
from tests.events.test_alarms import alarm
from tests.kit import hostile
from tests.kit.browser import Page
from tests.kit.representative_steps import enter_as_olga, give
from tests.kit.requests import ACCOUNT, PASSPORT, act, letter, number_of, send
from tests.requests.test_inbox_badge import poll


def with_file(browser, number: int, name: str) -> None:
    browser.get(f"/inbox/{number}")
    browser.submit(text=f"Вот {name}", files=[("files", (f"{name}.pdf", hostile.pdf(), "application/pdf"))])


def test_files_sent_before_the_right_and_papers_of_identity_are_not_a_representatives(
    anna, visitor, write, clock, texts
):
    number = letter(anna)
    with_file(anna, number, "прежний")
    earlier = anna.get(f"/inbox/{number}").links()["прежний.pdf"]
    clock.forward(minutes=1)
    give(anna, write, clock)
    clock.forward(minutes=1)
    with_file(anna, number, "новый")
    passport = [("files", ("паспорт.jpg", hostile.picture(), "image/jpeg"))]
    renamed = number_of(send(anna, "surname", name="Орлова Анна Игоревна", files=passport))
    personal = anna.get(f"/inbox/{renamed}").links()["паспорт.jpg"]
    olga = enter_as_olga(visitor, texts)
    page = olga.get(f"/inbox/{number}")
    assert (
        "прежний.pdf" in page.text
        and "прежний.pdf" not in page.links()
        and "открывает только абонент" in page.text
    )
    assert olga.client.get(page.links()["новый.pdf"]).status_code == 200
    assert olga.client.get(earlier).status_code == olga.client.get(personal).status_code == 404
    assert anna.client.get(earlier).status_code == anna.client.get(personal).status_code == 200


def test_money_back_begun_by_the_owner_is_neither_seen_nor_withdrawn_by_a_representative(
    anna, visitor, write, clock, texts
):
    give(anna, write, clock)
    anna.get("/requests/new/refund")
    draft = anna.submit(amount="100", files=PASSPORT, **ACCOUNT)
    file = draft.links()["паспорт.jpg"]
    olga = enter_as_olga(visitor, texts)
    for path in (draft.path, file, f"/requests/new/letter?draft={draft.path.rpartition('/')[2]}"):
        assert "30101" not in olga.client.get(path).text and "паспорт" not in olga.client.get(path).text
    anna.page = draft
    number = number_of(anna.submit(rules="1"))
    page = olga.get(f"/inbox/{number}")
    assert "Отозвать заявку" not in page.text and "Отозвать заявку" in anna.get(f"/inbox/{number}").text
    token = olga.page.one("form[action='/logout'] [name=_csrf_token]").get("value")
    assert olga.client.post(f"/inbox/{number}/withdraw", data={"_csrf_token": token}).status_code == 404


SOME = [("events",), ("pay",), ("requests",), ("events", "pay", "requests")]


@pytest.mark.parametrize("rights", SOME)
def test_nothing_shown_to_a_representative_leads_to_a_closed_door(anna, visitor, write, clock, texts, rights):
    """Every link and form of every page they can come to, followed; forms by the door's own rule."""
    alarm(anna, write, clock)
    letter(anna)
    send(anna, "suspend", first="2026-12-03", last="2026-12-20")
    publish_all(write, clock)
    give(anna, write, clock, rights=rights)
    olga = enter_as_olga(visitor, texts)
    seen, ahead = set(), ["/"]
    while ahead:
        path = ahead.pop()
        answer = olga.client.get(path, follow_redirects=False)
        assert answer.status_code != 403, path
        seen.add(path)
        if "text/html" not in answer.headers.get("content-type", "") or answer.status_code != 200:
            continue
        page = Page(answer)
        for form in page.forms():
            action = (form.get("action") or page.path).partition("?")[0]
            if form.get("method") == "post" and action != "/logout":
                assert rule.is_path_allowed(rights, "POST", action), f"{path}: a form for {action}"
        found = {re.split("[#?]", href)[0] for href in page.links().values()}
        ours = {href for href in found if href.startswith("/") and not href.startswith(("/assets", "/demo"))}
        ahead += sorted(ours - seen)
        seen |= found
    assert len(seen) > 8


def publish_all(write, clock):
    with write() as db:
        told = plan_notice(
            "Работы",
            "Ночью обновим оборудование.",
            days.today(clock.now()),
            days.today(clock.now()),
            days.today(clock.now()),
            "",
        )
        announcements.add(
            db,
            told,
            staff.find_by_login(db, "maria").id,
            announcements.find_recipients(db, told),
            clock.now(),
        )


def test_the_envelope_tells_its_number_only_to_who_may_write_and_only_until_the_day(
    anna, visitor, write, clock, texts, enter
):
    number = letter(anna)
    act(write, number, dialogues.add_staff_message, clock, "Ответ.")
    give(anna, write, clock, rights=["events"])
    looking = enter_as_olga(visitor, texts)
    assert ">1<" not in poll(looking, 0).text
    give(anna, write, clock, rights=["requests"], until="2026-11-23")
    assert looking.client.get("/inbox/envelope?seen=0").text.count("data-hx-get") == 0, (
        "the former right was replaced"
    )
    clock.at = clock.at.replace(hour=20, minute=58)
    late = enter_as_olga(visitor, texts)
    assert ">1<" in poll(late, 0).text
    clock.forward(minutes=5)  # past midnight in Moscow
    answer = poll(late, 0).text
    assert ">1<" not in answer and "data-hx-get" not in answer
