"""Files at rest: sealed, bound to their place, opened by any key of the list, within a place of their own;
scanned if told.
"""

import base64
import os
import socket
import struct
import threading

import pytest
from cryptography.exceptions import InvalidTag
from sqlmodel import Session, select

import jobs
from db import writing
from db.journal import Note
from db.requests import attachments, sealed_attachments
from db.requests.attachments import Attachment
from db.requests.requests import Request, RequestMessage
from db.requests.sealed_attachments import NONCE, PIECE, AttachmentPiece
from gateways import antivirus
from rules.requests.attachments import QUOTA, Clean
from tests.kit import hostile
from tests.kit.requests import letter

OLD, NEW = (base64.b64encode(os.urandom(32)).decode() for _ in range(2))
DATA = os.urandom(2 * PIECE + 5)
TAG = 16  # bytes: of AES-GCM, at the end of each piece


def keep(write, clock, keys, data=DATA) -> Attachment:
    with write() as db:
        return attachments.add(db, keys, Clean("a.pdf", "application/pdf", data, "0" * 64), clock.now())


def whole(db, keys, row) -> bytes:
    db.rollback()
    return b"".join(sealed_attachments.read(db, keys, row))


@pytest.mark.parametrize("size", [1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
def test_what_was_kept_comes_back_whole(write, clock, db, size):
    data = os.urandom(size)
    row = keep(write, clock, [OLD], data)
    assert row.pieces == -(-size // PIECE)
    assert whole(db, [OLD], row) == data


def test_an_older_key_still_opens_and_without_it_nothing_does(write, clock, db):
    row = keep(write, clock, [OLD])
    assert whole(db, [OLD, NEW], row) == DATA
    with pytest.raises(LookupError, match=row.key_id):
        whole(db, [NEW], row)


def test_after_resealing_the_older_key_may_go(write, clock, db, engine):
    row = keep(write, clock, [OLD])
    assert sealed_attachments.reseal(engine, [OLD, NEW]) == 1
    assert sealed_attachments.reseal(engine, [OLD, NEW]) == 0
    db.rollback()
    fresh = db.exec(select(Attachment).where(Attachment.id == row.id)).one()
    assert whole(db, [NEW], fresh) == DATA


def test_a_changed_swapped_or_borrowed_piece_is_noticed(write, clock, db):
    row, other = keep(write, clock, [OLD]), keep(write, clock, [OLD])

    def piece(of, n):
        return db.exec(
            select(AttachmentPiece.data).where(AttachmentPiece.attachment_id == of.id, AttachmentPiece.n == n)
        ).one()

    db.rollback()
    true, second, borrowed = piece(row, 0), piece(row, 1), piece(other, 0)
    for forged in (true[:-1] + bytes([true[-1] ^ 1]), second, borrowed):
        with write() as hand:
            hand.merge(AttachmentPiece(attachment_id=row.id, n=0, data=forged))
        db.expire_all()
        with pytest.raises(InvalidTag):
            whole(db, [OLD], row)


def test_the_same_bytes_are_never_sealed_alike(write, clock, db):
    keep(write, clock, [OLD])
    keep(write, clock, [OLD])
    pieces = [one.data for one in db.exec(select(AttachmentPiece))]
    assert len({one[:NONCE] for one in pieces}) == len(pieces), "a nonce is used once"
    assert len({one[NONCE:-TAG] for one in pieces}) == len(pieces)


def test_two_hundred_megabytes_for_one_subscriber(anna, write, clock):
    number = letter(anna)
    with write() as db:
        db.add(
            Attachment(
                subscriber_id=1,
                name="a",
                type="x",
                size=QUOTA - 10,
                sha256="",
                seal=b"",
                key_id="",
                pieces=0,
                at=clock.now(),
            )
        )
    anna.get(f"/inbox/{number}")
    page = anna.submit(text="Ещё", files=[("files", ("a.pdf", hostile.pdf(), ""))], status=422)
    assert "200 МБ" in page.errors["files"]


class Clamd:
    """Speaks INSTREAM on a port of its own; finds whatever holds `EVIL`."""

    def __init__(self, answer=None):
        self.answer = answer
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        wire, _ = self.listener.accept()
        with wire, wire.makefile("rb") as got:
            assert got.read(10) == b"zINSTREAM\0"
            data = b""
            while size := struct.unpack("!I", got.read(4))[0]:
                data += got.read(size)
            found = b"stream: Test-Virus FOUND" if b"EVIL" in data else b"stream: OK"
            wire.sendall((self.answer or found) + b"\0")


def test_the_scanner_says_clean_found_or_nothing_we_trust():
    assert antivirus.scan(Clamd().address, b"x" * 200_000) is None
    assert antivirus.scan(Clamd().address, b"x" * 200_000 + b"EVIL") == "Test-Virus"
    with pytest.raises(antivirus.ScannerUnreachable):
        antivirus.scan(Clamd(b"INSTREAM size limit exceeded. ERROR").address, b"x")
    with pytest.raises(antivirus.ScannerUnreachable):
        antivirus.scan("127.0.0.1:1", b"x")


def test_a_file_with_a_virus_and_a_silent_scanner_are_refused_with_a_sentence(anna, app):
    number = letter(anna)
    anna.get(f"/inbox/{number}")
    evil = [("files", ("a.pdf", hostile.pdf() + b"\n%EVIL", ""))]
    app.state.settings.clamd = Clamd().address
    assert "вирус" in anna.submit(text="Файл", files=evil, status=422).errors["files"]
    app.state.settings.clamd = "127.0.0.1:1"
    assert "через несколько минут" in anna.submit(text="Файл", files=evil, status=422).errors["files"]
    app.state.settings.clamd = Clamd().address
    assert "отправлено" in anna.submit(text="Файл", files=[("files", ("a.pdf", hostile.pdf(), ""))]).text


@pytest.fixture
def kept_whole(anna, write, clock, db, settings):
    """A function: a letter with this PDF, kept as it came by the program of the day before; its row."""

    def keep_one(data: bytes) -> Attachment:
        number = letter(anna)
        with write() as one:
            message = one.exec(select(RequestMessage).join(Request).where(Request.number == number)).first()
            row = attachments.add(
                one,
                settings.attachment_keys,
                Clean("a.pdf", "application/pdf", data, "0" * 64),
                clock.now(),
                message=message,
                subscriber_id=1,
            )
            row.redrawn = attachments.ORIGINAL
            one.flush()
            return row

    return keep_one


def staff_opens(enter, db, row):
    request = db.get(Request, row.request_id)
    return enter("maria").client.get(
        f"/staff/requests/{request.number}/files/{row.id}", follow_redirects=True
    )


def test_a_pdf_kept_whole_by_an_earlier_program_is_drawn_anew_first(
    kept_whole, engine, settings, enter, db, clock
):
    row = kept_whole(hostile.pdf_with_script())
    assert "ещё перерисовывается" in staff_opens(enter, db, row).text.replace("&nbsp;", " ")
    jobs.redraw_attachments(engine, settings, clock.now())
    opened = staff_opens(enter, db, row)
    assert opened.headers["content-type"] == "application/pdf"
    assert b"/JavaScript" not in opened.content and opened.content.endswith(b"%%EOF\n")
    assert int(opened.headers["content-length"]) == len(opened.content)
    jobs.redraw_attachments(engine, settings, clock.now())
    db.rollback()
    assert [note.facts for note in db.exec(select(Note).where(Note.verb == "attachments.redraw"))] != []


def test_one_that_cannot_be_drawn_stays_with_its_owner_and_staff_are_told(
    kept_whole, engine, settings, enter, db, clock, anna
):
    data = hostile.pdf_with_file()
    row = kept_whole(data)
    jobs.redraw_attachments(engine, settings, clock.now())
    assert attachments.next_to_redraw(db) is None, "it is not tried for ever"
    assert "Попросите прислать его заново" in staff_opens(enter, db, row).text.replace("&nbsp;", " ")
    request = db.get(Request, row.request_id)
    assert anna.client.get(f"/inbox/{request.number}/files/{row.id}").content == data, (
        "its owner's own file is theirs"
    )
    with Session(engine) as hand, writing(hand):
        assert attachments.retry_redrawing(hand) == 1
    db.rollback()
    assert attachments.next_to_redraw(db).id == row.id
