"""Every flow is run, each secret used is remembered, and looked for in the bytes of the database, of a backup
and of the log.
"""

import logging

import pytest
from click.testing import CliRunner
from sqlmodel import select

<<<<<<< HEAD
import jobs
from commands import Context, backup, check
from commands import secrets as commands
from db import export_contents, exports, outbox, sealed_columns, submissions
from db.access import staff, unsent_forms
from db.access.staff import RecoveryCode
from db.events import panels
from db.journal import Note, Person
=======
from commands import backup
from db import export_contents, outbox, sealed_columns, submissions
from db.journal import Person
>>>>>>> main
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
<<<<<<< HEAD


# What an earlier release left


@pytest.fixture
def clear(write, db, clock):
    """Rows as an earlier release wrote them, with everything in clear; the secrets by what they are."""
    found = {
        "second factor": pyotp.random_base32(),
        "card": "22e18a2f-000f-5000-a000-1db6312b7767",
        "recovery": "abcde-fgh23",
        "waiting": "482615",
        "gone": "917364",
        "letter": "WzEsImFiYyJd.Zm9v.c2lnbmF0dXJl",
        "callback": "b0d1e2f3-token",
    }
    with write() as own:
        anna = contracts.find_by_number(own, cast.ANNA)[1].id
        own.flush()
        run = own.connection().exec_driver_sql
        run(f"UPDATE subscriber SET totp_secret = '{found['second factor']}' WHERE id = {anna}")
        run(
            "INSERT INTO acceptance (id, subscriber_id, name, version, sha256, at, address) VALUES (901, "
            f"{anna}, 'autopay', 1, '', 0, '')"
        )
        own.add(
            Autopay(
                contract_id=1,
                mode="monthly",
                cap=1,
                day=1,
                contact="a@b.ru",
                acceptance_id=901,
                state="on",
                asked_at=clock.now(),
                token_clear=found["card"],
            )
        )
        own.add(
            Payment(
                contract_id=1,
                order="o",
                payee="operator",
                amount=1,
                method="saved",
                state="failed",
                purpose="x",
                token=found["card"],
                key="k",
                created_at=clock.now(),
            )
        )
        for n, (state, kind, words) in enumerate(
            (
                ("waiting", "code", f"Код {found['waiting']}"),
                ("sent", "password", f"Код {found['gone']}"),
                ("dead", "confirm-email", f"/email/{found['letter']}"),
                ("waiting", "event", "Тревога"),
            )
        ):
            own.add(
                Message(
                    channel="sms",
                    to=f"+7{n}",
                    text=words,
                    kind=kind,
                    state=state,
                    put_at=clock.now(),
                    not_before=clock.now(),
                )
            )
        own.add(BankCallback(at=clock.now(), address="10.0.0.1", body=json.dumps({"id": found["callback"]})))
        own.add(RecoveryCode(staff_id=1, code_hash=totp.hash_recovery_code(found["recovery"])))
    return found


def test_what_an_earlier_release_left_in_clear_is_sealed_and_works_on(
    clear, engine, settings, clock, db, write
):
    assert told(held(engine), clear) == list(clear)
    jobs.run_job(engine, settings, clock.now(), "secrets", sealed_columns.seal_clear)
    sealed_columns.clean_file(engine, clock.now())
    assert told(held(engine), clear) == []
    who = contracts.find_by_number(db, cast.ANNA)[1]
    assert sealed_columns.read(db, who, "totp_sealed") == clear["second factor"]
    assert autopay.card_token(db, db.exec(select(Autopay)).one()) == clear["card"]
    assert db.exec(select(Payment.token)).one() is None
    assert clear["callback"] in sealed_columns.read(db, db.exec(select(BankCallback)).one(), "body_sealed")
    words = [outbox.open_message(db, one).text for one in db.exec(select(Message).order_by(Message.id))]
    assert words == [f"Код {clear['waiting']}", STAND_IN, STAND_IN, "Тревога"]
    with write() as own:
        assert staff._spend_recovery(own, own.get_one(staff.Staff, 1), clear["recovery"], clock.now())


def test_before_it_is_sealed_what_is_in_clear_works_and_a_second_run_finds_nothing(
    clear, engine, settings, clock, db, write
):
    who = contracts.find_by_number(db, cast.ANNA)[1]
    assert who.has_totp and sealed_columns.read(db, who, "totp_sealed") == clear["second factor"]
    assert autopay.card_token(db, db.exec(select(Autopay)).one()) == clear["card"]
    sent(engine, settings, clock)
    db.rollback()
    code = db.exec(select(Message).where(Message.kind == "code")).one()
    assert (code.state, code.text, code.secret) == ("sent", STAND_IN, 1)
    assert sealed_columns.seal_all(engine, settings.attachment_keys)
    assert not sealed_columns.seal_all(engine, settings.attachment_keys)
    db.rollback()
    assert sealed_columns.count_clear(db) == 0


def test_what_an_earlier_release_writes_over_a_sealed_one_is_believed(clear, engine, settings, write, db):
    sealed_columns.seal_all(engine, settings.attachment_keys)
    newer = pyotp.random_base32()
    with write() as own:
        contracts.find_by_number(own, cast.ANNA)[1].totp_clear = newer
    who = contracts.find_by_number(db, cast.ANNA)[1]
    assert sealed_columns.read(db, who, "totp_sealed") == newer
    sealed_columns.seal_all(engine, settings.attachment_keys)
    db.rollback()
    assert who.totp_clear is None and sealed_columns.read(db, who, "totp_sealed") == newer


def test_more_than_a_batch_is_sealed(write, engine, settings, clock, db, monkeypatch):
    monkeypatch.setattr(sealed_columns, "BATCH", 7)
    with write() as own:
        own.add_all(BankCallback(at=clock.now(), address="", body=f"body {n}") for n in range(24))
    sealed_columns.seal_clear(engine, settings, clock.now())
    assert [
        sealed_columns.read(db, one, "body_sealed")
        for one in db.exec(select(BankCallback).order_by(BankCallback.id))
    ] == [f"body {n}" for n in range(24)]


# Keys changed, lost, and what is said of it


def test_every_sealed_column_goes_under_the_newest_key_and_the_older_may_leave(
    used, engine, settings, write, db, clock
):
    was = settings.attachment_keys[0]
    with write() as own:
        who = contracts.find_by_number(own, cast.BORIS)
        unsent_forms.save(own, f"s{who[1].id}", who[0].id, {"text": "Звонок"}, clock.now())
        exports.store(
            own,
            int(exports.request(own, who[1].id, who[0].id, clock.now()).id),
            [was],
            [b"PK one", b"two"],
            clock.now(),
        )
    settings.attachment_keys[:] = [was, NEW]
    done = CliRunner().invoke(commands.reseal, obj=SimpleNamespace(engine=engine, settings=settings))
    assert done.exit_code == 0, done.output
    filled = [one for one in SEALED if sealed_columns._page(db, one, None)]
    assert [(one.table, one.column) for one in SEALED if one not in filled] == [("staff", "invite_secret")]
    assert all(one.counted in done.output for one in filled) and "копий данных 1" in done.output
    settings.attachment_keys[:] = [NEW]
    db.rollback()
    assert not sealed_columns.count_unreadable(db, [NEW]) and not exports.count_unreadable(db, [NEW])
    assert b"".join(exports.read(db, [NEW], db.exec(select(exports.Export)).one())) == b"PK onetwo"
    assert panels.open_keys(db, [NEW]) == {"1234": bytes.fromhex(PANEL)}


def line(house) -> str:
    said = CliRunner().invoke(check.commands, obj=house).output
    return "\n".join(one for one in said.splitlines() if "секреты" in one)


def test_check_says_what_lies_in_clear_what_is_lost_and_what_is_well(
    clear, house, engine, settings, clock, write
):
    with write() as own:
        own.connection().exec_driver_sql("DELETE FROM secrets_cleaned")
    assert "лежат открыто 8" in line(house)
    sealed_columns.seal_all(engine, settings.attachment_keys)
    assert "litestar secrets clean" in line(house)
    done = CliRunner().invoke(commands.clean, obj=house)
    assert done.exit_code == 0 and "файл переписан" in done.output
    assert line(house).startswith("в порядке")
    was, settings.attachment_keys[:] = settings.attachment_keys[0], [NEW]
    assert line(house).startswith("ПЛОХО") and "привязанных карт 1" in line(house)
    settings.attachment_keys[:] = [was, NEW]
    assert line(house).startswith("в порядке")


def test_the_banks_word_is_read_by_the_operator_and_the_look_is_written_down(
    clear, house, engine, settings, db
):
    sealed_columns.seal_all(engine, settings.attachment_keys)
    done = CliRunner().invoke(commands.show, ["1"], obj=house)
    assert clear["callback"] in done.output
    assert db.exec(select(Note).where(Note.verb == "secrets.show")).one().actor == "system:console"
    assert CliRunner().invoke(commands.show, ["99"], obj=house).exit_code == 1


def test_the_former_name_of_the_command_still_works(app):
    from commands import attachments

    assert attachments.commands.commands["reseal"] is commands.reseal


def test_a_card_whose_key_is_lost_is_not_charged_and_not_given_up(
    clear, write, db, engine, settings, clock, till
):
    sealed_columns.seal_all(engine, settings.attachment_keys)
    with write() as own:
        row = own.exec(select(Autopay)).one()
        due = AutopayDue(
            autopay_id=row.id,
            contract_id=1,
            day=date(2026, 11, 23),
            charge_on=date(2026, 11, 23),
            amount=100,
            noticed_at=clock.now(),
        )
        own.add(due)
        own.flush()
        paying = Payment(
            contract_id=1,
            order="o2",
            payee="operator",
            amount=100,
            method="saved",
            purpose="x",
            key="k2",
            created_at=clock.now(),
        )
        own.add(paying)
        own.flush()
        own.add(
            AutopayTry(
                due_id=due.id, contract_id=1, day=due.day, number=0, payment_id=paying.id, at=clock.now()
            )
        )
        own.flush()
        assert autopay_charges.token_to_charge(own, paying) == clear["card"]
    settings.attachment_keys[:] = [NEW]
    row = banking.send_payment(db, till.sandbox, paying.id, clock.now(), settings)
    assert (row.state, row.sent_at) == ("created", None)


# Every column decided


WORDS = (
    "hash",
    "digest",
    "secret",
    "token",
    "seal",
    "password",
    "key",
    "code",
    "sign",
    "body",
    "raw",
    "page",
    "print",
    "text",
    "initial",
    "bound",
    "sha",
    "totp",
    "facts",
    "payload",
    "data",
)
# Digests of random values of 144 bits and more, argon2, and sealed pieces.
SAFE = {
    "subscriber.password_hash",
    "subscriber.initial_hash",
    "staff.password_hash",
    "staff.invite_hash",
    "session.token_hash",
    "registration.token_hash",
    "attachment_piece.data",
    "export_piece.data",
    "attachment.seal",
    "sending.digest",
    "sending.key",
    "code.digest",
    "code.bound_to",
    "device_token.token_hash",
    "device_token.session_hash",
}
# Not secrets: they open nothing. Names of things, public texts, what a person wrote to the desk, what lies
# beside its digest.
OPEN = {
    "acceptance.sha256",
    "attachment.key_id",
    "attachment.sha256",
    "export.key_id",
    "event.code",
    "event.raw",
    "journal.facts",
    "key_name.number",
    "payment.key",
    "payment.page",
    "receipt.sign",
    "refund.key",
    "request.fingerprint",
    "request.payload",
    "request_message.text",
    "subscriber.code",
    "waiting_event.code",
    "waiting_event.raw",
    "canned_answer.text",
    "notice.text",
}


def test_every_column_that_may_hold_a_secret_is_decided(engine):
    """A new column so named is put into `db.sealed_columns`, or said here to be safe or open."""
    kept = {f"{table}.{name}" for table, name in sealed_columns.NAMES}
    there = {
        f"{table.name}.{column.name}"
        for table in SQLModel.metadata.tables.values()
        for column in table.columns
        if any(word in column.name for word in WORDS)
        and not column.foreign_keys
        and (isinstance(column.type, LargeBinary) or column.type.python_type in (str, dict, bytes))
    }
    assert there - kept - SAFE - OPEN == set()


@engines.sqlite_only
def test_freed_bytes_are_zeroed(engine, write, clock):
    with engine.connect() as db:
        assert db.exec_driver_sql("PRAGMA secure_delete").scalar() == 1
    with write() as own:
        own.add(BankCallback(at=clock.now(), address="", body="слово, которого не станет"))
    with write() as own:
        own.connection().exec_driver_sql("DELETE FROM bank_call")
    with closing(sqlite3.connect(engine.url.database)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert "слово, которого не станет".encode() not in Path(engine.url.database).read_bytes()


def test_the_list_names_columns_that_are_there():
    for one in (*SEALED, *EMPTIED):
        assert {name for name in (one.column, one.clear, *one.marks) if name} <= set(
            one.rows.columns.keys()
        ) | {column.name for column in one.rows.columns}
=======
>>>>>>> main
