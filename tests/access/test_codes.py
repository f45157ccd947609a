"""A code, a signed form and a session's number are good in one session of one person, and die with it."""

import re

import pyotp
import pytest
from sqlalchemy import inspect, text
from sqlmodel import Session, SQLModel, col, func, select

from db import exports, open_engine, writing
from db.access import codes, sessions
from db.access.codes import Code
from db.access.sessions import SessionRow
from db.journal import Person
from db.migrations import run
from db.people import contracts
from tests.kit import cast, engines
from tests.people.test_settings import confirm

NEW = "+79995550011"


def six(words: str) -> str:
    return re.search(r"\d{6}", words)[0]


@pytest.fixture
def thief(enter):
    """Anna's own browser, Anna its only guest so far: what she asks for here she will try in a cabinet of
    another.
    """
    return enter(cast.ANNA)


def becomes_boris(browser):
    """The same browser and the same cookie jar, Boris' contract by his password alone, no code of his."""
    browser.get("/")
    browser.submit("/logout")
    browser.get("/login")
    assert browser.submit("/login", number=str(cast.BORIS), password=cast.PASSWORD).path == "/"


def test_a_code_sent_to_ones_own_phone_confirms_nothing_in_anothers_cabinet(thief, texts, db):
    thief.get("/settings/export")
    thief.submit("/confirm/send")
    mine = six(texts(to="+79211234567")[-1])
    becomes_boris(thief)
    assert thief.get("/settings/export").path == "/confirm"
    assert "code" in thief.submit("/confirm", status=422, code=mine).errors
    assert thief.get("/settings/export").path == "/confirm"
    thief.client.post("/settings/export", data=dict(thief.page.form("/logout").form_values()))
    assert exports.latest_export(db, contracts.find_by_number(db, cast.BORIS)[1].id) is None


def test_codes_sent_to_ones_own_phones_do_not_move_anothers_entry(thief, texts, db):
    thief.get("/settings/phone")
    thief.submit(phone=NEW)
    old, new = six(texts(to="+79211234567")[-1]), six(texts(to=NEW)[-1])
    becomes_boris(thief)
    token = dict(thief.page.form("/logout").form_values())
    thief.client.post("/settings/phone/codes", data=token | {"old": old, "new": new})
    assert contracts.find_by_number(db, cast.BORIS)[1].mobile == "+79217654321"


def test_the_page_of_codes_shows_nobody_elses_new_number(thief, texts):
    thief.get("/settings/phone")
    thief.submit(phone=NEW)
    becomes_boris(thief)
    assert thief.get("/settings/phone/codes").path == "/settings/phone"


def test_a_form_that_offers_an_application_is_no_use_in_anothers_cabinet(thief, write, clock, db):
    confirm(write, clock)
    page = thief.get("/settings/totp")
    sealed, secret = page.one("[name=sealed]").get("value"), page.one("b.code").text.replace(" ", "")
    becomes_boris(thief)
    confirm(write, clock, cast.BORIS)
    token = dict(thief.page.form("/logout").form_values())
    code = pyotp.TOTP(secret).at(clock.now())
    assert (
        thief.client.post("/settings/totp", data=token | {"sealed": sealed, "code": code}).status_code == 422
    )
    assert contracts.find_by_number(db, cast.BORIS)[1].has_totp is False


def test_a_code_of_one_session_is_not_anothers_even_of_the_same_number(db, write, clock, settings):
    """Numbers of rows may come again after a restore; the random value does not."""
    anna, boris = (contracts.find_by_number(db, number)[1].id for number in (cast.ANNA, cast.BORIS))
    mine = Person(session_id=1, kind="subscriber", id=anna, name="", binding="a" * 64)
    with write() as kept:
        sessions.start(kept, clock.now(), subscriber_id=anna)
        kept.flush()
        digits = codes.create_code(
            kept, settings.secrets, codes.session_binding("confirm", mine), clock.now()
        )
    for other in (
        Person(session_id=1, kind="subscriber", id=anna, name="", binding="b" * 64),
        Person(session_id=1, kind="subscriber", id=boris, name="", binding="a" * 64),
    ):
        with write() as kept:
            assert (
                codes.use_code(
                    kept, settings.secrets, codes.session_binding("confirm", other), digits, clock.now()
                )
                is None
            )
        assert codes.find_pending(db, codes.session_binding("confirm", other), clock.now()) is None
    with write() as kept:
        assert codes.use_code(
            kept, settings.secrets, codes.session_binding("confirm", mine), digits, clock.now()
        )


def test_a_binding_that_is_a_number_is_refused():
    with pytest.raises(ValueError, match="random"):
        codes.Binding("confirm", "7", 1)


def test_codes_die_with_their_session(anna, texts, db):
    anna.get("/settings/export")
    anna.submit("/confirm/send")
    assert db.exec(select(func.count()).select_from(Code)).one() == 1
    anna.submit("/logout")
    db.rollback()
    assert db.exec(select(func.count()).select_from(Code)).one() == 0


def test_leaving_on_the_other_device_ends_its_codes(anna, enter, texts, db):
    other = enter(cast.ANNA)
    other.get("/settings/export")
    other.submit("/confirm/send")
    anna.get("/devices")
    anna.submit("/devices/end")
    assert db.exec(select(func.count()).select_from(Code)).one() == 0


def test_the_digits_are_not_told_by_a_copy_of_the_file(db, write, clock, settings):
    """The digest is keyed by the settings' secret, which is not in the file; a changed secret locks nobody
    out.
    """
    binding = codes.Binding("login", "x" * 24, None)
    with write() as kept:
        digits = codes.create_code(kept, ["old secret"], binding, clock.now())
    row = db.exec(select(Code)).one()
    guesses = {
        binding.digest(secret, digits)
        for secret in ("", row.bound_to, binding.value, str(row.id), *settings.secrets)
    }
    assert row.digest not in guesses
    with write() as kept:
        assert codes.use_code(kept, ["old secret", "new secret"], binding, digits, clock.now())


def test_a_code_for_the_entry_opens_only_for_whom_it_was_sent_to(browser, write, texts, db):
    """The contract passes to another subscriber between the SMS and the form."""
    with write() as kept:
        for number in (cast.ANNA, cast.BORIS):
            contracts.find_by_number(kept, number)[1].entry = "sms"
    browser.get("/login/code")
    browser.submit("/login/code", number=str(cast.ANNA))
    mine = six(texts(to="+79211234567")[-1])
    with write() as kept:
        contract, new_owner = (
            contracts.find_by_number(kept, cast.ANNA)[0],
            contracts.find_by_number(kept, cast.BORIS)[1],
        )
        contract.subscriber_id = new_owner.id
        kept.add(contract)
    assert "code" in browser.submit(status=422, code=mine).errors


def test_a_moved_phone_voids_the_code_and_the_password_on_their_way_to_the_former_one(
    anna, visitor, write, texts, db
):
    with write() as kept:
        who = contracts.find_by_number(kept, cast.ANNA)[1]
        who.initial_hash, who.entry = cast._digest, "sms"
    waiting = visitor()
    waiting.get("/login/code")
    waiting.submit("/login/code", number=str(cast.ANNA))
    anna.get("/settings/phone")
    anna.submit(phone=NEW)
    anna.submit(old=six(texts(to="+79211234567")[-1]), new=six(texts(to=NEW)[-1]))
    assert contracts.find_by_number(db, cast.ANNA)[1].initial_hash is None
    assert db.exec(select(func.count()).select_from(Code)).one() == 0


def test_what_a_session_of_an_ended_number_asks_changes_no_other(db, write, clock):
    """A request that began in a session which ended meanwhile confirms nothing in the one that took its
    number.
    """
    anna = contracts.find_by_number(db, cast.ANNA)[1].id
    with write() as kept:
        sessions.start(kept, clock.now(), subscriber_id=anna)
        kept.flush()
        row = kept.exec(select(SessionRow).order_by(col(SessionRow.id).desc())).first()
        former = Person(session_id=row.id, kind="subscriber", id=anna, name="", binding="c" * 64)
        sessions.update_session(kept, former, confirmed_at=clock.now())
    db.rollback()
    assert db.exec(select(SessionRow.confirmed_at).where(SessionRow.id == row.id)).one() is None


# Tables whose rows are never deleted, so their numbers cannot come again.
STAY = {
    "acceptance",
    "alarm_note",
    "autopay",
    "autopay_due",
    "autopay_try",
    "canned_answer",
    "clock_shift",
    "contract",
    "correction",
    "debt_reckoning",
    "discrepancy",
    "export",
    "former_owner",
    "key",
    "key_try",
    "ledger_entry",
    "notice",
    "payment",
    "receipt",
    "reconciliation",
    "refund",
    "registry_import",
    "representative",
    "request",
    "request_message",
    "request_step",
    "restore",
    "secrets_cleaned",
    "service",
    "site",
    "staff",
    "station_source",
    "subscriber",
}
# Tables whose rows go, and whose number stands nowhere outside the row itself.
UNNAMED = {
    "attempt": "found by what was tried",
    "audit_seal": "the oldest go first, the newest stays",
    "denial": "found by the actor, the route and the hour",
    "key_challenge": "found by its try, the newest counts",
    "bank_call": "the oldest go first, the newest stays",
    "journal": "the oldest go first, the newest stays",
    "key_name": "found by the key and what it names",
    "registration": "found by its token",
    "search": "gone from the index in the same statement",
    "sending": "found by the form's key",
    "service_interval": "found by the service and its days",
    "service_price": "found by the service and its day",
    "staff_recovery_code": "found by its hash",
    "waiting_event": "found by number, time and event",
}


def numbered() -> dict:
    return {
        table.name: table
        for table in SQLModel.metadata.tables.values()
        if table.autoincrement_column is not None
    }


def test_of_each_table_it_is_known_whether_its_numbers_may_come_again():
    for name, table in numbered().items():
        once = table.dialect_options["sqlite"]["autoincrement"]
        assert once + (name in STAY) + (name in UNNAMED) == 1, name


def test_no_row_of_those_that_stay_is_deleted():
    from tests.test_layout import HOUSE

    code = "\n".join(
        path.read_text("utf-8")
        for room in ("db", "routes", "commands")
        for path in (HOUSE / room).rglob("*.py")
    )
    classes = {
        mapper.class_.__name__ for mapper in SQLModel._sa_registry.mappers if mapper.local_table.name in STAY
    }
    deleted = {name.rpartition(".")[2] for name in re.findall(r"\bdelete\(([\w.]+)", code)}
    assert not classes & deleted


@engines.sqlite_only
def test_the_file_itself_never_gives_such_a_number_again(engine, write, clock):
    once = {name for name, table in numbered().items() if table.dialect_options["sqlite"]["autoincrement"]}
    with engine.connect() as db:
        found = db.execute(
            text("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'")
        ).scalars()
        assert once == set(found)


def test_a_sessions_number_is_not_given_out_again(write, clock, db):
    with write() as kept:
        sessions.start(kept, clock.now(), subscriber_id=1)
        kept.flush()
        first = kept.exec(select(func.max(SessionRow.id))).one()
        sessions.end(kept, Person(session_id=first, kind="subscriber", id=1, name=""), first)
        sessions.start(kept, clock.now(), subscriber_id=1)
        kept.flush()
        assert kept.exec(select(func.max(SessionRow.id))).one() > first


@engines.sqlite_only
def test_a_file_of_before_keeps_all_it_had(tmp_path, clock):
    """Migrated from the revision before: every row, index and number stays, and a live session goes on."""
    from alembic import command
    from alembic.script import ScriptDirectory

    engine = open_engine(engines.fresh(tmp_path))
    told = run.config(engine, "chain_to_0024")
    ours = next(
        one
        for one in ScriptDirectory.from_config(told).walk_revisions()
        if one.path.endswith("_session_bindings.py")
    )
    command.upgrade(told, ours.down_revision)
    with engine.begin() as db:
        for line in BEFORE.strip().split("\n\n"):
            db.execute(text(line))
        before = {
            name: db.execute(text(f'SELECT * FROM "{name}" ORDER BY 1')).mappings().all() for name in FILLED
        }
        indexes = {name: {one["name"] for one in inspect(db).get_indexes(name)} for name in FILLED}
    run.migrate(engine)
    with engine.connect() as db:
        for name, rows in before.items():
            after = db.execute(text(f'SELECT * FROM "{name}" ORDER BY 1')).mappings().all()
            assert [dict(row) for row in rows] == [{key: row[key] for key in rows[0]} for row in after], name
            assert indexes[name] <= {one["name"] for one in inspect(db).get_indexes(name)}, name
        assert db.execute(text("SELECT count(*) FROM code")).scalar() == 0
    with Session(engine) as db, writing(db):
        row = db.get(SessionRow, 41)
        assert row.subscriber_id == 1 and row.stage == "open"
        sessions.end(db, Person(session_id=41, kind="subscriber", id=1, name=""), 41)
    engine.dispose()


FILLED = (
    "subscriber",
    "staff",
    "session",
    "request_draft",
    "attachment",
    "outbox",
    "payment_template",
    "watch",
    "added_key",
)
BEFORE = """
INSERT INTO subscriber (id, code, kind, name, entry, mobile)
  VALUES (1, 'P-1', 'person', 'Анна', 'password', '+79211234567')

INSERT INTO staff (id, login, name, role) VALUES (1, 'ada', 'Ада', 'admin')

INSERT INTO contract (id, number, subscriber_id, signed_on, address, unread)
  VALUES (1, 78000001, 1, '2024-01-01', 'д. 1', 0)

INSERT INTO session VALUES (41, X'0102', 'subscriber', 1, NULL, 1, 'open', 1, 1, NULL, 'Firefox', '', NULL)

INSERT INTO code VALUES (5, 'confirm', 'x', 1, 1, '', 'y', 1, 0, NULL)

INSERT INTO request_draft VALUES (9, 1, 1, 'refund', '{"sum": "5"}', 1, NULL)

INSERT INTO attachment
  VALUES (12, 1, 9, NULL, NULL, 'a.pdf', 'application/pdf', 3, 's', X'FF00', 'k', 1, 0, 1, NULL)

INSERT INTO attachment_piece VALUES (12, 1, X'00FF')

INSERT INTO outbox
  VALUES (77, 'sms', '+79211234567', NULL, 'Слова', 'notice', 1, 0, 'waiting', 0, 1, 1, NULL, NULL, NULL,
    NULL)

INSERT INTO payment_template
  VALUES (3, 1, 'Охрана', 'Анна', 'b', '1', 'д. 1', '2024-01-01', '2024-02-01', 'p', NULL, 1)

INSERT INTO watch VALUES (4, 1, '1', 'arm', 600, '12345', 'sms', 1, NULL)

INSERT INTO watch_warned VALUES (4, '2026-11-01', 1)

INSERT INTO key (id, number, contract_id, source) VALUES (2, '0001', 1, 'registry')

INSERT INTO added_key VALUES (8, 2, 1, 'Дом', 'verified', 1)
"""
