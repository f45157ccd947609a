"""The dialogue while its page is open: asked quickly while both are there, seldom after, and silent when
nothing is new.
"""

import re

from db.journal import Person
from db.requests import dialogues, requests


def poll_of(page) -> str:
    return page.one("#dialogue").get("data-hx-get")


def test_the_dialogue_brings_new_messages_once_and_slows_down(anna, write, clock):
    anna.get("/requests/new/letter")
    anna.submit("/requests/new/letter", text="Где найти номер счёта?")
    draft = next(one.get("action") for one in anna.page.forms() if "/drafts/" in (one.get("action") or ""))
    anna.submit(draft)
    number = requests.FIRST_NUMBER
    place = poll_of(anna.get(f"/inbox/{number}"))
    assert anna.client.get(place).status_code == 204
    maria = Person(session_id=0, kind="staff", id=1, name="Мария", role="manager")
    with write() as db:
        dialogues.add_staff_message(
            db, requests.find_by_number(db, number), maria, clock.now(), "В договоре."
        )
    answer = anna.client.get(place)
    assert "В договоре." in answer.text and "<textarea" not in answer.text and "every 5s" in answer.text
    place = re.search(r'data-hx-get="([^"]+)"', answer.text)[1].replace("&amp;", "&")
    assert anna.client.get(place).status_code == 204
    clock.forward(minutes=11)
    assert "every 30s" in anna.client.get(place).text


def test_a_stranger_hears_nothing(boris):
    boris.get(f"/inbox/{requests.FIRST_NUMBER}/talk", status=404)
