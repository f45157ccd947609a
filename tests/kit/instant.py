"""Sets the suite's start time, so that midnights and leap days can be tested on any day:
`TESTS_AT=2028-02-29T00:10 pytest …`.

An ISO date and time, Moscow time unless it has an offset. The clock runs on from there, in the suite and in
each Python process it starts; waiting (`time.monotonic`) stays real. Other clocks stay real too: `now` of
SQLite and PostgreSQL, TLS, file times, and the browser's JavaScript.
"""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine

from rules import days
from tests.kit.process import python_path

AT, SHIFT = "TESTS_AT", "TESTS_CLOCK_SHIFT"
HOOK = Path(__file__).parent / "clock_hook"


def parse(words: str) -> datetime:
    """Parse an ISO date and time. ValueError for anything else."""
    at = datetime.fromisoformat(words)
    return (at if at.tzinfo else at.replace(tzinfo=days.MOSCOW)).astimezone(UTC)


def begin() -> None:
    """Start the clock at TESTS_AT, here and in processes started later; such a process continues with it."""
    words = os.environ.get(AT)
    if not words or SHIFT in os.environ:
        return
    shift = parse(words).timestamp() - time.time()
    os.environ[SHIFT] = str(shift)
    os.environ["PYTHONPATH"] = python_path(HOOK)
    time_machine.travel(time.time() + shift, tick=True).start()


def machine_now() -> datetime:
    """Return the machine's real time, which SQLite and PostgreSQL use whatever the suite's clock is."""
    return datetime.now(UTC) - timedelta(seconds=float(os.environ.get(SHIFT, 0)))
