"""The world outside the cabinet, in this very process: a bank and an SMS gateway over HTTP that fall ill when
told to.

The bank is the sandbox's (gateways/sandbox/bank), so that what it was asked, and what it was paid, is in a
file of its own.
"""

import json
import socket
import threading
import time
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from gateways.sandbox import payment_page
from gateways.sandbox.bank import SandboxBank

SHOPS = {"501": "chaos-operator", "502": "chaos-police"}
HANGS, SLOW = 25.0, 3.0


class Door(BaseHTTPRequestHandler):
    """One request to somebody of the town; `town` is put in by `serve`."""

    protocol_version = "HTTP/1.1"
    town: "Bank | Gateway"

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        mood = self.town.mood
        if mood == "down":
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        if mood in ("hangs", "slow"):
            self.town.gone.wait(HANGS if mood == "hangs" else SLOW)
        status, said = self.town.answer(self, body) if mood != "refuses" else (500, {"oops": 1})
        told = json.dumps(said).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)
        except OSError:
            self.close_connection = True  # the cabinet was killed while it waited

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        pass


class Neighbour:
    """Serves on its port; `mood` is well, slow, hangs, refuses (500) or down (the line is cut)."""

    def __init__(self, port: int) -> None:
        self.port, self.mood, self.gone = port, "well", threading.Event()
        self.server = Server(("127.0.0.1", port), type("Door", (Door,), {"town": self}))
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def feel(self, mood: str) -> None:
        self.mood = mood

    def close(self) -> None:
        self.gone.set()
        self.server.shutdown()
        self.server.server_close()


class Bank(Neighbour):
    """Takes payments, tells the cabinet of them, once or twice, and goes on telling until it is answered."""

    def __init__(self, port: int, folder: Path, cabinet: str) -> None:
        self.till = SandboxBank(folder / "bank.sqlite", SHOPS, calls=f"{cabinet}/callbacks/bank")
        super().__init__(port)
        threading.Thread(target=self._ring, daemon=True).start()

    def answer(self, door: Door, body: bytes) -> tuple[int, dict]:
        url = urlsplit(door.path)
        headers = {name.lower(): value for name, value in door.headers.items()}
        return self.till.answer(
            door.command, url.path.removeprefix("/v3"), headers, body, dict(parse_qsl(url.query)), self.origin
        )

    def pay(self, page: str, manner: str = "once") -> bool:
        """A person pays on the bank's page."""
        return payment_page.decide(self.till, page.rpartition("/")[2], "pay", "good", manner)

    def _ring(self) -> None:
        while not self.gone.wait(0.2):
            try:
                payment_page.deliver_webhooks(self.till)
            except Exception:
                pass

    def paid(self) -> dict[str, int]:
        """Our order → kopecks, of every payment that succeeded at the bank."""
        return {
            thing["metadata"]["order"]: round(float(thing["amount"]["value"]) * 100)
            for thing in self._all()
            if thing["status"] == "succeeded"
        }

    def orders(self) -> list[str]:
        return [thing["metadata"]["order"] for thing in self._all()]

    def _all(self) -> list[dict]:
        with closing(self.till.connect()) as file:
            return [
                json.loads(row[0]) for row in file.execute("SELECT body FROM thing WHERE kind='payments'")
            ]


class Gateway(Neighbour):
    """Takes SMS; `taken` is what it was given, in order, each (to, text, monotonic time)."""

    def __init__(self, port: int) -> None:
        self.taken: list[tuple[str, str, float]] = []
        super().__init__(port)

    def answer(self, door: Door, body: bytes) -> tuple[int, dict]:
        said = json.loads(body)
        self.taken.append((said["destination"], said["text"], time.monotonic()))
        return 200, {"message_id": str(len(self.taken))}
