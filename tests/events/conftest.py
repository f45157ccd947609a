"""Fixtures of the tests about events."""

import pytest

from tests.kit.feed import MINE
from tests.kit.station import opened, says


@pytest.fixture
def month(write, clock):
    opened(write, clock, MINE)
    for clock_hours, days in ((-1, 0), (-2, 5), (-3, 20), (-4, 52)):
        says(write, clock, MINE, "arm", hours=clock_hours, days=-days)
