"""`litestar secrets reseal`: after it the older key may go, and nobody is locked out, no panel falls
silent.
"""

import base64
import os
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from sqlmodel import select

from commands import secrets as commands
from db.access import staff, staff_invitations
from db.access.staff import Staff
from db.events import panels
from db.requests import attachments, sealed_attachments
from db.requests.attachments import Attachment
from rules.requests.attachments import Clean

OLD, NEW, OTHER = (base64.b64encode(os.urandom(32)).decode() for _ in range(3))
PANEL = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def sealed(write, clock):
    """A file, a person's second factor and an offered one, a panel's key: all under the old key."""
    with write() as db:
        attachments.add(db, [OLD], Clean("a.pdf", "application/pdf", b"words", "0" * 64), clock.now())
        panels.register(db, [OLD], "4012", PANEL, "staff:1", clock.now())
        first, second = db.exec(select(Staff).order_by(Staff.id).limit(2)).all()
        first.totp_secret = None
        code = staff.demonstration_code(db, first, [OLD], clock.now())
        staff_invitations.invite(
            db, SimpleNamespace(attachment_keys=[OLD], brand="Оператор"), second, clock.now()
        )
        second.totp_secret = None
        return first.id, code, second.id, staff_invitations.offered_secret(second, [OLD])


def reseal(engine, *keys):
    house = SimpleNamespace(engine=engine, settings=SimpleNamespace(attachment_keys=list(keys)))
    return CliRunner().invoke(commands.reseal, obj=house)


def test_everything_sealed_is_moved_once_and_opens_by_the_new_key_alone(sealed, engine, db, write, clock):
    first, code, second, offered = sealed
    said = reseal(engine, OLD, NEW)
    moved = "вторых факторов сотрудников 1, вторых факторов приглашённых 1, ключей приборов 1, файлов 1"
    assert (said.exit_code, said.output.split(". ")[0]) == (0, f"Перешифровано: {moved}")
    assert "всё уже лежит под последним ключом" in reseal(engine, OLD, NEW).output
    db.rollback()
    assert panels.open_keys(db, [NEW]) == {"4012": bytes.fromhex(PANEL)}
    assert b"".join(sealed_attachments.read(db, [NEW], db.exec(select(Attachment)).one())) == b"words"
    assert staff_invitations.offered_secret(db.get_one(Staff, second), [NEW]) == offered
    with write() as hand:
        assert staff.use_code(hand, hand.get_one(Staff, first), code, [NEW], clock.now()) == "totp"


def test_without_the_key_it_lies_under_nothing_is_moved_and_it_is_said(sealed, engine, db):
    said = reseal(engine, OTHER, NEW)
    assert said.exit_code == 1 and "старые не убирайте" in said.output
    db.rollback()
    assert panels.open_keys(db, [OLD]) == {"4012": bytes.fromhex(PANEL)}
    assert b"".join(sealed_attachments.read(db, [OLD], db.exec(select(Attachment)).one())) == b"words"
