"""The desk's other half of a request: the queue, the card beside it, answers and decisions, two managers at
once.
"""

from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

from db.journal import Note, Person
from db.people import contracts
from db.people.contracts import Contract
from db.requests import decisions, requests
from rules.requests.plans import RequestPlan
from rules.working_hours import answer_due
from tests.kit import cast


@pytest.fixture
def asked(write, clock):
    """`asked("letter", text="…")`: the number of a request Анна (or `by` another contract) has just sent."""

    def send(kind: str, day: date | None = None, by: int = cast.ANNA, early: bool = False, **payload) -> int:
        with write() as db:
            contract, subscriber = contracts.numbered(db, by)
            who = Person(0, "subscriber", subscriber.id, subscriber.name, contract.id, contract.number)
            return decisions.send(
                db, who, RequestPlan(kind, payload, day, early), clock.now(), auto=()
            ).number

    return send


@pytest.fixture
def maria(enter):
    return enter("maria")


def row(engine, number: int) -> requests.Request:
    with Session(engine) as db:
        return requests.find_by_number(db, number)


def letter(asked, text="Когда починят мой датчик?", **rest) -> int:
    return asked("letter", text=text, **rest)


def at(number: int) -> str:
    return f"/staff/requests/{number}"


# The queue


def test_the_queue_shows_what_waits_due_first(asked, enter, clock) -> None:
    first = letter(asked)
    clock.forward(hours=1)
    second = letter(asked, by=cast.BORIS)
    soon = asked("sms_on", date(2026, 11, 24), mobile="+79211234567", by=cast.LETO)
    text = enter("maria").get("/staff").text
    assert text.index(f"№ {soon}") < text.index(f"№ {first}") < text.index(f"№ {second}")
    assert "Соколова Анна Игоревна" in text and "Ждут нас 3" in text


def test_overdue_stands_out_and_is_counted(asked, enter, clock) -> None:
    number = letter(asked)
    clock.at = answer_due(clock.at) + timedelta(hours=2)
    page = enter("maria").get("/staff?late=1")
    assert "просрочено на 2 ч" in page.text and f"№ {number}" in page.text and "Просрочены 1" in page.text
    assert page.tree.cssselect("td .mark.alarm")


def test_an_answer_in_time_owes_nothing_more(asked, maria, enter, clock) -> None:
    number = letter(asked)
    maria.get(at(number))
    maria.submit(at(number) + "/answer", words="Завтра утром.", act="say")
    clock.forward(days=5)
    assert f"№ {number}" not in enter("maria").get("/staff?late=1").text


def test_a_reply_to_what_was_answered_owes_an_answer_anew(asked, maria, enter, engine, clock) -> None:
    number = letter(asked)
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
    asked, maria, enter, engine, clock, act
) -> None:
    number = letter(asked)
    maria.get(at(number))
    maria.submit(at(number) + "/answer", words="Пришлите снимок датчика.", act=act)
    clock.forward(days=3)
    reply(enter, number, "Вот он, посмотрите.")
    now = row(engine, number)
    assert (now.state, now.answer_by, now.answered_at) == ("work", answer_due(clock.now()), None)


def test_a_second_message_does_not_put_off_the_first_answer(asked, enter, engine, clock) -> None:
    number = letter(asked)
    owed = row(engine, number).answer_by
    clock.forward(hours=3)
    reply(enter, number, "И ещё: когда ждать мастера?")
    assert row(engine, number).answer_by == owed


def test_a_day_off_by_the_operators_setting_puts_off_the_answer_to_a_reply(
    asked, maria, enter, engine, clock, settings
) -> None:
    number = letter(asked)
    maria.get(at(number))
    maria.submit(at(number) + "/answer", words="Завтра утром.", act="say")
    settings.office_days = "2026-11-24 closed"
    reply(enter, number, "Хорошо, а во сколько?")
    assert row(engine, number).answer_by == clock.now() + timedelta(days=2)


def reply(enter, number: int, text: str) -> None:
    anna = enter(cast.ANNA)
    anna.get(f"/inbox/{number}")
    anna.submit(f"/inbox/{number}", text=text)


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


def test_the_queue_is_filtered_by_kind_and_by_whose(asked, maria) -> None:
    mine, other = letter(asked), asked("surname", name="Орлова Анна Игоревна", by=cast.BORIS)
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
def test_a_strange_filter_is_no_error(asked, maria, query) -> None:
    letter(asked)
    maria.get(f"/staff?{query}")


def test_a_null_in_an_address_is_refused_as_a_mistake_of_the_request(maria) -> None:
    maria.get("/staff?kind=%00", status=400)


def test_a_long_queue_goes_on_where_the_page_ended(asked, maria) -> None:
    numbers = [asked("letter", text=f"Письмо номер {n}, ответьте") for n in range(60)]
    page = maria.get("/staff")
    first = [number for number in numbers if f"№ {number}" in page.text]
    rest = maria.get(page.links()["Дальше"]).text
    assert len(first) == 50 and [n for n in numbers if f"№ {n}" in rest] == numbers[50:]


def test_decided_ones_are_kept_apart_and_paged_by_number(asked, maria, write, clock) -> None:
    numbers = [asked("letter", text=f"Письмо номер {n}, ответьте") for n in range(52)]
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


def test_an_unchanged_poll_has_no_body_and_a_new_request_is_told(asked, maria) -> None:
    letter(asked)
    path = maria.get("/staff").one("#news [data-hx-get]").get("data-hx-get")
    quiet = maria.client.get(path, headers={"hx-request": "true"})
    assert quiet.status_code == 204 and not quiet.content
    letter(asked, by=cast.BORIS)
    told = maria.client.get(path, headers={"hx-request": "true"})
    assert "Новые обращения" in told.text and "<html" not in told.text


def test_an_engineer_has_no_queue(enter, asked) -> None:
    number = letter(asked)
    enter("egor").get(at(number), status=403)


# A request


def test_a_request_stands_beside_its_contracts_card(asked, maria) -> None:
    number = letter(asked)
    text = maria.get(at(number)).text
    for words in (
        "Когда починят мой датчик?",
        "78 000 001",
        "Канал связи",
        "Баланс",
        "+7 921 123-45-67",
        "Последние события",
    ):
        assert words in text


def test_a_look_is_journalled(asked, maria, db) -> None:
    number = letter(asked)
    maria.get(at(number))
    note = db.exec(select(Note).where(Note.verb == "desk.look")).one()
    assert note.actor.startswith("staff:") and str(number) in note.facts and note.contract_id


def test_an_answer_reaches_the_subscriber_and_lights_the_envelope(asked, maria, engine, db, texts) -> None:
    number = letter(asked)
    maria.get(at(number))
    page = maria.submit(at(number) + "/answer", words="Мастер придёт завтра.", act="say")
    assert "Ответ отправлен" in page.text and "Мастер придёт завтра." in page.text
    assert db.exec(select(Contract.unread).where(Contract.number == cast.ANNA)).one() == 1
    assert any(f"№ {number}" in text and "Мастер" not in text for text in texts())


def test_a_question_waits_for_the_subscriber(asked, maria, engine) -> None:
    number = asked("surname", name="Орлова Анна")
    maria.get(at(number))
    maria.submit(at(number) + "/answer", words="Пришлите свидетельство.", act="ask")
    assert row(engine, number).state == "needs_info"
    assert "Ждём абонента 1" in maria.get("/staff").text


def test_a_note_is_for_staff_only(asked, maria, engine, db, texts) -> None:
    number = letter(asked)
    maria.get(at(number))
    before = texts()
    page = maria.submit(at(number) + "/answer", words="Похоже на мошенника.", act="note")
    assert "абонент не видит" in page.text and texts() == before
    assert db.exec(select(Contract.unread).where(Contract.number == cast.ANNA)).one() == 0
    assert not requests.messages(db, row(engine, number))


@pytest.mark.parametrize("act", ["say", "ask", "note", "close"])
def test_an_empty_message_is_refused_and_writes_nothing(asked, maria, db, act) -> None:
    number = letter(asked)
    maria.get(at(number))
    assert "words" in maria.submit(at(number) + "/answer", words="  ", act=act, status=422).errors
    assert not db.exec(select(requests.RequestMessage)).all()


def test_a_letter_is_closed_with_its_answer(asked, maria, engine) -> None:
    number = letter(asked)
    maria.get(at(number))
    maria.submit(at(number) + "/answer", words="Датчик починили сегодня.", act="close")
    assert row(engine, number).state == "done"


def test_html_in_a_message_stays_text(asked, maria) -> None:
    number = letter(asked, text="<script>alert(1)</script> и <b>жирно</b>")
    assert "<script>alert" not in maria.get(at(number)).source and "<b>жирно</b>" in maria.page.text


def test_a_ready_answer_is_put_under_what_is_typed_and_sends_nothing(asked, maria, write, db) -> None:
    from db.requests import canned_answers

    with write() as session:
        session.add(
            canned_answers.CannedAnswer(title="Баланс", text="{имя}, на балансе {баланс}, договор {договор}.")
        )
    number = letter(asked)
    page = maria.get(at(number))
    chosen = page.one("#f-canned option:last-child").get("value")
    page = maria.submit(at(number) + "/answer", words="Здравствуйте!", act="insert", canned=chosen)
    typed = page.one("#f-words").text.replace("\u00a0", " ")
    assert "Здравствуйте!" in typed and "Анна Игоревна, на балансе" in typed and "78 000 001" in typed
    assert not db.exec(select(requests.RequestMessage)).all()


def test_a_variable_left_in_a_message_is_not_sent(asked, maria) -> None:
    number = letter(asked)
    maria.get(at(number))
    page = maria.submit(at(number) + "/answer", words="Всё готово {день}.", act="say", status=422)
    assert "{день}" in page.errors["words"] and "Всё готово {день}." in page.one("#f-words").text


# Decisions


def test_approval_schedules_and_refusal_says_why(asked, maria, engine, db) -> None:
    good, bad = (
        asked("sms_on", date(2026, 12, 10), mobile="+79211234567"),
        asked("terminate", date(2026, 12, 20), by=cast.BORIS),
    )
    maria.get(at(good))
    maria.submit(at(good) + "/approve")
    assert row(engine, good).state == "approved" and row(engine, good).effective_day == date(2026, 12, 10)
    maria.get(at(bad))
    assert "refusal" in maria.submit(at(bad) + "/refuse", refusal="", status=422).errors
    maria.submit(at(bad) + "/refuse", refusal="Договор оформлен на другого человека.")
    assert row(engine, bad).state == "refused"
    assert "Договор оформлен на другого" in maria.page.text


def test_an_earlier_day_needs_a_reason_which_is_kept(asked, maria, engine, db) -> None:
    number = asked("terminate", date(2026, 11, 26), early=True)
    maria.get(at(number))
    assert "reason" in maria.submit(at(number) + "/approve", status=422).errors
    maria.submit(at(number) + "/approve", reason="Квартира продана, договор о продаже видели.")
    assert row(engine, number).override == "Квартира продана, договор о продаже видели."
    assert db.exec(select(Note).where(Note.verb == "desk.override")).one()


@pytest.mark.parametrize("day", ["2026-11-22", "2026-02-31", "завтра"])
def test_a_day_that_cannot_be_is_refused_and_kept_as_typed(asked, maria, engine, day) -> None:
    number = asked("sms_on", date(2026, 12, 10), mobile="+79211234567")
    maria.get(at(number))
    page = maria.submit(at(number) + "/approve", day=day, reason="Просили раньше", status=422)
    assert "day" in page.errors and row(engine, number).state == "new"


def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told(asked, maria, enter, engine, clock) -> None:
    number = asked("sms_on", date(2026, 12, 10), mobile="+79211234567")
    ada = enter("ada")
    maria.get(at(number))
    ada.get(at(number))
    maria.submit(at(number) + "/approve")
    page = ada.submit(at(number) + "/refuse", refusal="Номер чужой.", status=422)
    assert page.errors["form"].startswith("Maria уже одобрил(а) эту заявку в 12:00")
    assert "Номер чужой." in page.source, "what was typed is still there"
    assert row(engine, number).state == "approved"


def test_a_double_click_decides_once(asked, maria, engine, db) -> None:
    number = letter(asked)
    page = maria.get(at(number))
    form = dict(page.form(at(number) + "/answer").form_values()) | {"words": "Придём завтра.", "act": "say"}
    for _ in range(2):
        assert maria.client.post(at(number) + "/answer", data=form).status_code == 200
    assert len(db.exec(select(requests.RequestMessage)).all()) == 1


def test_an_accountant_decides_money_and_only_money(asked, enter, engine) -> None:
    papers, money = (
        asked("surname", name="Орлова Анна"),
        asked("recalculation", first="2026-11-01", last="2026-11-05", text="Связи не было"),
    )
    alexey = enter("alexey")
    assert "Одобрить" not in alexey.get(at(papers)).text
    alexey.get(at(money))
    form = dict(alexey.page.form(at(money) + "/approve").form_values()) | {"amount": "150"}
    refused = alexey.client.post(at(papers) + "/approve", data=form)
    assert refused.status_code == 403 and row(engine, papers).state == "new"
    alexey.submit(at(money) + "/approve", amount="150")
    assert row(engine, money).payload["amount"] == 15_000


def test_assigning_is_told_to_staff_and_kept(asked, maria, engine, enter) -> None:
    number = letter(asked)
    page = maria.get(at(number))
    other = next(one for one in page.tree.cssselect("#f-assignee option") if one.text == "Alexey").get(
        "value"
    )
    maria.submit(at(number) + "/assign", assignee=other)
    assert row(engine, number).assignee_id == int(other)
    assert "Занимается: Alexey" in maria.get(at(number)).text
    assert "assignee" in maria.submit(at(number) + "/assign", assignee="999", status=422).errors


@pytest.mark.parametrize("number", ["0", "999999", "9" * 30, "abc", "-1", "1e3"])
def test_a_number_that_is_nobodys_is_not_found(maria, number) -> None:
    maria.get(f"/staff/requests/{number}", status=404)
