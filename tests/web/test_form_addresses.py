"""After a refusal F5 and Back open a page: no address of a form answers «405» to a reader."""

import pytest

from tests.kit import cast
from tests.kit.routes import fill
from tests.test_routes import KNOWN

MACHINES = {"/bank/v3/{kind}", "/callbacks/bank", "/callbacks/sms", "/station/events"}
ONLY_FORMS = sorted(
    line.split()[1] for line in KNOWN if line.startswith("POST") and line.replace("POST", "GET") not in KNOWN
)


@pytest.mark.parametrize("path", [path for path in ONLY_FORMS if path not in MACHINES])
def test_the_address_of_a_form_opens_its_page(path, enter):
    who = KNOWN[f"POST {path}"]
    browser = enter(cast.ANNA if who in ("subscriber", "public") else "ada")
    answer = browser.client.get(fill(path), follow_redirects=False)
    assert answer.status_code == 303
    above = answer.headers["location"]
    assert fill(path).startswith(above) or above in ("/staff/money", "/staff/reconciliations")
    assert browser.client.get(above).status_code in (200, 404)


@pytest.mark.parametrize("path", sorted(MACHINES & set(ONLY_FORMS)))
def test_an_address_for_machines_stays_closed_to_readers(path, anna):
    assert anna.client.get(path).status_code == 405
