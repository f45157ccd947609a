"""SMPP and HTTP gateways against an SMS centre and a web gateway of the tests' own."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from gateways.sms_http import HttpGateway
from gateways.sms_smpp import SmppConnection, SmppServer
from tests.kit import smsc

ANNA = "+79211234567"
TEXT = "12:00 Тревога: проникновение. Квартира, зона 3"


@pytest.fixture
def centre():
    running = smsc.Centre()
    yield running
    running.close()


@pytest.fixture
def line(centre):
    line = SmppConnection(SmppServer("127.0.0.1", centre.port, "cabinet", "secret", "Rosohrana"))
    yield line
    line.close()


def until(true, seconds=5):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "did not happen"
        time.sleep(0.01)


def test_a_message_arrives_in_cyrillic_and_in_one_part(centre, line):
    (outcome,) = line.send([(ANNA, TEXT)])
    assert outcome == ("00000001", "", False)
    assert centre.received == [("79211234567", TEXT, 8)]


def test_a_long_message_arrives_in_parts(centre, line):
    (outcome,) = line.send([(ANNA, TEXT * 3)])
    assert outcome[1] == "" and "".join(text for _, text, _ in centre.received) == TEXT * 3


def test_the_receipt_is_matched_by_the_centre_s_number(centre, line):
    ((number, _, _),) = line.send([(ANNA, TEXT)])
    found = []
    until(lambda: found.extend(line.delivery_reports()) or found)
    assert found == [(number, True)]
    centre.receipt = "UNDELIV"
    ((number, _, _),) = line.send([(ANNA, TEXT)])
    found.clear()
    until(lambda: found.extend(line.delivery_reports()) or found)
    assert found == [(number, False)]


def test_one_refused_message_does_not_stop_the_others(centre, line):
    centre.statuses = [0, 0x08, 0x0B, 0]
    outcomes = line.send([(ANNA, str(n)) for n in range(4)])
    assert [(bool(number), permanent) for number, _, permanent in outcomes] == [
        (True, False),
        (False, False),
        (False, True),
        (True, False),
    ]
    assert [text for _, text, _ in centre.received] == ["0", "3"]


def test_a_part_the_centre_wants_slower_goes_again_alone(centre, line, monkeypatch):
    monkeypatch.setattr("gateways.sms_smpp.THROTTLE_PAUSE", 0.01)
    centre.statuses = [0, 0x58, 0x14, 0, 0x58]
    (outcome,) = line.send([(ANNA, TEXT * 3)])
    assert outcome[1] == "" and len(centre.received) == 3
    assert sorted(text for _, text, _ in centre.received) == sorted(
        (TEXT * 3)[n : n + 67] for n in (0, 67, 134)
    )


def test_a_centre_that_stays_busy_is_believed(centre, line, monkeypatch):
    monkeypatch.setattr("gateways.sms_smpp.THROTTLE_PAUSE", 0.01)
    centre.statuses = [0x58] * 50
    ((number, error, permanent),) = line.send([(ANNA, TEXT)])
    assert (number, permanent) == ("", False) and "0x58" in error


def test_what_was_answered_before_the_line_broke_is_not_sent_again(centre, line):
    centre.cut_after = 3
    outcomes = line.send([(ANNA, str(n)) for n in range(25)])
    assert [bool(number) for number, *_ in outcomes] == [True] * 3 + [False] * 22
    assert all(error and not permanent for _, error, permanent in outcomes[3:])


def test_over_tls_the_centre_s_certificate_is_checked(tmp_path, monkeypatch):
    safe = smsc.Centre(certificate=smsc.certificate(tmp_path))
    line = SmppConnection(SmppServer("127.0.0.1", safe.port, "cabinet", "secret", "Rosohrana", tls=True))
    ((number, error, _),) = line.send([(ANNA, TEXT)])
    assert not number and "certificate" in error.lower()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "centre.pem"))
    assert line.send([(ANNA, TEXT)]) == [("00000001", "", False)]
    line.close()
    safe.close()


def test_a_hundred_go_over_one_line(centre, line):
    outcomes = line.send([(ANNA, str(n)) for n in range(100)])
    assert all(number for number, _, _ in outcomes)
    assert [text for _, text, _ in centre.received] == [str(n) for n in range(100)] and len(centre.lines) == 1


def test_a_broken_line_is_an_error_to_try_again_and_then_bound_anew(centre, line):
    line.send([(ANNA, "first")])
    centre.cut()
    ((number, error, permanent),) = line.send([(ANNA, "second")])
    assert (number, permanent) == ("", False) and error
    ((number, error, _),) = line.send([(ANNA, "second")])
    assert number and not error


def test_a_centre_that_is_not_there_is_an_error_to_try_again(centre, line):
    centre.close()
    assert (
        line.send([(ANNA, "x"), (ANNA, "y")])
        == [("", "ConnectionRefusedError: [Errno 111] Connection refused", False)] * 2
    )
    assert line.delivery_reports() == []


def test_a_silent_centre_is_given_up(centre, line, monkeypatch):
    monkeypatch.setattr("gateways.sms_smpp.DEADLINE", 0.2)
    centre.hang = True
    ((number, error, permanent),) = line.send([(ANNA, "x")])
    assert not number and error and not permanent


@pytest.fixture
def web():
    class Gateway(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            seen.append((self.headers["authorization"], body))
            status = statuses.pop(0) if statuses else 200
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps({"message_id": str(len(seen))}).encode())

        def log_message(self, *_):
            pass

    seen, statuses = [], []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.seen, server.statuses = seen, statuses
    yield server
    server.shutdown()
    server.server_close()


def test_http_carries_the_key_the_number_and_the_text(web):
    post = HttpGateway(f"http://127.0.0.1:{web.server_port}/send", "secret", "Rosohrana")
    assert post.send([(ANNA, TEXT)]) == [("1", "", False)]
    words = {"number": "Rosohrana", "destination": "79211234567", "text": TEXT}
    assert web.seen == [("Bearer secret", words)]


@pytest.mark.parametrize(
    ("status", "permanent"), [(400, True), (401, False), (429, False), (500, False), (503, False)]
)
def test_http_errors_are_for_ever_only_when_they_are_about_the_message(web, status, permanent):
    web.statuses.append(status)
    post = HttpGateway(f"http://127.0.0.1:{web.server_port}/send", "secret", "Rosohrana")
    assert post.send([(ANNA, TEXT)]) == [("", f"HTTP {status}", permanent)]


def test_http_that_is_down_is_tried_again():
    assert HttpGateway("http://127.0.0.1:9/send", "secret", "Rosohrana").send([(ANNA, TEXT)]) == [
        ("", "ConnectError", False)
    ]
