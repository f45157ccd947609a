"""A bank of another site: its v3 API and its page on a port of its own, under another name than the
cabinet's.

The page is what a real bank's is to us: foreign, with nothing of the cabinet's in it, and back by its own
redirect.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from gateways.sandbox import payment_page as till
from gateways.sandbox.bank import SandboxBank

PAGE = """<!doctype html><html lang="ru"><meta charset="utf-8"><title>Чужой банк</title>
<h1>Чужой банк: {amount} ₽</h1>
<form method="post"><button name="choice" value="pay">Заплатить</button>
<button name="choice" value="refuse">Не платить</button></form>
<a href="{back}">Вернуться в магазин</a></html>"""


class Door(BaseHTTPRequestHandler):
    bank: SandboxBank
    origin: str

    def do_GET(self) -> None:
        url, body = urlsplit(self.path), self.rfile.read(int(self.headers.get("content-length") or 0))
        if url.path.startswith("/bank/pay/"):
            self._page(url.path.rpartition("/")[2], dict(parse_qsl(body.decode())))
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        path, query = url.path.removeprefix("/v3"), dict(parse_qsl(url.query))
        status, said = self.bank.answer(self.command, path, headers, body, query, self.origin)
        self._send(status, json.dumps(said), "application/json")

    do_POST = do_GET

    def _page(self, number: str, typed: dict[str, str]) -> None:
        thing, kept = till.find_payment(self.bank, number)
        if self.command == "GET":
            self._send(
                200,
                PAGE.format(amount=thing["amount"]["value"], back=kept["back"]),
                "text/html; charset=utf-8",
            )
            return
        till.decide(self.bank, number, typed["choice"], "good", "once")
        threading.Thread(target=till.deliver_webhooks, args=(self.bank,), daemon=True).start()
        self._send(303, "", "text/plain", location=kept["back"])

    def _send(self, status: int, text: str, kind: str, **more: str) -> None:
        body = text.encode()
        self.send_response(status)
        for name, value in {"content-type": kind, "content-length": str(len(body)), **more}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def bank_at(folder: Path, shops: dict[str, str]) -> Iterator[str]:
    """The origin of a bank with these shops, until the end of the block. `localhost` is another site than
    127.0.0.1.
    """
    door = type("Served", (Door,), {"bank": SandboxBank(folder / "bank.sqlite", shops)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), door)
    door.origin = f"http://localhost:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield door.origin
    server.shutdown()
    server.server_close()
