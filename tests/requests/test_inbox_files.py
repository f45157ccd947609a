"""Files of the dialogue: sealed, refused, erased."""

from sqlmodel import select

from db.journal import Note
from db.requests import decisions
from db.requests.requests import RequestMessage
from db.requests.sealed_attachments import Attachment, AttachmentPiece
from tests.kit import hostile
from tests.kit.requests import act, fill, letter, number_of, send


def test_the_file_is_sealed_on_the_disk(anna, db):
    number = letter(anna)
    anna.get(f"/inbox/{number}")
    plain = hostile.pdf()
    anna.submit(text="", files=[("files", ("a.pdf", plain, "application/pdf"))])
    assert db.exec(select(Attachment)).one().type == "application/pdf"
    assert b"%PDF" not in b"".join(piece.data for piece in db.exec(select(AttachmentPiece)))


def test_an_empty_message_six_files_and_a_foreign_kind_are_refused_and_the_text_stays(anna, db):
    number = letter(anna)
    anna.get(f"/inbox/{number}")
    assert "text" in anna.submit(text="  ", status=422).errors
    picture = ("files", ("a.jpg", hostile.picture(), "image/jpeg"))
    page = anna.submit(text="Смотрите шесть снимков", files=[picture] * 6, status=422)
    assert "5 файлов" in page.errors["files"]
    assert "Смотрите шесть снимков" in page.one("textarea").text
    big = hostile.pdf() + b"%" * (11 * 1024 * 1024)
    assert (
        "10 МБ"
        in anna.submit(text="x" * 20, files=[("files", ("b.pdf", big, ""))], status=422).errors["files"]
    )
    for data, says in (
        (hostile.archive(), "архив"),
        (hostile.pdf_with_password(), "паролем"),
        (hostile.png_bomb(), "мегапикселей"),
        (hostile.picture() + hostile.archive(), "архив"),
        (hostile.pdf_with_file(), "вложенные файлы"),
    ):
        page = anna.submit(text="Вот файл", files=[("files", ("снимок.jpg", data, "image/jpeg"))], status=422)
        assert says in page.errors["files"], says
    assert db.exec(select(Attachment)).all() == []
    assert len(db.exec(select(RequestMessage)).all()) == 1


def test_a_pdf_named_jpg_is_kept_as_what_it_is(anna):
    number = letter(anna)
    anna.get(f"/inbox/{number}")
    page = anna.submit(text="Скан", files=[("files", ("скан.jpg", hostile.pdf(), "image/jpeg"))])
    assert "скан.pdf" in page.links()


def test_files_of_a_refused_form_are_not_asked_for_again(anna, clock):
    fill(
        anna,
        "recalculation",
        status=422,
        first="2026-11-01",
        last="2026-12-31",
        text="Не было связи три дня.",
        files=[("files", ("снимок.png", hostile.picture("PNG"), ""))],
    )
    assert "снимок.png" in anna.page.text
    page = anna.submit(last="2026-11-20")
    assert "снимок.png" in page.text
    clock.forward(minutes=20)
    number = number_of(anna.submit())
    assert "снимок.png" in anna.get(f"/inbox/{number}").links()


def test_erased_passports_leave_their_name_and_day(anna, write, clock, engine, settings, db):
    number = number_of(
        send(
            anna,
            "surname",
            name="Соколова-Ким Анна",
            files=[("files", ("паспорт.jpg", hostile.picture(), ""))],
        )
    )
    href = anna.get(f"/inbox/{number}").links()["паспорт.jpg"]
    act(write, number, decisions.approve, clock)
    from db.requests import attachments

    clock.forward(days=29, hours=23)
    attachments.erase_due(engine, settings, clock.now())
    assert (
        anna.client.get(href).status_code == 200
        or anna.client.get(href, follow_redirects=False).status_code == 303
    )
    clock.forward(hours=1)
    for _ in range(2):
        attachments.erase_due(engine, settings, clock.now())
    db.rollback()
    assert db.exec(select(AttachmentPiece)).all() == []
    assert len(db.exec(select(Note).where(Note.verb == "attachments.erase")).all()) == 1


def test_a_wrong_file_and_a_wrong_field_are_told_at_once_and_the_text_stays(anna, enter):
    number = letter(anna)
    wrong = [("files", ("снимок.jpg", hostile.archive(), "image/jpeg"))]
    fill(
        anna,
        "recalculation",
        status=422,
        first="2026-11-20",
        last="2026-11-01",
        text="Не было связи три дня.",
        files=wrong,
    )
    assert {"last", "files"} <= set(anna.page.errors), anna.page.errors
    assert "Не было связи три дня." in anna.page.one("textarea").text
    anna.get(f"/inbox/{number}")
    assert {"text", "files"} == set(anna.submit(text="x" * 4001, files=wrong, status=422).errors)
    maria = enter("maria")
    maria.get(f"/staff/requests/{number}")
    page = maria.submit(f"/staff/requests/{number}/answer", words="", act="say", files=wrong, status=422)
    assert {"words", "files"} == set(page.errors)
    assert page.one('input[type="file"]').get("accept") == "image/*,application/pdf,.heic,.heif,.jfif"
