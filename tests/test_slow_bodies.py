"""A body that never comes, and one that comes while the process is busy."""

import asyncio
import socket
import sys

import httpx

import monitor
from tests.kit.process import env, free_port, python_path, running, until


def test_a_body_that_never_comes_is_refused_and_the_line_closed(settings, tmp_path, monkeypatch):
    starter = tmp_path / "hasty.py"
    starter.write_text("import monitor\nmonitor.PATIENCE = 1\nfrom app import create_app\n")
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "--factory",
        "hasty:create_app",
        "--port",
        str(port),
        "--app-dir",
        str(tmp_path),
    ]
    with running(command, env(settings) | {"PYTHONPATH": python_path(".")}, tmp_path / "log") as process:
        until(
            lambda: httpx.get(f"http://127.0.0.1:{port}/ready", trust_env=False).status_code == 200, process
        )
        with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
            head = (
                "POST /login HTTP/1.1",
                "Host: x",
                "Content-Length: 5000",
                "Content-Type: application/x-www-form-urlencoded",
            )
            line.sendall("\r\n".join((*head, "", "a=1")).encode())
            answer = b""
            while piece := line.recv(4096):
                answer += piece
    assert answer.startswith(b"HTTP/1.1 408") and "Отправка не дошла".encode() in answer


def test_a_body_that_came_in_time_is_read_however_long_we_were_busy_before(monkeypatch):
    monkeypatch.setattr(monitor, "PATIENCE", 0.05)

    async def asked_late():
        receive = monitor._with_body_deadline(come)
        await asyncio.sleep(0.2)
        return await receive()

    async def come():
        await asyncio.sleep(0.03)  # a busy loop hands over even what has come a little later
        return {"type": "http.request", "body": b"a=1", "more_body": False}

    assert asyncio.run(asked_late())["body"] == b"a=1"
