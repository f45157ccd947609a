"""The cabinet as an operator runs it: web, jobs and the station's receiver, each a process that may be
killed.

Production settings: no demonstration, secrets of its own, a bank over HTTP and an SMS gateway over HTTP.
"""

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.kit.production import MONEY

ROOT = Path(__file__).parent.parent.parent
STATION_SECRET = "the-station-and-the-cabinet-share-this"
LITESTAR = [sys.executable, "-m", "litestar", "--app", "app:create_app"]
READY = 90.0
REST = 30.0
WEB = [
    "--interface",
    "asgi",
    "--factory",
    "app:create_app",
    "--no-ws",
    "--workers",
    "1",
    "--backlog",
    "4096",
    "--backpressure",
    "16384",
]


def allocation() -> dict[str, str]:
    """How the service has the process take memory and give it back: else what is free would count as held."""
    words = (ROOT / "deploy" / "cabinet-web.service").read_text("utf-8").split()
    found = [word.removeprefix("Environment=").partition("=") for word in words if "MALLOC_" in word]
    return {name: value for name, _, value in found if value}


@dataclass
class Deployment:
    """Ports are base (web), +1 DC-09, +2 bank, +3 SMS. `ahead` goes before a command: strace, faketime, a
    lesser user.
    """

    folder: Path
    base: int
    change: dict[str, str] = field(default_factory=dict)
    ahead: dict[str, list[str]] = field(default_factory=dict)
    running: dict[str, subprocess.Popen] = field(default_factory=dict)
    database: str = ""  # another engine's address; empty: the file in the folder

    @property
    def path(self) -> Path:
        return self.folder / "cabinet.sqlite"

    @property
    def url(self) -> str:
        """The database as SQLAlchemy is given it."""
        return self.database or f"sqlite:///{self.path}"

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.base}"

    def settings(self) -> dict[str, str]:
        return (
            {
                "CABINET_DATABASE": self.database or str(self.path),
                "CABINET_ORIGIN": self.origin,
                "CABINET_PORT": str(self.base),
                "CABINET_SECRETS": json.dumps(["chaos-" * 8]),
                "CABINET_DEMO": "0",
                "CABINET_ATTACHMENT_KEYS": json.dumps([base64.b64encode(b"k" * 32).decode()]),
                "CABINET_BANK": "yookassa",
                "CABINET_BANK_URL": f"http://127.0.0.1:{self.base + 2}/v3",
                "CABINET_BANK_SHOP": "501",
                "CABINET_BANK_SECRET": "chaos-operator",
                "CABINET_BANK_POLICE_SHOP": "502",
                "CABINET_BANK_POLICE_SECRET": "chaos-police",
                "CABINET_BANK_NETWORKS": json.dumps(["127.0.0.0/8"]),
                "CABINET_SMS_GATEWAY": "http",
                "CABINET_SMS_SERVER": f"http://127.0.0.1:{self.base + 3}/send",
                "CABINET_SMS_SECRET": "key",
                "CABINET_STATION_PORT": str(self.base + 1),
                "CABINET_SURGARD_PORT": "0",
                "CABINET_STATION_SECRETS": json.dumps({"main": [STATION_SECRET]}),
            }
            | MONEY
            | self.change
        )

    def command(self, name: str) -> list[str]:
        port = ["--host", "127.0.0.1", "--port", str(self.base)]
        return (
            self.ahead.get(name, [])
            + {
                "web": [sys.executable, "-m", "granian", *WEB, *port],
                "jobs": [*LITESTAR, "jobs"],
                "jobs too": [*LITESTAR, "jobs"],
                "station": [*LITESTAR, "station", "listen"],
            }[name]
        )

    def start(self, *names: str) -> None:
        env = {name: value for name, value in os.environ.items() if not name.startswith("CABINET_")}
        env |= allocation() | self.settings()
        for name in names:
            with (self.folder / f"{name.replace(' ', '-')}.log").open("ab") as log:
                self.running[name] = subprocess.Popen(
                    self.command(name),
                    env=env,
                    cwd=ROOT,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )

    def kill(self, *names: str, how: int = signal.SIGKILL) -> None:
        """The whole group of each, so that no worker outlives its master; −9 unless said otherwise."""
        for name in names or tuple(self.running):
            process = self.running.pop(name)
            try:
                os.killpg(process.pid, how)
            except ProcessLookupError:
                pass
            process.wait(60)

    def ready(self, *names: str) -> float:
        """Seconds until these doors answer again."""
        began = time.monotonic()
        while not all(self._answers(name) for name in names):
            if time.monotonic() - began > READY:
                raise TimeoutError(f"{names} did not come back; see {self.folder}")
            time.sleep(0.05)
        return time.monotonic() - began

    def _answers(self, name: str) -> bool:
        try:
            if name == "web":
                return httpx.get(f"{self.origin}/ready", timeout=5, trust_env=False).status_code == 200
            if name == "station":
                socket.create_connection(("127.0.0.1", self.base + 1), timeout=2).close()
                return True
            return self._works(self.running[name].pid)
        except (httpx.HTTPError, OSError):
            return False

    def _works(self, pid: int) -> bool:
        """Whether the jobs are at work: their urgent loop has a thread of its own."""
        return len(list(Path(f"/proc/{pid}/task").iterdir())) > 1

    def once(self) -> None:
        """Every job once, in a process of its own."""
        env = os.environ | self.settings()
        subprocess.run(
            [*LITESTAR, "jobs", "--once"], env=env, cwd=ROOT, check=True, capture_output=True, timeout=120
        )

    def memory_used(self) -> int:
        """Bytes of the process that answers: the largest of the server's own family."""
        return max((_resident(pid) for pid in _family(self.running["web"].pid)), default=0)

    def memory_at_rest(self) -> int:
        """The same once it no longer shrinks."""
        before, end = self.memory_used(), time.monotonic() + REST
        while time.monotonic() < end:
            time.sleep(3)
            if (now := self.memory_used()) >= before:
                return now
            before = now
        return before


def _family(pid: int) -> list[int]:
    """The process and all below it."""
    found = [pid]
    for one in found:
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            found += [int(child) for child in task.read_text().split()]
    return found


def _resident(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS")), 0)
