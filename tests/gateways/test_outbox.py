"""Outgoing messages: urgent first, tried again, given up, never sent by two at once."""

import threading
from datetime import timedelta

import pytest
from sqlmodel import Session

import jobs
from db import outbox
from gateways import outgoing, sms
from tests.kit import smsc

MOBILE = "+79211234567"


@pytest.fixture
def centre():
    running = smsc.Centre()
    yield running
    running.close()


@pytest.fixture
def settings(settings, centre):
    return settings.model_copy(update={"sms_gateway": "smpp", "sms_server": f"127.0.0.1:{centre.port}"})


@pytest.fixture
def put(write, clock):
    def one(words, **more):
        with write() as db:
            row = outbox.put(db, "sms", MOBILE, words, kind="event", now=clock.now(), **more)
            db.flush()
            return row.id

    return one


@pytest.fixture
def send(engine, settings, clock):
    return lambda: jobs.send_outbox(engine, settings, clock.now())


@pytest.fixture
def row(engine):
    def read(message_id):
        with Session(engine) as db:
            return db.get(outbox.Message, message_id)

    return read


def test_alarms_go_before_all_others(put, send, centre):
    put("снятие"), put("тревога", urgent=True), put("постановка")
    send()
    assert [text for _, text, _ in centre.received] == ["тревога", "снятие", "постановка"]


def test_an_alarm_put_meanwhile_waits_for_twenty_at_most(put, send, centre, clock, monkeypatch):
    plain = outgoing.send_messages

    def hand_over(messages, settings):
        if not centre.received:
            clock.forward(milliseconds=1)
            put("тревога", urgent=True)
        return plain(messages, settings)

    monkeypatch.setattr(outgoing, "send_messages", hand_over)
    for n in range(45):
        put(str(n))
    send()
    assert [text for _, text, _ in centre.received].index("тревога") == 20 and len(centre.received) == 46


def test_what_was_sent_is_not_sent_again(put, send, centre, row, clock):
    message = put("тревога")
    send(), send()
    assert len(centre.received) == 1
    assert row(message).state == "sent" and row(message).gateway_id and row(message).sent_at >= clock.now()


def test_the_phone_s_receipt_is_kept(put, send, row):
    message = put("тревога")
    for _ in range(200):
        send()
        if row(message).delivered_at:
            return
        threading.Event().wait(0.01)
    raise AssertionError("no receipt")


def test_a_message_the_network_lost_is_for_the_desk(put, send, row, centre):
    centre.receipt = "UNDELIV"
    message = put("тревога")
    for _ in range(200):
        send()
        if row(message).state == "dead":
            return
        threading.Event().wait(0.01)
    raise AssertionError(row(message).state)


def test_a_refused_number_is_given_up_at_once_and_may_be_sent_again(put, send, row, centre, write, clock, db):
    centre.statuses = [0x0B]
    message = put("тревога")
    send()
    assert row(message).state == "dead" and [dead.id for dead in outbox.dead_messages(db)] == [message]
    with write() as other:
        assert outbox.retry_dead(other, message, clock.now())
    send()
    assert row(message).state == "sent"


def test_a_gateway_down_for_an_hour_loses_nothing(put, send, row, centre, clock):
    message = put("тревога", urgent=True)
    port = centre.port
    centre.close()
    for _ in range(60):
        send()
        clock.forward(minutes=1)
    assert row(message).state == "waiting" and row(message).tries == 5
    again = smsc.Centre(port)
    clock.forward(hours=1)
    send()
    assert row(message).state == "sent" and len(again.received) == 1
    again.close()


def test_after_the_last_try_it_is_for_the_desk(put, send, row, centre, clock):
    message = put("тревога")
    centre.close()
    for _ in range(len(outbox.PAUSES) + 1):
        send()
        clock.forward(hours=5)
    assert row(message).state == "dead" and row(message).error


def test_two_senders_never_send_one(put, engine, settings, clock, centre, monkeypatch):
    for n in range(60):
        put(str(n))
    threads = [
        threading.Thread(target=jobs.send_outbox, args=(engine, settings, clock.now())) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(int(text) for _, text, _ in centre.received) == list(range(60))


def test_what_a_dead_sender_took_is_given_back(put, write, send, centre, clock):
    message = put("тревога")
    with write() as db:
        assert outbox.claim(db, [message], clock.now())
    send()
    assert centre.received == []
    clock.forward(minutes=3)
    with write() as db:
        outbox.requeue(db, clock.now())
    send()
    assert len(centre.received) == 1


def test_the_schedule_gives_back_what_a_dead_sender_took(put, write, row, clock, engine, settings):
    message = put("тревога")
    with write() as db:
        assert outbox.claim(db, [message], clock.now())
    clock.forward(minutes=3)
    name, often, job = next(each for each in jobs.SCHEDULE if each[2] is outbox.requeue_abandoned)
    assert often <= 60 and jobs.run_job(engine, settings, clock.now(), name, job)
    assert row(message).state == "waiting"


def test_a_clock_set_back_holds_no_message_until_its_hour_comes_again(put, send, centre, write, clock):
    put("тревога")
    taken = put("снятие")
    with write() as db:
        assert outbox.claim(db, [taken], clock.now())
    clock.forward(hours=-6)
    with write() as db:
        outbox.requeue(db, clock.now())
    send()
    assert sorted(text for _, text, _ in centre.received) == ["снятие", "тревога"]


def test_a_gateway_that_breaks_is_an_error_and_not_a_stop(put, send, row, monkeypatch):
    monkeypatch.setattr(sms, "send", lambda *_: 1 / 0)
    message = put("тревога")
    send()
    assert row(message).state == "waiting" and row(message).error == "ZeroDivisionError"


def test_what_is_held_waits_for_its_hour(put, send, centre, write, clock):
    message = put("постановка")
    with write() as db:
        db.get(outbox.Message, message).not_before = clock.now() + timedelta(hours=6)
    send()
    assert centre.received == []
    clock.forward(hours=6)
    send()
    assert len(centre.received) == 1
