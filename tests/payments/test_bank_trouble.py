"""A bank that hangs, drips, is down or talks nonsense: silence, said within the deadline, never «not
paid».
"""

import socket
import threading
import time

import httpx
import pytest

from gateways.yookassa import YooKassa
from rules.payments.banking import BankRefused, BankSilent, PaymentOrder

ORDER = PaymentOrder("17", 100, "Договор", return_url="https://cabinet.example/")
SHOPS = {"operator": ("1", "k")}
GOOD = '{"id":"1","status":"pending","amount":{"value":"1.00","currency":"RUB"}}'


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    monkeypatch.setattr("gateways.yookassa.PAUSES", (0.0, 0.01, 0.02))


def whole(status: int, body: str, kind: str = "application/json", length: int | None = None) -> bytes:
    told = (
        f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {length or len(body)}\r\n\r\n{body}"
    )
    return told.encode()


def served(answer) -> tuple[YooKassa, list[bytes]]:
    """A driver asking a socket that hands each connection to `answer`; and what it was sent."""
    heard: list[bytes] = []
    door = socket.create_server(("127.0.0.1", 0))

    def one(line: socket.socket) -> None:
        with line:
            heard.append(line.recv(65536))
            try:
                answer(line)
            except OSError:
                pass

    def forever() -> None:
        while True:
            threading.Thread(target=one, args=(door.accept()[0],), daemon=True).start()

    threading.Thread(target=forever, daemon=True).start()
    return YooKassa(SHOPS, f"http://127.0.0.1:{door.getsockname()[1]}/v3", deadline=1.5), heard


def hang(line: socket.socket) -> None:
    """Read whatever comes, answer nothing."""
    while line.recv(65536):
        pass


def drip(line: socket.socket, sent: list[int]) -> None:
    for byte in whole(200, " " * 900 + GOOD):
        line.sendall(bytes([byte]))
        sent.append(byte)
        time.sleep(0.05)  # a bank at twenty bytes a second is what the test is about


def test_a_bank_that_hangs_is_asked_no_more_once_the_deadline_is_over():
    """Half the deadline is a try's own, so two tries take the whole of it, and there are three pauses."""
    bank, heard = served(hang)
    with pytest.raises(BankSilent):
        bank.create(ORDER, "k1")
    assert len(heard) <= 2


def test_a_bank_that_drips_is_left_at_the_deadline():
    """Bytes are counted, not seconds: a slow machine sends fewer of them."""
    sent: list[int] = []
    bank, _ = served(lambda line: drip(line, sent))
    with pytest.raises(BankSilent):
        bank.create(ORDER, "k1")
    assert len(sent) <= 50  # two and a half seconds of them, of fifty


NONSENSE = {
    "a page": whole(200, "<html>maintenance</html>", "text/html"),
    "a bad gateway": whole(502, "<html></html>", "text/html"),
    "a page of no right": whole(403, "<html></html>", "text/html"),
    "a list": whole(200, "[1, 2]"),
    "nothing known": whole(200, "{}"),
    "a strange state": whole(200, GOOD.replace("pending", "weird")),
    "a strange amount": whole(200, GOOD.replace("1.00", "abc")),
    "a torn text": whole(200, GOOD[:20]),
    "a torn line": whole(200, GOOD, length=5000),
    "a page that is a script": whole(
        200, GOOD[:-1] + ',"confirmation":{"confirmation_url":"javascript:alert(1)"}}'
    ),
    "still thinking": whole(202, '{"type":"processing"}'),
    "too often": whole(429, '{"type":"error","code":"too_many_requests"}'),
}


@pytest.mark.parametrize("said", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_is_silence(said):
    bank, _ = served(lambda line: line.sendall(said))
    with pytest.raises(BankSilent):
        bank.create(ORDER, "k1")


def test_a_bank_that_is_down_is_silence():
    with pytest.raises(BankSilent):
        YooKassa(SHOPS, "http://127.0.0.1:1/v3", deadline=2).status("17")


def test_every_try_carries_the_same_key():
    bank, heard = served(lambda line: line.sendall(NONSENSE["a bad gateway"]))
    with pytest.raises(BankSilent):
        bank.create(ORDER, "k1")
    assert len(heard) == 3 and all(b"idempotence-key: k1" in each.lower() for each in heard)


def test_comes_through_when_the_bank_wakes():
    told = iter([NONSENSE["a bad gateway"], whole(200, GOOD)])
    bank, _ = served(lambda line: line.sendall(next(told)))
    assert bank.create(ORDER, "k1").bank_id == "1"


def test_a_plain_no_is_not_repeated():
    bank, heard = served(lambda line: line.sendall(whole(400, '{"type":"error","code":"invalid_request"}')))
    with pytest.raises(BankRefused):
        bank.create(ORDER, "k1")
    assert len(heard) == 1


def test_an_id_cannot_lead_elsewhere():
    def never(request: httpx.Request) -> httpx.Response:
        raise AssertionError(request.url)

    with pytest.raises(BankRefused):
        YooKassa(SHOPS, transport=never).status("../refunds/1")


def test_so_many_threads_may_wait_for_the_bank_and_no_more(monkeypatch):
    lines = threading.BoundedSemaphore(1)
    monkeypatch.setattr("gateways.yookassa._slots", lines)
    bank, heard = served(lambda line: line.sendall(whole(200, GOOD)))
    with lines, pytest.raises(BankSilent, match="too many"):
        bank.status("1")
    assert heard == [] and bank.status("1").bank_id == "1"
