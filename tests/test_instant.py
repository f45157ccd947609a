"""The moment a suite begins at reaches every process of it."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest

from db.clock import Clock
from tests.kit import instant
from tests.kit.process import ROOT

NOON = datetime(2028, 2, 28, 21, 10, tzinfo=UTC)
ASKED = """
import subprocess, sys, time
from datetime import UTC, datetime
from tests.kit import instant
instant.begin()
monotonic, began = time.monotonic(), datetime.now(UTC)
child = [sys.executable, "-c", "from datetime import UTC, datetime; print(datetime.now(UTC).isoformat())"]
told = subprocess.run(child, capture_output=True, text=True, check=True).stdout.strip()
print(began.isoformat(), told, datetime.now(UTC).isoformat(), time.monotonic() - monotonic)
"""


def asked(**env: str) -> tuple[datetime, datetime, datetime, float]:
    """When a suite began, what its child said then, when it ended; and how many seconds that really was."""
    bare = {name: value for name, value in os.environ.items() if name not in (instant.AT, instant.SHIFT)}
    done = subprocess.run(
        [sys.executable, "-c", ASKED], env=bare | env, cwd=ROOT, capture_output=True, text=True, check=True
    )
    *moments, seconds = done.stdout.split()
    began, child, ended = map(datetime.fromisoformat, moments)
    return began, child, ended, float(seconds)


def test_a_suite_and_its_children_begin_at_the_moment_named_and_tick():
    began, child, ended, seconds = asked(TESTS_AT="2028-02-29T00:10")
    assert NOON <= began < NOON + timedelta(minutes=1)
    assert began < child < ended
    assert abs((ended - began).total_seconds() - seconds) < 0.1


def test_without_a_moment_the_clock_is_the_real_one():
    began, child, _, _ = asked()
    assert abs(began.timestamp() - child.timestamp()) < 60
    if instant.AT not in os.environ:
        assert abs(began.timestamp() - time.time()) < 60


def test_this_suite_lives_by_its_moment():
    if instant.AT not in os.environ:
        pytest.skip("идёт по настоящим часам")
    assert timedelta() <= Clock().now() - instant.parse(os.environ[instant.AT]) < timedelta(hours=6)


@pytest.mark.parametrize(
    ("words", "at"),
    [
        ("2028-02-29T00:10", NOON),
        ("2028-02-29T00:10+03:00", NOON),
        ("2028-02-28T21:10Z", NOON),
    ],
)
def test_a_moment_is_moscows_unless_it_names_an_offset(words, at):
    assert instant.parse(words) == at
