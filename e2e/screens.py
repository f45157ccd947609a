"""The two screens on which the manual is walked. `browser_context_args` is a fixture that stories import."""

import pytest

SCREENS = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1280, "height": 800}}


@pytest.fixture(params=SCREENS)
def screen(request):
    return request.param


@pytest.fixture
def browser_context_args(browser_context_args, screen):
    return browser_context_args | {"viewport": SCREENS[screen], "has_touch": screen == "phone"}
