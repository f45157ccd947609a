"""The poll: nothing new costs no body, news comes as the same piece, a session that ended stops it."""

from sqlalchemy.exc import OperationalError

from db.requests import dialogues
from tests.kit import cast
from tests.kit.requests import act, letter


def poll(browser, seen):
    return browser.client.get(
        f"/inbox/envelope?seen={seen}", headers={"hx-request": "true"}, follow_redirects=False
    )


def test_nothing_new_has_no_body_no_cookie_and_no_headers_to_speak_of(anna):
    anna.get("/")
    answer = poll(anna, 0)
    assert (answer.status_code, answer.content) == (204, b"")
    assert "set-cookie" not in answer.headers
    assert sum(len(name) + len(value) + 4 for name, value in answer.headers.raw) < 150


def test_a_new_answer_comes_as_the_same_piece_once_and_opening_it_marks_it_read(anna, write, clock):
    number = letter(anna)
    assert poll(anna, 0).status_code == 204, "one's own letter is no news"
    act(write, number, dialogues.add_staff_message, clock, "Счёт отправили.")
    act(write, number, dialogues.add_staff_message, clock, "И ещё раз.")
    answer = poll(anna, 0)
    assert answer.status_code == 200
    assert 'data-hx-get="/inbox/envelope?seen=1"' in answer.text
    assert 'class="count">1<' in answer.text
    assert "no-store" in answer.headers["cache-control"]
    assert poll(anna, 1).status_code == 204
    page = anna.get("/")
    assert page.one("#envelope .count").text == "1", "the count is right at each page without script"
    assert "Новое" in anna.get("/inbox").text
    page = anna.get(f"/inbox/{number}")
    assert poll(anna, 0).status_code == 204
    assert not anna.get("/").tree.cssselect("#envelope .count")


def test_the_page_that_opens_it_already_counts_without_it(anna, write, clock):
    number = letter(anna)
    act(write, number, dialogues.add_staff_message, clock, "Счёт отправили.")
    assert not anna.get(f"/inbox/{number}").tree.cssselect("#envelope .count")


def test_a_session_that_ended_gets_an_envelope_that_asks_no_more(anna, browser):
    anna.get("/")
    anna.submit("/logout")
    for asker in (anna, browser):
        answer = poll(asker, 0)
        assert answer.status_code == 200
        assert 'id="envelope"' in answer.text
        assert "hx-trigger" not in answer.text
        assert "set-cookie" not in answer.headers


def test_another_contract_and_another_person_have_their_own_count(anna, boris, enter, write, clock):
    number = letter(anna)
    act(write, number, dialogues.add_staff_message, clock, "Счёт отправили.")
    assert poll(boris, 0).status_code == 204
    assert poll(enter(cast.LETO), 0).status_code == 204
    assert poll(enter(cast.ANNA), 0).status_code == 200


def test_garbage_instead_of_a_count_is_answered_with_the_true_one(anna):
    for seen in ("", "abc", "-1", "0&seen=5", "9" * 40):
        assert poll(anna, seen).status_code in (200, 204)
    assert poll(anna, "abc").status_code == 200


def test_the_poll_answers_as_briefly_the_tenth_time(anna):
    lengths = {len(anna.client.get("/inbox/envelope?seen=0").headers) for _ in range(10)}
    assert len(lengths) == 1


def test_a_count_nobody_can_have_seen_is_only_another_count(anna):
    assert anna.client.get("/inbox/envelope?seen=" + "9" * 5000).status_code == 200


def test_a_file_that_cannot_be_read_is_answered_by_the_house(anna, monkeypatch):
    def away(*_):
        raise OperationalError("SELECT", {}, Exception("disk I/O error"))

    monkeypatch.setattr("routes.requests.inbox_badge.inbox_badge.unread_count", away)
    assert anna.client.get("/inbox/envelope?seen=0").status_code == 503
