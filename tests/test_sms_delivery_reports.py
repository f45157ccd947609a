"""What the HTTP gateway tells of a message is believed when signed, kept once, and seen at the desk."""

import json

import pytest

from db import outbox
from rules import sms_delivery_reports as rule

SECRET = "the gateway's own key"


@pytest.fixture
def message(write, clock, settings):
    """One SMS the gateway took as number g-1."""
    settings.sms_gateway, settings.sms_secret = "http", SECRET
    with write() as db:
        row = outbox.put(db, "sms", "+79211234567", "Тревога", kind="event", now=clock.now())
        db.flush()
        outbox.record_outcome(db, row, "", clock.now(), gateway_id="g-1")
        return row.id


@pytest.fixture
def tell(browser, clock):
    def send(body_text, status=200, secret=SECRET, ago=0, raw=None):
        body = raw if raw is not None else json.dumps(body_text).encode()
        stamp = str(int(clock.now().timestamp()) - ago)
        heads = {"x-timestamp": stamp, "x-signature": rule.sign(secret, stamp, body)}
        answer = browser.client.post("/callbacks/sms", content=body, headers=heads)
        assert answer.status_code == status, answer.text
        return answer

    return send


def stored(db, message):
    db.rollback()
    return db.get(outbox.Message, message)


def test_a_delivered_message_is_marked_once(tell, message, db, clock):
    tell({"message_id": "g-1", "status": "Delivered"})
    first = stored(db, message).delivered_at
    clock.forward(minutes=1)
    tell([{"message_id": "g-1", "status": "delivered"}, {"message_id": "stranger", "status": "delivered"}])
    assert first == stored(db, message).delivered_at


def test_a_lost_one_is_dead_for_the_desk_to_see(tell, message, db, enter):
    tell({"message_id": "g-1", "status": "undelivered"})
    assert stored(db, message).state == "dead"
    assert "Не доставлено" in enter("egor").get("/staff/work").text


def test_what_is_still_on_its_way_changes_nothing(tell, message, db):
    tell({"message_id": "g-1", "status": "sent"})
    assert stored(db, message).state == "sent" and stored(db, message).delivered_at is None


def test_forged_or_old_or_unasked_is_refused(tell, message, db, settings):
    body_text = {"message_id": "g-1", "status": "delivered"}
    tell(body_text, 401, secret="another")
    tell(body_text, 401, ago=301)
    settings.sms_secret = ""
    tell(body_text, 401, secret="")
    settings.sms_gateway, settings.sms_secret = "smpp", SECRET
    tell(body_text, 401)
    assert stored(db, message).delivered_at is None


@pytest.mark.parametrize("raw", [b"", b"{", b"5", b'"x"', b"[1]", b"\xff", b"[" * 100_000])
def test_what_is_no_receipt_is_said_so(tell, message, raw):
    tell(None, 422, raw=raw)
