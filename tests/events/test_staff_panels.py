"""AES keys of panels: registered by the engineer, sealed in the file, obeyed by the receiver, written into
the journal.
"""

import asyncio

import pytest
from sqlmodel import Session, SQLModel, select

import station
from db.clock import Clock
from db.events import keys, panels
from db.journal import Note
from tests.events.test_gateway_station import frame, sealed

KEY = "30313233343536373839616263646566"
PLAIN = frame(b'"ADM-CID"0001L0#1234[#1234|3401 00 001]')


@pytest.fixture
def egor(enter):
    browser = enter("egor")
    browser.get("/staff/panels")
    return browser


@pytest.fixture
def answer(engine, settings, write, monkeypatch):
    """What the receiver says to one frame of a key the registry knows."""
    with write() as db:
        db.add(keys.SiteKey(number="1234", contract_id=1))
    monkeypatch.setattr(station, "KEYS_MAX_AGE", -1)  # ask the desk before every frame
    desk = station.PanelListener(engine, Clock(), {}, settings.attachment_keys)

    async def ask(raw: bytes) -> bytes | None:
        desk.frames = station.AsyncGroupCommit(desk.store_frames)
        writer = asyncio.create_task(desk.frames.run())
        try:
            return await desk.dc09(raw)
        finally:
            writer.cancel()

    return lambda raw: asyncio.run(ask(raw)) or b""


def ciphered() -> bytes:
    return sealed(b"ADM-CID", b"1234", b"#1234|3401 00 001", bytes.fromhex(KEY), Clock().now())


def test_a_registered_panel_is_heard_under_its_cipher_and_refused_in_plain(egor, answer):
    assert b'"ACK"' in answer(PLAIN)
    assert b'"DUH"' in answer(ciphered())
    egor.submit("/staff/panels", number="12 34", digits=KEY.upper())
    assert b'"*ACK"' in answer(ciphered())
    assert b'"DUH"' in answer(PLAIN)


def test_a_removed_key_is_forgotten_at_once(egor, answer):
    egor.submit("/staff/panels", number="1234", digits=KEY)
    assert b'"DUH"' in answer(PLAIN)
    egor.get("/staff/panels")
    egor.get("/staff/panels/1234/remove")
    egor.submit("/staff/panels/1234/remove")
    assert b'"ACK"' in answer(PLAIN)


def test_the_key_lies_sealed_and_is_never_shown_or_journalled(egor, settings, engine):
    page = egor.submit("/staff/panels", number="AB12", digits=KEY)
    assert "AB12" in page.text and "128 бит" in page.text and KEY not in page.source
    with Session(engine) as db:
        rows = [row for table in SQLModel.metadata.sorted_tables for row in db.execute(select(table))]
    dump = "\n".join(one.hex() if isinstance(one, bytes) else str(one) for row in rows for one in row).lower()
    assert KEY not in dump and bytes.fromhex(KEY).hex() not in dump and "ab12" in dump
    with Session(engine) as db:
        assert panels.open_keys(db, settings.attachment_keys) == {"AB12": bytes.fromhex(KEY)}
        (note,) = db.exec(select(Note).where(Note.verb == "panels.key"))
        assert KEY not in str(note)


def test_a_seal_that_left_the_settings_opens_nothing_and_lets_nothing_in_plain(
    egor, engine, answer, settings
):
    egor.submit("/staff/panels", number="1234", digits=KEY)
    settings.attachment_keys[:] = ["b3RoZXIga2V5IG90aGVyIGtleSBvdGhlciBrZXkgMTI="]
    assert b'"DUH"' in answer(PLAIN) and b'"DUH"' in answer(ciphered())


@pytest.mark.parametrize(
    ("number", "digits", "field"),
    [
        ("", KEY, "number"),
        ("12G4", KEY, "number"),
        ("1234", "", "digits"),
        ("1234", KEY[:-2], "digits"),
        ("1234", "ы" * 32, "digits"),
        ("1234", "0" * 64, "digits"),
    ],
)
def test_what_is_no_key_is_said_at_its_field_and_the_key_is_not_repeated(egor, number, digits, field):
    page = egor.submit("/staff/panels", number=number, digits=digits, status=422)
    assert field in page.errors and (not digits or digits not in page.source)


def test_what_another_removed_is_not_found(egor, enter):
    egor.submit("/staff/panels", number="9999", digits=KEY)
    ada = enter("ada")
    ada.get("/staff/panels/9999/remove")
    egor.get("/staff/panels/9999/remove")
    ada.submit("/staff/panels/9999/remove")
    egor.submit("/staff/panels/9999/remove", status=404)
