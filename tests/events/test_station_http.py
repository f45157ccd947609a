"""`POST /station/events`: signed, on time, at most a thousand, each item answered, nothing said before it is
kept.
"""

import json
import threading
from datetime import timedelta

import pytest
from litestar.testing import TestClient
from sqlalchemy import event

from db.events import events, station, waiting_events
from gateways.station import signed
from tests.kit import cast, engines


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"station_secrets": {"main": ["new", "old"], "spare": ["third"]}})


@pytest.fixture
def key(db):
    from db.events import keys
    from db.people import contracts

    contract, _ = contracts.find_by_number(db, cast.ANNA)
    found = keys.registered_keys(db, contract.id)[0]
    db.expunge(found)
    db.rollback()  # end the snapshot: what is sent later is to be seen
    return found


@pytest.fixture
def send(app, clock):
    client = TestClient(app, base_url="http://testserver")

    def post(items, *, secret="new", source="main", ago=0, body=None, **headers):
        body = json.dumps({"events": items}).encode() if body is None else body
        stamp = str(int(clock.now().timestamp()) - ago)
        headers = {
            "x-station": source,
            "x-timestamp": stamp,
            "x-signature": signed.sign(secret, stamp, body),
        } | headers
        return client.post(
            "/station/events", content=body, headers=headers | {"content-type": "application/json"}
        )

    return post


@pytest.fixture
def item(key, clock):
    def make(**more):
        return {"key": key.number, "at": clock.now().isoformat(), "code": "3401", "who": "1"} | more

    return make


def results(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [each["result"] for each in answer.json()["results"]]


def test_takes_a_batch_once(send, item, db, key, clock):
    assert results(send([item(id="1"), item(id="2", code="1130")])) == ["taken", "taken"]
    assert results(send([item(id="1"), item(id="2", code="1130")])) == ["duplicate", "duplicate"]
    since, until = clock.now() - timedelta(hours=1), clock.now() + timedelta(hours=1)
    assert {row.code for row in events.event_page(db, [key.id], since, until)} == {"R401", "E130"}


@pytest.mark.parametrize("secret", ["new", "old"])
def test_both_secrets_sign_while_they_are_changed(send, item, secret):
    assert results(send([item()], secret=secret)) == ["taken"]


@pytest.mark.parametrize(
    "forged",
    [
        {"secret": "guess"},
        {"secret": "third"},
        {"source": "nobody"},
        {"ago": 301},
        {"ago": -301},
        {"x-signature": ""},
        {"x-timestamp": "soon"},
    ],
    ids=str,
)
def test_refuses_what_is_forged_or_old(send, item, db, forged):
    assert send([item()], **forged).status_code == 401
    assert station.sources(db) == []


def test_a_replay_within_the_window_adds_nothing(send, item, db, key, clock):
    body = json.dumps([item()]).encode()
    assert results(send(None, body=body)) == ["taken"]
    assert results(send(None, body=body)) == ["duplicate"]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"events": 1}', b"[" * 5000])
def test_refuses_what_is_no_batch(send, body):
    assert send(None, body=body).status_code == 422


def test_refuses_more_than_a_thousand(send, item):
    assert send([item()] * 1001).status_code == 422


def test_refuses_ten_megabytes(send):
    assert send(None, body=b" " * 10_000_000).status_code == 413


def test_each_bad_item_is_told_why_and_the_good_ones_are_taken(send, item):
    answer = send(
        [item(), None, {"at": "soon"}, item(key="000000"), item(key="", code="1130"), item(code="??")]
    )
    assert results(answer) == ["taken", "refused", "refused", "waiting", "waiting", "taken"]
    assert all(each["reason"] for each in answer.json()["results"][1:3])


def test_unknown_and_missing_keys_wait_for_the_desk(send, item, db):
    send([item(key="000000", code="1130"), item(key="", code="1110")])
    assert {(row.number, row.code) for row in waiting_events.list_waiting(db)} == {
        ("000000", "E130"),
        ("?", "E110"),
    }


def test_an_empty_batch_is_a_heartbeat(send, db, clock):
    assert results(send([])) == []
    assert station.last_contact(db) == clock.now()


def test_a_locked_file_is_waited_for_and_nothing_is_said_before(send, item, settings):
    lock = engines.locked(settings)
    released = threading.Event()

    def release():
        released.set()
        lock.rollback()

    threading.Timer(5, release).start()
    assert results(send([item()])) == ["taken"]
    assert released.is_set()
    lock.close()


def test_a_file_that_stays_locked_is_an_honest_503(send, item, settings, app):
    lock = engines.locked(settings)
    if not engines.SERVER:  # whose own patience is ten seconds too
        event.listen(app.state.engine, "connect", lambda raw, _: raw.execute("PRAGMA busy_timeout=100"))
    app.state.engine.dispose()
    answer = send([item()])
    lock.rollback()
    lock.close()
    assert answer.status_code == 503 and answer.headers["retry-after"]
    assert results(send([item()])) == ["taken"]
