"""The desk's other half of a request: the queue, the card beside it, answers and decisions, two managers at
once.
"""

from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

from db.journal import Note, Person
from db.requests import decisions, requests
from rules.working_hours import answer_due
from tests.kit import cast
from tests.kit.staff_requests import at, letter, maria, reply, row, send_request  # noqa: F401 - fixtures


def test_the_queue_shows_what_waits_due_first(send_request, enter, clock) -> None:
    first = letter(send_request)
    clock.forward(hours=1)
    second = letter(send_request, by=cast.BORIS)
    soon = send_request("sms_on", date(2026, 11, 24), mobile="+79211234567", by=cast.LETO)
    text = enter("maria").get("/staff").text
    assert text.index(f"№ {soon}") < text.index(f"№ {first}") < text.index(f"№ {second}")
    assert "Соколова Анна Игоревна" in text and "Ждут нас 3" in text


def test_overdue_stands_out_and_is_counted(send_request, enter, clock) -> None:
    number = letter(send_request)
    clock.at = answer_due(clock.at) + timedelta(hours=2)
    page = enter("maria").get("/staff?late=1")
    assert "просрочено на 2 ч" in page.text and f"№ {number}" in page.text and "Просрочены 1" in page.text
    assert page.tree.cssselect("td .mark.alarm")


def test_an_answer_in_time_owes_nothing_more(send_request, maria, enter, clock) -> None:
    number = letter(send_request)
    maria.get(at(number))
    maria.submit(at(number) + "/answer", words="Завтра утром.", act="say")
    clock.forward(days=5)
    assert f"№ {number}" not in enter("maria").get("/staff?late=1").text


def test_a_reply_to_what_was_answered_owes_an_answer_anew(send_request, maria, enter, engine, clock) -> None:
    number = letter(send_request)
    maria.get(at(number))
    maria.submit(at(number) + "/answer", words="Завтра утром.", act="say")
    clock.forward(days=2)
    wrote = clock.now()
    reply(enter, number, "Завтра прошло, никого не было.")
    assert (row(engine, number).answer_by, row(engine, number).answered_at) == (answer_due(wrote), None)
    clock.at = answer_due(wrote) + timedelta(minutes=61)
    assert "просрочено на 1 ч" in enter("maria").get("/staff?late=1").text


@pytest.mark.parametrize("act", ["ask", "close"])
def test_an_answer_to_a_question_and_a_letter_opened_again_are_owed_an_answer(
    send_request, maria, enter, engine, clock, act
) -> None:
    number = letter(send_request)
    maria.get(at(number))
    maria.submit(at(number) + "/answer", words="Пришлите снимок датчика.", act=act)
    clock.forward(days=3)
    reply(enter, number, "Вот он, посмотрите.")
    now = row(engine, number)
    assert (now.state, now.answer_by, now.answered_at) == ("work", answer_due(clock.now()), None)


def test_a_second_message_does_not_put_off_the_first_answer(send_request, enter, engine, clock) -> None:
    number = letter(send_request)
    owed = row(engine, number).answer_by
    clock.forward(hours=3)
    reply(enter, number, "И ещё: когда ждать мастера?")
    assert row(engine, number).answer_by == owed


def test_a_day_off_by_the_operators_setting_puts_off_the_answer_to_a_reply(
    send_request, maria, enter, engine, clock, settings
) -> None:
    number = letter(send_request)
    maria.get(at(number))
    maria.submit(at(number) + "/answer", words="Завтра утром.", act="say")
    settings.office_days = "2026-11-24 closed"
    reply(enter, number, "Хорошо, а во сколько?")
    assert row(engine, number).answer_by == clock.now() + timedelta(days=2)


def test_looks_at_the_queue_are_written_once_an_hour_for_each(enter, engine, clock) -> None:
    maria = enter("maria")

    def lines() -> int:
        with Session(engine) as db:
            return len(db.exec(select(Note).where(Note.verb == "queue.look")).all())

    for _ in range(3):
        maria.get("/staff")
    assert lines() == 1
    enter("ada").get("/staff?whose=mine")
    assert lines() == 2
    clock.forward(minutes=59)
    enter("maria").get("/staff")
    assert lines() == 2
    clock.forward(minutes=2)
    enter("maria").get("/staff")
    assert lines() == 3


def test_the_queue_is_filtered_by_kind_and_by_whose(send_request, maria) -> None:
    mine, other = letter(send_request), send_request("surname", name="Орлова Анна Игоревна", by=cast.BORIS)
    maria.get(at(mine))
    maria.submit(at(mine) + "/assign")
    assert_shows(maria, "/staff?whose=mine", mine, other)
    assert_shows(maria, "/staff?whose=nobody", other, mine)
    assert_shows(maria, "/staff?kind=surname", other, mine)
    assert "Мои 1" in maria.page.text and "Ничьи 1" in maria.page.text


def assert_shows(browser, path: str, yes: int, no: int) -> None:
    text = browser.get(path).text
    assert f"№ {yes}" in text and f"№ {no}" not in text


@pytest.mark.parametrize(
    "query", ["state=nothing", "kind=%01", "whose=x", "after=x", "after=1:x", "after=nan:1", "after=9e999:1"]
)
def test_a_strange_filter_is_no_error(send_request, maria, query) -> None:
    letter(send_request)
    maria.get(f"/staff?{query}")


def test_a_null_in_an_address_is_refused_as_a_mistake_of_the_request(maria) -> None:
    maria.get("/staff?kind=%00", status=400)


def test_a_long_queue_goes_on_where_the_page_ended(send_request, maria) -> None:
    numbers = [send_request("letter", text=f"Письмо номер {n}, ответьте") for n in range(60)]
    page = maria.get("/staff")
    first = [number for number in numbers if f"№ {number}" in page.text]
    rest = maria.get(page.links()["Дальше"]).text
    assert len(first) == 50 and [n for n in numbers if f"№ {n}" in rest] == numbers[50:]


def test_decided_ones_are_kept_apart_and_paged_by_number(send_request, maria, write, clock) -> None:
    numbers = [send_request("letter", text=f"Письмо номер {n}, ответьте") for n in range(52)]
    with write() as db:
        for number in numbers:
            decisions.close(
                db,
                requests.find_by_number(db, number),
                Person(0, "staff", 1, "Мария", role="manager"),
                clock.now(),
            )
    assert "Здесь пусто" in maria.get("/staff").text
    page = maria.get("/staff?state=ended")
    assert f"№ {numbers[-1]}" in page.text and f"№ {numbers[0]}" not in page.text
    assert f"№ {numbers[0]}" in maria.get(page.links()["Дальше"]).text


def test_an_unchanged_poll_has_no_body_and_a_new_request_is_told(send_request, maria) -> None:
    letter(send_request)
    path = maria.get("/staff").one("#news [data-hx-get]").get("data-hx-get")
    quiet = maria.client.get(path, headers={"hx-request": "true"})
    assert quiet.status_code == 204 and not quiet.content
    letter(send_request, by=cast.BORIS)
    told = maria.client.get(path, headers={"hx-request": "true"})
    assert "Новые обращения" in told.text and "<html" not in told.text


def test_an_engineer_has_no_queue(enter, send_request) -> None:
    number = letter(send_request)
    enter("egor").get(at(number), status=403)
