"""How much a slow line has to carry: the sign-in page in one flight of packets, the rest within its
budget.
"""

import pytest

from tests.kit.weights import Scales
from web import assets


@pytest.fixture
def scales(tmp_path):
    made = Scales(tmp_path)
    yield made
    made.app.state.engine.dispose()


def test_the_sign_in_page_is_drawn_out_of_one_flight_of_packets(scales):
    visit = scales.first_visit()
    assert visit["/login"] + visit["app.css"] + visit["icons.svg"] <= 14_336, visit


def test_a_first_visit_is_five_requests_and_24_kilobytes(scales):
    visit = scales.first_visit()
    assert len(visit) <= 5
    assert sum(visit.values()) <= 24_576, visit


def test_home_is_four_kilobytes(scales):
    scales.enter()
    assert scales.weigh("/") <= 4_096


def test_a_refused_form_is_twelve_hundred_bytes(scales):
    scales.enter()
    assert (
        scales.weigh("/settings/contacts", {"contact_mobile": "12", "landline": ""}, 422, htmx=True) <= 1_228
    )


def test_a_page_of_the_feed_is_two_and_a_half_kilobytes(scales):
    scales.enter()
    assert scales.feed() <= 2_560


def test_our_own_script_is_at_most_twelve_hundred_bytes_on_the_wire():
    body, headers = assets.find_response(assets.url("app.js").removeprefix("/assets/"), "br")
    assert headers["content-encoding"] == "br" and len(body) <= 1_228
