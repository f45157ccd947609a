"""Every flow is run, each secret used is remembered, and looked for in the bytes of the database, of a backup
and of the log.
"""

import logging

import pytest
from click.testing import CliRunner
from sqlmodel import select

from commands import backup
from db import export_contents, outbox, sealed_columns, submissions
from db.journal import Person
from db.outbox import Message
from db.people import contracts
from db.people.subscribers import Subscriber
from db.sealed_columns import STAND_IN
from gateways import outgoing
from tests.kit import cast, engines
from tests.kit.secret_flows import ANNAS, NEW, digits, held, house, sent, till, told, used  # noqa: F401 - fixtures
from tests.kit.staff_sign_in_steps import console, enrolled, link, olga  # noqa: F401


def test_no_secret_used_anywhere_can_be_read_from_the_file(used, engine, settings, clock):
    assert told(held(engine), used) == []
    sent(engine, settings, clock)
    assert told(held(engine), used) == []


@engines.sqlite_only
def test_no_secret_can_be_read_from_a_copy(used, house, tmp_path):
    assert CliRunner().invoke(backup.commands, ["--into", str(tmp_path / "copies")], obj=house).exit_code == 0
    [copy] = (tmp_path / "copies").glob("*.sqlite")
    assert told(copy.read_bytes(), used) == []


def test_no_secret_is_in_the_log_nor_in_ones_own_copy(caplog, request, db, settings, clock):
    with caplog.at_level(logging.DEBUG):
        used = request.getfixturevalue("used")
    written = "\n".join(
        f"{one.getMessage()} {vars(one)}" for one in caplog.records if one.name.startswith("cabinet")
    )
    assert told(written.encode(), used) == []
    import zipfile

    with export_contents.write(
        db, contracts.find_by_number(db, cast.ANNA)[1].id, settings.attachment_keys, clock.now()
    ) as packed:
        whole = zipfile.ZipFile(packed)
        assert told(b"\n".join(whole.read(name) for name in whole.namelist()), used) == []


def test_words_of_a_code_go_as_it_goes_and_the_fact_stays(anna, engine, settings, clock, db):
    anna.get("/confirm")
    anna.submit("/confirm/send")
    row = db.exec(select(Message)).one()
    assert (row.text, row.secret) == (STAND_IN, 1) and digits(outbox.open_message(db, row).text)
    sent(engine, settings, clock)
    db.rollback()
    row = db.exec(select(Message)).one()
    assert (row.state, row.kind, row.sealed, row.to) == ("sent", "code", None, ANNAS) and row.sent_at


def test_what_is_handed_over_is_what_was_written(anna, engine, settings, clock, monkeypatch, texts):
    taken = []
    monkeypatch.setattr(
        outgoing, "send_messages", lambda some, _: [taken.append(m.text) or ("1", "", False) for m in some]
    )
    anna.get("/confirm")
    anna.submit("/confirm/send")
    [words] = texts()
    sent(engine, settings, clock)
    assert taken == [words] and "код для" in words


def test_a_dead_code_is_shown_as_a_code_and_is_not_sent_again(
    enter, anna, engine, settings, clock, monkeypatch, db
):
    monkeypatch.setattr(outgoing, "send_messages", lambda some, _: [("", "SMPP 11", True) for _ in some])
    anna.get("/confirm")
    anna.submit("/confirm/send")
    sent(engine, settings, clock)
    row = db.exec(select(Message)).one()
    assert (row.state, row.sealed) == ("dead", None)
    egor = enter("egor")
    page = egor.get("/staff/work")
    assert page.one("td[data-label='О чём']").text == "код" and "человек запросит новый" in page.text
    token = dict(page.forms()[-1].form_values())
    assert "уже не среди" in egor.client.post(f"/staff/work/messages/{row.id}", data=token).text
    db.rollback()
    assert db.get(Message, row.id).state == "dead"


def test_an_alarm_is_not_sealed(write, clock, db):
    with write() as own:
        outbox.put(
            own, "sms", ANNAS, "12:00 Тревога: проникновение", kind="event", now=clock.now(), urgent=True
        )
    row = db.exec(select(Message)).one()
    assert (row.text, row.secret, row.sealed) == ("12:00 Тревога: проникновение", 0, None)


def test_without_its_key_a_code_waits_and_others_go(write, engine, settings, clock, db):
    with write() as own:
        outbox.put(own, "sms", ANNAS, "Код 123456", kind="code", now=clock.now(), urgent=True)
        outbox.put(own, "sms", ANNAS, "Тревога", kind="event", now=clock.now(), urgent=True)
    settings.attachment_keys[:] = [NEW]
    sent(engine, settings, clock)
    code, alarm = db.exec(select(Message).order_by(Message.id))
    assert (code.state, alarm.state) == ("waiting", "sent") and "CABINET_ATTACHMENT_KEYS" in code.error


def test_a_sealed_value_opens_in_its_own_place_only(write, db):
    with write() as own:
        one, two = own.exec(select(Subscriber).order_by(Subscriber.id).limit(2)).all()
        sealed_columns.write(own, one, "totp_sealed", "A" * 32)
        two.totp_sealed = one.totp_sealed
        own.add(two)
    one, two = db.exec(select(Subscriber).order_by(Subscriber.id).limit(2)).all()
    assert sealed_columns.read(db, one, "totp_sealed") == "A" * 32
    with pytest.raises(LookupError):
        sealed_columns.read(db, two, "totp_sealed")


def test_what_was_typed_cannot_be_guessed_from_the_digest_of_a_form(write, db, settings, clock):
    with write() as own:
        submissions.add(
            own, Person(1, "subscriber", 1, ""), "keys.add", {"number": "0042"}, "/keys", clock.now()
        )
    kept = db.exec(select(submissions.Submission.digest)).one()
    assert kept == submissions.digests(db, "keys.add", {"number": "0042"})[-1]
    settings.attachment_keys.append(NEW)
    assert kept in submissions.digests(
        db, "keys.add", {"number": "0042"}
    )  # a new key is no reason to take it twice
    settings.attachment_keys[:] = [NEW]
    assert kept not in submissions.digests(db, "keys.add", {"number": "0042"})
