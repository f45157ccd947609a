"""`make drill`: the machine is lost and brought back from a copy. Prints how long it took and what was gone.

A cabinet is served while somebody writes; a copy is made in the middle; writing goes on; the processes are killed and the
folder deleted; the copy is restored by the operator's own commands, the server started, a subscriber signs in.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx
from sqlmodel import Session, select

from db import journal, open_engine, writing
from db.journal import Note
from tests import cast

HOUSE = Path(__file__).parent.parent
CLI = [sys.executable, "-m", "litestar", "--app", "app:create_app"]
ACTOR = "system:drill"


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="drill-") as place:
        machine, safe = Path(place) / "machine", Path(place) / "safe"
        machine.mkdir()
        file = machine / "cabinet.sqlite"
        if len(sys.argv) > 1:
            shutil.copy(sys.argv[1], file)
        else:
            cast.file(machine, datetime.now(UTC))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        env = os.environ | {
            "CABINET_DEMO": "1", "CABINET_DATABASE": str(file), "CABINET_BACKUP_FOLDER": str(safe), "CABINET_LOG": "json",
            "CABINET_ORIGIN": f"http://127.0.0.1:{port}", "CABINET_PORT": str(port),
        }  # fmt: skip
        _drill(file, safe, port, env)


def _drill(file: Path, safe: Path, port: int, env: dict[str, str]) -> None:
    server = _serve(port, env)
    writer = Writer(file)
    writer.start()
    _until(lambda: len(writer.kept) >= 200)
    before, began = len(writer.kept), time.monotonic()
    subprocess.run([*CLI, "backup"], env=env, cwd=HOUSE, check=True, stdout=subprocess.DEVNULL)
    print(f"копия под записью: {time.monotonic() - began:.1f} с")
    _until(lambda: len(writer.kept) >= before + 400)
    writer.stop()
    os.killpg(server.pid, signal.SIGKILL)  # the workers too: they outlive their master
    server.wait()
    size = file.stat().st_size / 1e6
    shutil.rmtree(file.parent)

    began = time.monotonic()
    [copy] = safe.glob("*.sqlite")
    subprocess.run([*CLI, "restore", str(copy)], env=env, cwd=HOUSE, check=True, stdout=subprocess.DEVNULL)
    restored = time.monotonic() - began
    server = _serve(port, env)
    served = time.monotonic() - began
    entered = _sign_in(port)
    signed = time.monotonic() - began
    server.terminate()
    server.wait(60)
    found = _found(file)
    lost = [one for one in writer.kept if one not in found]
    span = writer.at[-1] - writer.at[-len(lost) - 1] if lost else 0
    whole = set(writer.kept[:before]) <= found
    print(f"файл {size:.1f} МБ: проверен и возвращён за {restored:.1f} с, сервер отвечает через {served:.1f} с, "
          f"абонент вошёл через {signed:.1f} с: {'да' if entered else 'НЕТ'}")  # fmt: skip
    print(f"подтверждено записей {len(writer.kept)}; сделанные до копии целы: {'да' if whole else 'НЕТ'}; "
          f"потеряно {len(lost)} — сделанные за {span:.1f} с после снимка")  # fmt: skip
    raise SystemExit(0 if entered and whole else 1)


class Writer(threading.Thread):
    """Somebody who remembers what was acknowledged."""

    def __init__(self, file: Path) -> None:
        super().__init__(daemon=True)
        self.engine = open_engine(f"sqlite:///{file}")
        self.kept: list[str] = []
        self.at: list[float] = []
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.is_set():
            with Session(self.engine) as db, writing(db):
                journal.note(db, ACTOR, f"drill.{len(self.kept)}", datetime.now(UTC))
            self.kept.append(f"drill.{len(self.kept)}")
            self.at.append(time.monotonic())

    def stop(self) -> None:
        self.over.set()
        self.join()
        self.engine.dispose()


def _serve(port: int, env: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "app:create_app", "--no-ws",
               "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]  # fmt: skip
    server = subprocess.Popen(command, env=env, cwd=HOUSE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              start_new_session=True)  # fmt: skip
    _until(lambda: httpx.get(f"http://127.0.0.1:{port}/ready", trust_env=False).status_code == 200)
    return server


def _until(true) -> None:  # type: ignore[no-untyped-def]
    end = time.monotonic() + 120
    while time.monotonic() < end:
        try:
            if true():
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.05)
    raise SystemExit("не дождались")


def _sign_in(port: int) -> bool:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, follow_redirects=True, timeout=60) as client:
        token = re.search(r'name="_csrf_token" value="([^"]+)"', client.get("/login").text)
        form = {"_csrf_token": token[1] if token else "", "number": str(cast.ANNA), "password": cast.PASSWORD}
        return client.post("/login", data=form).url.path == "/"


def _found(file: Path) -> set[str]:
    engine = open_engine(f"sqlite:///{file}")
    with Session(engine) as db:
        return set(db.exec(select(Note.verb).where(Note.actor == ACTOR)))


if __name__ == "__main__":
    main()
