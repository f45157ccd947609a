"""Every form of the census in two tabs: another contract is chosen, or another person signs in, and the form
is sent. Nothing may be written.

Forms come from tests/test_routes.py, so a new one is here at once; one that is not compared stands in EXEMPT
with the reason.
"""

import pytest

from tests.kit import cast
from tests.kit.routes import fill, plain
from tests.kit.tabs import choose, sign_in_again, stored_rows
from tests.test_routes import KNOWN

PROVES_ITSELF = "the form itself proves who sends it: by a password, a code or a link"
MACHINE = "a machine calls, without a session"
EXEMPT = {
    "POST /bank/pay/{number:str}": "the embedded bank's page, no page of the cabinet",
    "POST /bank/v3/{kind:str}": MACHINE,
    "POST /callbacks/bank": MACHINE,
    "POST /callbacks/sms": MACHINE,
    "POST /station/events": MACHINE,
    "POST /demo/clock": "moves the demonstration's clock, for everybody",
    "POST /email/{link:str}": PROVES_ITSELF,
    "POST /login": PROVES_ITSELF,
    "POST /login/code": PROVES_ITSELF,
    "POST /login/code/{token:str}": PROVES_ITSELF,
    "POST /login/representative": PROVES_ITSELF,
    "POST /login/representative/{token:str}": PROVES_ITSELF,
    "POST /recover": PROVES_ITSELF,
    "POST /register": PROVES_ITSELF,
    "POST /staff/enrol/{token:str}": PROVES_ITSELF,
    "POST /staff/login": PROVES_ITSELF,
    "POST /logout": "ends whatever session this browser has",
}
ANY_CONTRACT = {"POST /contracts/current": "chooses the contract, from whichever page"}
# What a session must do first, by the census' word for it.
STAGES = {"choosing": "choose", "consenting": "consent", "second step": "app", "proving": "totp"}
FORMS = sorted(line for line in KNOWN if line.startswith("POST"))
OF_SUBSCRIBERS = [line for line in FORMS if KNOWN[line] == "subscriber"]
OF_PERSONS = [line for line in FORMS if KNOWN[line] != "public"]


def test_each_form_of_the_census_is_compared_or_says_why_not():
    public = {line for line in FORMS if KNOWN[line] == "public"}
    assert public == {plain(line) for line in EXEMPT}
    assert (len(FORMS), len(OF_SUBSCRIBERS), len(OF_PERSONS)) == (92, 46, 75), "count the forms again"


def send(browser, line, subject):
    name = next(name for name in browser.client.cookies if name.startswith("csrf-"))
    data = {"_csrf_token": browser.client.cookies[name], "_for": subject, "text": "Что я написал."}
    path = fill(line.split()[1])
    return browser.client.post(path, data=data, follow_redirects=False)


def subject_of(browser, path):
    return browser.get(path).tree.cssselect("[name=_for]")[0].get("value")


def test_no_form_is_taken_for_a_contract_chosen_in_another_tab(enter, db):
    leto = enter(cast.LETO)
    subject = subject_of(leto, "/settings")
    choose(leto, 4)
    before, taken = stored_rows(db), []
    for line in OF_SUBSCRIBERS:
        answer = send(leto, line, subject)
        if answer.status_code != 409 or "Что я написал." not in answer.text:
            taken.append(f"{line}: {answer.status_code}")
    assert taken == [f"{line}: 404" for line in ANY_CONTRACT] and stored_rows(db) == before


@pytest.mark.parametrize("kind", ["subscriber", "staff", *STAGES])
def test_no_form_is_taken_for_a_person_who_signed_in_in_another_tab(kind, enter, engine, clock, visitor, db):
    at_desk = kind in ("staff", "proving")
    first, second = ("ada", "maria") if at_desk else (cast.ANNA, cast.BORIS)
    tab = enter(first)
    subject = subject_of(tab, "/staff/devices" if at_desk else "/settings")
    forms = [line for line in OF_PERSONS if belongs(KNOWN[line], kind)]
    tab.client.cookies.delete("cabinet", domain="testserver.local", path="/")
    stage = STAGES.get(kind, "open")
    session = cast.signed_in(engine, clock.now(), second, stage)
    tab.client.cookies.set("cabinet", session, domain="testserver.local")
    before = stored_rows(db)
    answers = {line: send(tab, line, subject) for line in forms}
    taken = {line: answer.status_code for line, answer in answers.items() if answer.status_code != 409}
    # What is not for this role is refused before anything is compared.
    assert set(taken.values()) <= {403} and (at_desk or not taken), taken
    assert forms and {k: v for k, v in stored_rows(db).items() if k != "denial"} == {
        k: v for k, v in before.items() if k != "denial"
    }


def belongs(who: str, kind: str) -> bool:
    return who == kind or (kind == "staff" and who not in ("subscriber", *STAGES))


def test_the_two_people_are_refused_by_who_they_are_and_not_by_their_numbers(enter, anna):
    """The same person in the same tab: what is compared does not refuse everybody."""
    subject = subject_of(anna, "/settings")
    assert all(send(anna, line, subject).status_code != 409 for line in OF_SUBSCRIBERS)
    assert sign_in_again(anna, enter(cast.BORIS)) is None
