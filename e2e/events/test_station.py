"""From a panel's wire to the subscriber's screen and phone, with a panel that is not ours (my-dc09-spt)."""

import asyncio
import contextlib
import os
import threading

import pytest
from my_dc09_spt import dc09_spt
from playwright.sync_api import expect
from sqlmodel import Session, select

import station
from db import outbox, writing
from db.clock import Clock
from db.events import keys
from db.people import contracts, services
from e2e.conftest import free_port
from rules import days
from tests.kit import cast

SECRET = b"0123456789abcdef"
MOBILE = "+79211234567"


@pytest.fixture
def receiver(house):
    """`station listen` beside the running cabinet; its port."""
    desk, port, loop = (
        station.PanelListener(house.engine, Clock(), {"00010": SECRET}),
        free_port(),
        asyncio.new_event_loop(),
    )
    up = threading.Event()

    async def main():
        ready = asyncio.Event()
        task = asyncio.create_task(station.listen(desk, station.Ports("127.0.0.1", port, 0), ready=ready))
        await ready.wait()
        up.set()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    thread = threading.Thread(target=lambda: loop.run_until_complete(main()), daemon=True)
    thread.start()
    assert up.wait(5)
    yield port
    for task in asyncio.all_tasks(loop):
        loop.call_soon_threadsafe(task.cancel)
    thread.join(5)


@pytest.fixture
def told(house):
    """Anna's key is open to her, and SMS-информирование is paid for."""
    now = Clock().now()
    with Session(house.engine) as db, writing(db):
        contract, _ = contracts.find_by_number(db, cast.ANNA)
        keys.open_key(db, keys.find_by_number(db, "00010"), contract.id, "", "registry", now)
        service = services.Service(contract_id=contract.id, kind="sms", tariff="SMS", mobile=MOBILE)
        db.add(service)
        db.flush()
        db.add(services.ServiceInterval(service_id=service.id, state="active", first=days.today(now)))


def test_from_the_wire_to_the_feed_and_the_phone(told, receiver, anna, house, javascript):
    panel = dc09_spt.dc09_spt("00010", line=0)
    panel.set_path("main", "primary", "127.0.0.1", receiver, account="00010", key=SECRET, line=0, type="TCP")
    panel.send_msg("ADM-CID", {"account": "00010", "code": 401, "q": 3, "user": 1})
    anna.goto("/events")
    expect(anna.get_by_text("Под охраной").first).to_be_visible()
    panel.send_msg("ADM-CID", {"account": "00010", "code": 130, "q": 1, "zone": 3})
    if not javascript:
        anna.reload()
    expect(anna.locator("main").get_by_text("проникновение").first).to_be_visible(timeout=20_000)
    if folder := os.environ.get("CABINET_SHOTS"):
        anna.screenshot(path=f"{folder}/wire-{'js' if javascript else 'plain'}.png", full_page=True)
    expect_sent(house, "Тревога: проникновение. Квартира, зона 3")
    expect_sent(house, "Под охраной: Квартира, польз. 1")


def expect_sent(house, words: str) -> None:
    """The jobs of the running cabinet handed it over within two seconds."""
    for _ in range(100):
        with Session(house.engine) as db:
            found = db.exec(select(outbox.Message).where(outbox.Message.kind == "event")).all()
        if any(words in row.text and row.sent_at for row in found):
            assert all(len(row.text) < 70 and row.to == MOBILE for row in found)
            return
        threading.Event().wait(0.02)
    raise AssertionError([row.text for row in found])
