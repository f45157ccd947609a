"""The moment a suite begins at, so that midnights and leap days can be met on any day:
`TESTS_AT=2028-02-29T00:10 pytest …`.

An ISO date and time, Moscow's unless it names an offset. From there the clock ticks, in the suite and in each
Python process it starts; waiting (`time.monotonic`) stays real. What has a clock of its own stays real too:
SQLite's and PostgreSQL's `now`, TLS, the times of files, and the browser's JavaScript, none of which asks the
time.
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
    """ValueError for what is not an ISO date and time."""
    at = datetime.fromisoformat(words)
    return (at if at.tzinfo else at.replace(tzinfo=days.MOSCOW)).astimezone(UTC)


def begin() -> None:
    """Start the clock TESTS_AT names, here and in processes to come; a process that was started so goes on by
    it.
    """
    words = os.environ.get(AT)
    if not words or SHIFT in os.environ:
        return
    shift = parse(words).timestamp() - time.time()
    os.environ[SHIFT] = str(shift)
    os.environ["PYTHONPATH"] = python_path(HOOK)
    time_machine.travel(time.time() + shift, tick=True).start()


def machine_now() -> datetime:
    """The machine's own time, by which SQLite and PostgreSQL go whatever the suite's clock says."""
    return datetime.now(UTC) - timedelta(seconds=float(os.environ.get(SHIFT, 0)))
