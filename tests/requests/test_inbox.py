"""The envelope opened: list, one request, its dialogue with files, withdrawing, reopening; a stranger sees
nothing.
"""

import io
from datetime import date, timedelta

from PIL import Image
from sqlmodel import select

from db.journal import Note
from db.requests import decisions, dialogues
from db.requests.requests import RequestMessage
from rules import days
from tests.kit import cast, hostile
from tests.kit.requests import LATER, SOON, TEXT, act, letter, number_of, send, the


def test_the_list_says_number_state_day_and_kind(anna):
    assert "Обращений пока нет" in anna.get("/inbox").text
    number = letter(anna)
    page = anna.get("/inbox")
    assert f"№ {number}" in page.text
    for words in ("Обращение", "Новая", "23 ноября 2026, 12:00", "Третий день"):
        assert words in page.text


def test_a_dialogue_with_files_one_step_each_and_its_life(anna, write, clock, db):
    number = letter(anna)
    assert TEXT in anna.get(f"/inbox/{number}").text
    act(write, number, decisions.ask_more, clock, "Пришлите снимок договора.")
    clock.forward(minutes=5)
    page = anna.get(f"/inbox/{number}")
    assert "ждём вашего ответа" in page.text.lower()
    assert "Пришлите снимок договора." in page.text
    page = anna.submit(
        text="Вот он.", files=[("files", ("договор.heic", hostile.picture("HEIF"), "image/heic"))]
    )
    assert "Сообщение отправлено" in page.text
    assert the(db, number).state == "work"
    href = page.links()["договор.jpg"]
    answer = anna.client.get(href)
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "no-store" in answer.headers["cache-control"]
    assert Image.open(io.BytesIO(answer.content)).size == (64, 48)
    db.rollback()
    assert db.exec(select(Note).where(Note.verb == "attachments.look")).one().actor.startswith("subscriber:")


def test_html_in_a_message_is_shown_as_typed(anna):
    text = '<script>alert(1)</script> & "кавычки" <b>жирно</b>'
    number = letter(anna, text)
    page = anna.get(f"/inbox/{number}")
    assert text in page.text
    assert not page.tree.cssselect("main script, main b.x")


def test_the_same_message_twice_is_one_and_may_be_sent_anyway(anna, db):
    number = letter(anna)

    def said():
        db.rollback()
        return [one.text for one in db.exec(select(RequestMessage)) if one.text == "Ответьте, жду."]

    first = anna.get(f"/inbox/{number}")
    anna.submit(text="Ответьте, жду.")
    anna.page = first
    anna.submit(text="Ответьте, жду.")
    assert len(said()) == 1, "the same form again is the same message"
    anna.get(f"/inbox/{number}")
    page = anna.submit(text="Ответьте, жду.", status=422)
    assert "Уже отправлено" in page.text
    assert len(said()) == 1
    anna.submit(text="Ответьте, жду.")
    assert len(said()) == 2, "sent on purpose"


def test_a_stranger_finds_neither_the_request_nor_its_file(anna, boris, db):
    number = letter(anna)
    anna.get(f"/inbox/{number}")
    page = anna.submit(text="Скан", files=[("files", ("скан.pdf", hostile.pdf(), ""))])
    href = page.links()["скан.pdf"]
    own = letter(boris)
    for path in (
        f"/inbox/{number}",
        href,
        f"/requests/{number}/sent",
        href.replace(str(number), str(own)),
        "/inbox/99",
    ):
        boris.get(path, status=404)
    boris.get(f"/inbox/{own}")
    token = boris.page.one("form[enctype] [name=_csrf_token]").get("value")
    for path in (f"/inbox/{number}", f"/inbox/{number}/withdraw"):
        answer = boris.client.post(
            path, data={"_csrf_token": token, "text": "Чужое", "key": "x"}, follow_redirects=False
        )
        assert answer.status_code == 404
    assert the(db, number).state == "new"
    boris.get("/inbox/99999999999999999999", status=404)


def test_withdrawn_before_its_day_not_after(anna, enter, db, clock):
    number = number_of(send(anna, "suspend", first=SOON, last=LATER))
    page = anna.get(f"/inbox/{number}")
    assert "Отозвать заявку" in page.text
    anna.get(f"/inbox/{number}/withdraw")
    page = anna.submit(f"/inbox/{number}/withdraw")
    assert "Отозвана" in page.text
    assert the(db, number).state == "withdrawn"
    again = number_of(send(anna, "suspend", first=SOON, last="2026-12-21"))
    clock.at = days.midnight(date(2026, 12, 3)) - timedelta(minutes=1)
    anna = enter(cast.ANNA)
    anna.get(f"/inbox/{again}/withdraw")
    clock.forward(minutes=2)
    page = anna.submit(f"/inbox/{again}/withdraw", status=422)
    assert "уже наступил" in page.errors["form"]
    assert "Отозвать заявку" not in page.text
    assert the(db, again).state == "approved"


def test_a_reply_reopens_within_fourteen_days_and_not_later(anna, enter, write, clock, db):
    number = letter(anna)
    act(write, number, decisions.close, clock, "Счёт отправили на почту.")
    clock.forward(days=13, hours=23)
    anna = enter(cast.ANNA)
    page = anna.get(f"/inbox/{number}")
    assert "Ответ откроет обращение снова" in page.text
    page = anna.submit(text="Так и не пришёл.")
    assert the(db, number).state == "work"
    assert "Открыта снова" in page.text
    act(write, number, decisions.refuse, clock, "Адрес почты не существует.")
    clock.forward(days=13, hours=23, minutes=50)
    anna = enter(cast.ANNA)
    page = anna.get(f"/inbox/{number}")
    clock.forward(minutes=11)
    page = anna.submit(text="А теперь?", status=422)
    assert "новое обращение" in page.errors["form"]
    assert "новое обращение" in anna.get(f"/inbox/{number}").text
    assert not anna.page.tree.cssselect("textarea")


def test_staff_notes_and_names_of_who_decided_stay_inside(anna, write, clock):
    number = letter(anna)
    act(write, number, dialogues.add_staff_message, clock, "Клиент трудный.", internal=True)
    act(write, number, decisions.assign, clock)
    act(write, number, decisions.refuse, clock, "Такой услуги нет.")
    page = anna.get(f"/inbox/{number}")
    assert "трудный" not in page.text
    assert "Отказано: Такой услуги нет." in page.text
    assert ", сотрудник" in page.text and "Maria" not in page.text


def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told(anna, write, clock, db):
    from rules import Refused

    number = letter(anna)
    seen = the(db, number).version
    act(write, number, decisions.close, clock, "Ответ первого.", seen=seen)
    try:
        act(write, number, decisions.refuse, clock, "Ответ второго.", seen=seen)
    except Refused as refused:
        assert "изменилось" in refused.problems["form"]
    else:
        raise AssertionError("both decided")
    assert the(db, number).state == "done"


def test_a_notice_goes_out_with_each_answer_and_tells_nothing_of_it(anna, write, clock, texts):
    number = letter(anna)
    act(write, number, dialogues.add_staff_message, clock, "Ваш баланс 5 рублей.")
    (told,) = [text for text in texts() if f"№ {number}" in text]
    assert "баланс" not in told
    assert "личном кабинете" in told


def test_the_newest_thirty_and_older_ones_by_a_link(anna, clock):
    for n in range(31):
        letter(anna, f"Обращение по счёту {n}: не приходит.")
        clock.forward(minutes=1)
    page = anna.get("/inbox")
    assert len(page.tree.cssselect("tbody tr")) == 30
    page = anna.get(page.one("a[rel=next]").get("href"))
    assert "по счёту 0:" in page.text


def test_only_half_an_hour_of_quiet_and_the_poll_did_not_prolong_it(anna, clock):
    clock.forward(minutes=20)
    assert anna.client.get("/inbox/envelope?seen=0").status_code == 204
    clock.forward(minutes=11)
    assert anna.client.get("/inbox", follow_redirects=False).status_code == 303


def test_contracts_of_one_owner_do_not_mix(enter):
    leto = enter(cast.LETO)
    number = letter(leto)
    other = enter(cast.LETO_TOO)
    assert "Обращений пока нет" in other.get("/inbox").text
    assert f"№ {number}" in leto.get("/inbox").text
