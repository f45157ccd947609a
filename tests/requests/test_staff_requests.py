"""Who may do what to a request at the desk, and its files."""

import pytest
from sqlmodel import select

from db.journal import Note
from db.requests.attachments import Attachment
from db.requests.requests import RequestMessage
from tests.kit import cast, hostile
from tests.kit.staff_requests import at, letter, send_request  # noqa: F401 - a fixture


@pytest.mark.parametrize("deed", ["answer", "approve", "refuse", "assign"])
def test_an_engineer_and_a_subscriber_do_nothing_to_a_request(enter, anna, send_request, deed) -> None:
    number = letter(send_request)
    egor = enter("egor")
    anna.get("/devices")
    token = anna.page.one("form[action='/devices/end'] [name=_csrf_token]").get("value")
    assert (
        anna.client.post(
            f"{at(number)}/{deed}", data={"_csrf_token": token}, follow_redirects=False
        ).status_code
        == 303
    )
    egor.get("/staff/login")
    token = egor.page.form("/staff/login").fields["_csrf_token"]
    assert egor.client.post(f"{at(number)}/{deed}", data={"_csrf_token": token}).status_code == 403


def test_without_a_token_nothing_is_done(enter, send_request) -> None:
    number = letter(send_request)
    assert (
        enter("maria").client.post(f"{at(number)}/answer", data={"words": "Привет", "act": "say"}).status_code
        == 403
    )


def with_file(
    enter,
    number: int,
    act: str = "say",
    name: str = "схема.pdf",
    data: bytes | None = None,
    status: int = 200,
):
    """Мария sends a message with this file; the page that answered."""
    maria = enter("maria")
    maria.get(at(number))
    files = [("files", (name, data or hostile.pdf(), "application/pdf"))]
    return maria.submit(
        at(number) + "/answer", words="Смотрите файл.", act=act, files=files, status=status
    ), maria


def test_a_file_of_the_desk_reaches_its_subscriber_alone(enter, anna, boris, send_request) -> None:
    number = letter(send_request)
    page, maria = with_file(enter, number)
    place = page.one("a[href*='/files/']").get("href")
    answer = maria.client.get(place)
    assert answer.status_code == 200 and answer.content.startswith(b"%PDF")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert (
        answer.headers["x-content-type-options"],
        "sandbox" in answer.headers["content-security-policy"],
    ) == ("nosniff", True)
    mine = anna.get(f"/inbox/{number}").one("a[href*='/files/']").get("href")
    assert anna.client.get(mine).content == answer.content
    assert boris.client.get(mine).status_code == 404
    assert anna.client.get(place, follow_redirects=False).status_code == 303
    assert enter("egor").client.get(place).status_code == 403


def test_each_look_at_a_file_by_staff_is_journalled(enter, anna, send_request, db) -> None:
    number = letter(send_request)
    anna.get(f"/inbox/{number}")
    anna.submit(
        f"/inbox/{number}",
        text="Вот снимок",
        files=[("files", ("снимок.jpg", hostile.picture(), "image/jpeg"))],
    )
    maria = enter("maria")
    place = maria.get(at(number)).one("a[href*='/files/']").get("href")
    assert maria.client.get(place).content[:2] == b"\xff\xd8"
    note = db.exec(select(Note).where(Note.verb == "attachments.look")).one()
    assert note.actor.startswith("staff:") and str(number) in note.facts and note.contract_id


def test_a_file_of_a_note_stays_among_staff(enter, anna, send_request, db) -> None:
    number = letter(send_request)
    page, maria = with_file(enter, number, act="note")
    assert maria.client.get(page.one("a[href*='/files/']").get("href")).status_code == 200
    file = db.exec(select(Attachment)).one()
    assert "схема.pdf" not in anna.get(f"/inbox/{number}").text
    assert anna.client.get(f"/inbox/{number}/files/{file.id}").status_code == 404


def test_a_file_belongs_to_its_request(enter, send_request) -> None:
    number, other = letter(send_request), letter(send_request, by=cast.BORIS)
    page, maria = with_file(enter, number)
    place = page.one("a[href*='/files/']").get("href")
    for wrong in (
        place.replace(str(number), str(other)),
        at(number) + "/files/9" + "9" * 20,
        at(number) + "/files/x",
    ):
        assert maria.client.get(wrong).status_code == 404


@pytest.mark.parametrize("data", [hostile.archive(), hostile.pdf_with_file(), hostile.pdf_with_password()])
def test_a_file_the_desk_may_not_send_keeps_the_message_and_writes_nothing(
    enter, send_request, db, data
) -> None:
    number = letter(send_request)
    page, _ = with_file(enter, number, data=data, status=422)
    assert "files" in page.errors and "Смотрите файл." in page.one("#f-words").text
    assert not db.exec(select(RequestMessage)).all() and not db.exec(select(Attachment)).all()


def said(db, text: str) -> int:
    db.rollback()
    return len([one for one in db.exec(select(RequestMessage)) if one.text == text])


def test_the_same_words_with_another_file_are_another_message(enter, send_request, db) -> None:
    number = letter(send_request)
    with_file(enter, number)
    with_file(enter, number, name="вторая.pdf", data=hostile.pdf(pages=2))
    assert said(db, "Смотрите файл.") == 2


def test_the_very_same_message_of_staff_is_asked_about_and_sent_anyway(enter, send_request, db) -> None:
    number = letter(send_request)
    with_file(enter, number)
    page, maria = with_file(enter, number, status=422)
    assert "Уже отправлено" in page.text and said(db, "Смотрите файл.") == 1
    files = [("files", ("схема.pdf", hostile.pdf(), "application/pdf"))]
    maria.submit(at(number) + "/answer", words="Смотрите файл.", act="say", files=files)
    assert said(db, "Смотрите файл.") == 2
