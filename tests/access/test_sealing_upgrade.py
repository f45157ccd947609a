"""Secrets that an earlier release left in clear are sealed, and every sealed column follows a change of
keys.
"""

import json
from datetime import date
from types import SimpleNamespace

import pyotp
import pytest
from click.testing import CliRunner
from sqlmodel import select

import jobs
from commands import check
from commands import secrets as commands
from db import exports, outbox, sealed_columns
from db.access import staff, unsent_forms
from db.access.staff import RecoveryCode
from db.events import panels
from db.journal import Note
from db.outbox import Message
from db.payments import autopay, autopay_charges, banking
from db.payments.autopay import Autopay, AutopayDue, AutopayTry
from db.payments.callbacks import BankCallback
from db.payments.payments import Payment
from db.people import contracts
from db.sealed_columns import SEALED, STAND_IN
from rules.access import totp
from tests.kit import cast
from tests.kit.secret_flows import NEW, PANEL, held, house, sent, till, told, used  # noqa: F401 - fixtures
from tests.kit.staff_sign_in_steps import console, enrolled, link, olga  # noqa: F401 - fixtures

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
