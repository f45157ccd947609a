"""Three clients of one sandbox bank: our driver in-process, our driver over HTTP, and the official SDK."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import httpx
import yookassa
from yookassa.domain.exceptions import ApiError

from gateways.sandbox import payment_page
from gateways.sandbox.bank import SandboxBank
from gateways.yookassa import YooKassa, money, parse_payment, parse_refund, payment_body, read_callback
from rules.payments.banking import BankPayment, BankRefund, BankRefused, PaymentOrder

SHOPS = {"1001": "test_operator", "1002": "test_police"}
BOTH = {"operator": ("1001", "test_operator"), "police": ("1002", "test_police")}


@dataclass
class Clock:
    """A settable clock for the sandbox."""

    at: datetime = field(default_factory=lambda: datetime(2026, 11, 22, 9, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.at

    def on(self, **by: float) -> None:
        self.at += timedelta(**by)


def through(sandbox: SandboxBank):
    """Return a transport that calls the sandbox without a network."""

    def send(request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/v3")
        status, said = sandbox.answer(
            request.method,
            path,
            request.headers,
            request.read(),
            dict(request.url.params),
            "http://bank.example",
        )
        return httpx.Response(status, json=said)

    return send


class Door(BaseHTTPRequestHandler):
    """Serves the sandbox over HTTP on a free port."""

    sandbox: SandboxBank

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = dict(parse_qsl(url.query))
        path = url.path.removeprefix("/v3")
        status, said = self.sandbox.answer(self.command, path, headers, body, query, "http://bank.example")
        told = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def over_http(sandbox: SandboxBank) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("D", (Door,), {"sandbox": sandbox}))
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v3"
    server.shutdown()
    server.server_close()


class SdkBank:
    """The bank's SDK behind our interface: an independent client that shares no code with our driver."""

    def __init__(self, url: str) -> None:
        self.url = url

    def _as(self, payee: str) -> None:
        yookassa.Configuration.configure(*BOTH[payee], api_url=self.url)

    def create(self, order: PaymentOrder, key: str) -> BankPayment:
        kind = {"card": "bank_card", "sbp": "sbp"}[order.method]
        confirm = {"type": "redirect", "return_url": order.return_url}
        body = payment_body(order) | {"payment_method_data": {"type": kind}, "confirmation": confirm}
        return self._make(body | ({"save_payment_method": True} if order.save_card else {}), key, order.payee)

    def charge_saved(self, order: PaymentOrder, token: str, key: str) -> BankPayment:
        return self._make(payment_body(order) | {"payment_method_id": token}, key, order.payee)

    def _make(self, body: dict, key: str, payee: str) -> BankPayment:
        return parse_payment(self._plain(yookassa.Payment.create, payee, body, key))

    def status(self, bank_id: str, payee: str = "operator") -> BankPayment:
        return parse_payment(self._plain(yookassa.Payment.find_one, payee, bank_id))

    def refund(self, bank_id: str, amount: int, key: str, payee: str = "operator") -> BankRefund:
        body = {"payment_id": bank_id, "amount": money(amount)}
        return parse_refund(self._plain(yookassa.Refund.create, payee, body, key))

    def refund_status(self, bank_id: str, payee: str = "operator") -> BankRefund:
        return parse_refund(self._plain(yookassa.Refund.find_one, payee, bank_id))

    def between(self, since: datetime, until: datetime, payee: str = "operator") -> list[BankPayment]:
        bounds = {"created_at.gte": since.isoformat(), "created_at.lt": until.isoformat()}
        said = self._plain(yookassa.Payment.list, payee, bounds)
        return [parse_payment(item) for item in said.get("items") or []]

    def _plain(self, call, payee: str, *args):
        self._as(payee)
        try:
            return json.loads(call(*args).json())
        except ApiError as problem:
            said = problem.args[0]
            raise BankRefused(said["code"], said["description"]) from None

    read_callback = staticmethod(read_callback)

    def trusted(self, address: str) -> bool:
        return yookassa.domain.common.SecurityHelper().is_ip_trusted(address)


def driver(sandbox: SandboxBank, url: str | None = None) -> YooKassa:
    return YooKassa(BOTH, url or "http://bank.example/v3", transport=None if url else through(sandbox))


def ring(sandbox: SandboxBank) -> list[tuple[str, dict]]:
    """Return the callbacks the bank sends to the shop now."""
    heard: list[tuple[str, dict]] = []

    def hear(url: str, body: dict) -> int:
        heard.append((url, body))
        return 200

    payment_page.deliver_webhooks(sandbox, hear)
    return heard
