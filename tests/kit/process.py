"""The cabinet's own processes, run as an operator runs them, each over a file, with its log kept."""

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).parent.parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def env(settings, **more) -> dict[str, str]:
    """Return the environment of a process over the database of these settings, without the tester's own
    settings.
    """
    mine = {name: value for name, value in os.environ.items() if not name.startswith("CABINET_")}
    ours = {"CABINET_DATABASE": settings.database, "CABINET_BANK_SANDBOX_FILE": settings.bank_sandbox_file}
    return mine | {"CABINET_DEMO": "1", "CABINET_LOG": "json"} | ours | more


def python_path(*folders: str | Path) -> str:
    """Return PYTHONPATH with these folders first and the suite's own after them."""
    return os.pathsep.join([*map(str, folders), *filter(None, [os.environ.get("PYTHONPATH")])])


def litestar(*args: str) -> list[str]:
    return [sys.executable, "-m", "litestar", "--app", "app:create_app", *args]


@contextmanager
def running(command: list[str], env: dict[str, str], log: Path, cwd: Path = ROOT):
    """Run a command; the process is killed at the end if it is still alive."""
    with log.open("ab") as out:
        process = subprocess.Popen(command, env=env, stdout=out, stderr=out, cwd=cwd)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


@contextmanager
def web(settings, log: Path, cwd: Path = ROOT, **more):
    """Yield (process, address) of a web process that already responds."""
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "--factory",
        "app:create_app",
        "--port",
        str(port),
        "--no-proxy-headers",
    ]
    with running(
        command, env(settings, CABINET_ORIGIN=origin, CABINET_PORT=str(port), **more), log, cwd
    ) as process:
        until(lambda: httpx.get(f"{origin}/ready", trust_env=False).status_code == 200, process)
        yield process, origin


def at_work(process) -> bool:
    """Return whether the jobs are running: their urgent loop's thread exists only after all imports."""
    return process.poll() is None and len(list(Path(f"/proc/{process.pid}/task").iterdir())) > 1


def until(true, process=None, patience: float = 60) -> None:
    """Wait until the condition is true; fail if the process dies or a minute passes."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        try:
            if true():
                return
        except (httpx.HTTPError, OSError):
            pass
        assert process is None or process.poll() is None, "the process ended"
        time.sleep(0.1)
    raise AssertionError("it did not come")
