"""`make drill`: the machine is lost and brought back from a copy. Prints how long it took and what was gone.

A cabinet is served while somebody writes; a copy is made in the middle; writing goes on, and the day comes on
which saved cards are charged; the processes are killed and the folder deleted; the copy is restored by the
operator's own commands, the server started, a subscriber signs in. The bank, which lost nothing, then says
how many charges were made twice.
"""

import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from sqlmodel import Session, select

from db import clock, job_runs, journal, open_engine, writing
from db.clock import MovableClock
from db.journal import Note
from db.migrations.run import migrate
from db.payments import restores
from rules import days
from settings import Settings
from tests.kit import cast
from tests.kit.paying import add_autopay

ROOT = Path(__file__).parent.parent.parent
CLI = [sys.executable, "-m", "litestar", "--app", "app:create_app"]
ACTOR = "system:drill"
CARDS = 5
FIRST_CONTRACT = 78300100


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
            "CABINET_DEMO": "1",
            "CABINET_DATABASE": str(file),
            "CABINET_BACKUP_FOLDER": str(safe),
            "CABINET_LOG": "json",
            "CABINET_ORIGIN": f"http://127.0.0.1:{port}",
            "CABINET_PORT": str(port),
            "CABINET_BANK_SANDBOX_FILE": str(Path(place) / "bank.sqlite"),
        }
        _drill(file, safe, port, env)


def _drill(file: Path, safe: Path, port: int, env: dict[str, str]) -> None:
    bank = Path(env["CABINET_BANK_SANDBOX_FILE"])
    _prepare_autopay(file, port, bank)
    server = _serve(port, env)
    writer = Writer(file)
    writer.start()
    _until(lambda: len(writer.kept) >= 200)
    before, began = len(writer.kept), time.monotonic()
    subprocess.run([*CLI, "backup"], env=env, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    print(f"копия под записью: {time.monotonic() - began:.1f} с")
    _until(lambda: len(writer.kept) >= before + 400)
    _set_day(file, 1)
    _until(lambda: len(_charges(bank)) == CARDS)
    writer.stop()
    os.killpg(server.pid, signal.SIGKILL)  # the workers too: they outlive their master
    server.wait()
    size = file.stat().st_size / 1e6
    shutil.rmtree(file.parent)

    began = time.monotonic()
    [copy] = safe.glob("*.sqlite")
    subprocess.run([*CLI, "restore", str(copy)], env=env, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    restored = time.monotonic() - began
    server = _serve(port, env)
    served = time.monotonic() - began
    entered = _sign_in(port)
    signed = time.monotonic() - began
    _set_day(file, 1)
    _until(lambda: _charged_after_reconciling(file))
    server.terminate()
    server.wait(60)
    found = _found(file)
    lost = [one for one in writer.kept if one not in found]
    span = writer.at[-1] - writer.at[-len(lost) - 1] if lost else 0
    whole = set(writer.kept[:before]) <= found
    print(
        f"файл {size:.1f} МБ: проверен и возвращён за {restored:.1f} с, сервер отвечает через "
        f"{served:.1f} с, "
        f"абонент вошёл через {signed:.1f} с: {'да' if entered else 'НЕТ'}"
    )
    print(
        f"подтверждено записей {len(writer.kept)}; сделанные до копии целы: {'да' if whole else 'НЕТ'}; "
        f"потеряно {len(lost)} — сделанные за {span:.1f} с после снимка"
    )
    charges = len(_charges(bank))
    print(f"карт к списанию {CARDS}, списаний у банка {charges}; сделано дважды: {charges - CARDS}")
    raise SystemExit(0 if entered and whole and charges == CARDS else 1)


def _prepare_autopay(file: Path, port: int, bank: Path) -> None:
    """So many contracts whose saved cards are to be charged tomorrow noon, as the clock of the demonstration
    goes.
    """
    engine = open_engine(f"sqlite:///{file}")
    migrate(engine)
    _set_day(file, 0)
    settings = Settings(
        _env_file=None,
        demo=True,
        database=str(file),
        origin=f"http://127.0.0.1:{port}",
        bank_sandbox_file=str(bank),
    )
    now = MovableClock(engine).now()
    with Session(engine, expire_on_commit=False) as db:
        for n in range(CARDS):
            add_autopay(db, settings, now, FIRST_CONTRACT + n, charge_on=days.today(now) + timedelta(days=1))
    engine.dispose()


def _set_day(file: Path, day: int) -> None:
    """Noon in Moscow, so many days from today: nothing is charged at night."""
    real = datetime.now(UTC)
    noon = days.midnight(days.today(real)) + timedelta(days=day, hours=12)
    engine = open_engine(f"sqlite:///{file}")
    with Session(engine) as db, writing(db):
        clock.set_shift(db, int((noon - real).total_seconds()))
    engine.dispose()


def _charges(bank: Path) -> list[str]:
    """Our order of every charge of a saved card that the bank has made."""
    with closing(sqlite3.connect(bank, timeout=10)) as file:
        rows = [
            json.loads(body) for (body,) in file.execute("SELECT body FROM thing WHERE kind = 'payments'")
        ]
    return [one["metadata"]["order"] for one in rows if one["description"].startswith("Автоплатёж")]


def _charged_after_reconciling(file: Path) -> bool:
    """Whether the bank's lists were compared and the job of autopay has had its turn since."""
    engine = open_engine(f"sqlite:///{file}")
    with Session(engine) as db:
        last = restores.latest_restore(db)
        run = next((one for one in job_runs.all_runs(db) if one.name == "autopay"), None)
    engine.dispose()
    return bool(last and last.reconciled_at and run and run.at > last.reconciled_at + timedelta(seconds=1))


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
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "asgi",
        "--factory",
        "app:create_app",
        "--no-ws",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--workers",
        "1",
    ]
    server = subprocess.Popen(
        command,
        env=env,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
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
    with httpx.Client(
        base_url=f"http://127.0.0.1:{port}", trust_env=False, follow_redirects=True, timeout=60
    ) as client:
        token = re.search(r'name="_csrf_token" value="([^"]+)"', client.get("/login").text)
        form = {"_csrf_token": token[1] if token else "", "number": str(cast.ANNA), "password": cast.PASSWORD}
        return client.post("/login", data=form).url.path == "/"


def _found(file: Path) -> set[str]:
    engine = open_engine(f"sqlite:///{file}")
    with Session(engine) as db:
        return set(db.exec(select(Note.verb).where(Note.actor == ACTOR)))


if __name__ == "__main__":
    main()
