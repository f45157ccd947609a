"""Servers started as processes of their own, asked by `wrk`, and what of the machine they used, by /proc.

`rounds(cases, seconds, times)` asks the contenders in turn, round by round, in another order each time, for
on a shared machine only what was measured side by side may be compared; `Seen.over` is the median of the
rounds' own ratios.
"""

import os
import random
import re
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).parent
TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Server:
    """A running contender; `cpu` and `memory` are those of its whole tree of processes."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def tree(self) -> list[int]:
        found = [self.process.pid]
        for pid in found:
            for task in Path(f"/proc/{pid}/task").glob("*/children"):
                found += [int(child) for child in task.read_text().split()]
        return found

    @property
    def cpu(self) -> float:
        """Seconds of processor time since its start."""
        stats = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in self.tree)
        return sum(int(one[11]) + int(one[12]) for one in stats) / TICK

    @property
    def memory(self) -> float:
        """MB of the worker (the process at the end of the tree) that are its alone."""
        text = Path(f"/proc/{self.tree[-1]}/smaps_rollup").read_text()
        return sum(int(size) for size in re.findall(r"Private_\w+:\s+(\d+)", text)) / 1024


@contextmanager
def serving(
    command: Sequence[str], port: int, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Iterator[Server]:
    """The command's server, from the moment it answers; its whole group is ended afterwards."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command,
            env={**os.environ, **(env or {})},
            cwd=cwd or HERE.parent,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            _until_open(process, port, log)
            yield Server(process, port)
        finally:
            with suppress(ProcessLookupError):  # it has ended by itself, and why is what must be said
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def _until_open(process: subprocess.Popen[bytes], port: int, log: Any) -> None:
    for _ in range(1200):
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.1)
    log.seek(0)
    raise RuntimeError(f"{process.args} does not answer:\n{log.read().decode()[-2000:]}")


def free() -> int:
    """A port nobody uses; BENCH_PORTS="8260-8279" keeps to a range."""
    low, high = map(int, os.environ.get("BENCH_PORTS", "0-0").split("-"))
    for port in range(low, high + 1):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return int(probe.getsockname()[1])
            except OSError:
                continue
    raise RuntimeError("no free port")


@dataclass
class Case:
    """What `wrk` asks of a server."""

    server: Server
    path: str = "/"
    cookies: Sequence[str] = ()
    body: str = ""
    connections: int = 32
    headers: Sequence[str] = ()
    before: Callable[[], None] | None = None


@dataclass
class Shot:
    rate: float  # answers a second
    p50: float  # ms
    p99: float
    cpu: float  # µs of the server's processor an answer
    size: float  # bytes an answer, headers included


@dataclass
class Seen:
    """All rounds of one contender."""

    shots: list[Shot] = field(default_factory=list)

    def of(self, what: str) -> float:
        return median(getattr(shot, what) for shot in self.shots)

    def over(self, other: "Seen", what: str = "rate") -> float:
        """The median of the rounds' ratios."""
        return median(
            getattr(a, what) / getattr(b, what) for a, b in zip(self.shots, other.shots, strict=True)
        )

    @property
    def tail(self) -> float:
        """p99 ÷ p50"""
        return median(shot.p99 / shot.p50 for shot in self.shots)


def rounds(cases: Mapping[str, Case], seconds: float, times: int) -> dict[str, Seen]:
    """Each contender warmed up, then all of them `times` times, shuffled each time."""
    seen, order = {name: Seen() for name in cases}, list(cases)
    for name in order:
        warm(cases[name])
    for _ in range(times):
        random.shuffle(order)
        for name in order:
            seen[name].shots.append(shoot(cases[name], seconds))
    return seen


def warm(case: Case) -> None:
    """Asked until it answers: the first page of a worker compiles its templates."""
    for attempt in range(5):
        try:
            shoot(case, 1 + attempt)
            return
        except RuntimeError:
            if attempt == 4:
                raise


def shoot(case: Case, seconds: float) -> Shot:
    """One run of wrk; an answer that is an error is an error of the measure."""
    if case.before:
        case.before()
    with tempfile.NamedTemporaryFile("w", suffix=".ask") as ask:
        ask.write("\n".join(["POST" if case.body else "GET", case.path, case.body, *case.cookies]) + "\n")
        ask.flush()
        command = [
            "wrk",
            "-t1",
            f"-c{case.connections}",
            f"-d{max(1, round(seconds))}s",
            "--timeout",
            "20s",
            "-s",
            HERE / "wrk.lua",
            f"http://127.0.0.1:{case.server.port}",
            "--",
            ask.name,
            *case.headers,
        ]
        before = case.server.cpu
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        used = case.server.cpu - before
    match = re.search(r"^SEEN (.*)$", told, re.M)
    if not match:
        raise RuntimeError(told)
    count, took, size, p50, p99, errors = map(int, match[1].split())
    if errors or not count:
        raise RuntimeError(f"{case.path}: {errors} errors of {count} answers\n{told}")
    return Shot(count / took * 1e6, p50 / 1000, p99 / 1000, used / count * 1e6, size / count)
