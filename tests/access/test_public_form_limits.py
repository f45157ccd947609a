"""Every public form has a limit and says when the next try is allowed."""

import re

import pytest

from tests.kit.visitor_steps import WRONG, addresses, quick  # noqa: F401 - fixtures
from tests.test_routes import CENSUS

# What a stranger may send, with what is refused in it; {n} makes each try another person's.
FORMS = {
    "POST /login": {"number": "7890000{n}", "password": WRONG},
    "POST /login/code": {"number": "7890000{n}"},
    "POST /login/code/{token:str}": {"code": "123456"},
    "POST /login/representative": {"number": "7890000{n}", "phone": "+7921000000{n}"},
    "POST /login/representative/{token:str}": {"code": "123456"},
    "POST /recover": {"number": "7890000{n}"},
    "POST /register": {"number": "7890000{n}", "phone": "+7921000000{n}", "email": "a@example.ru"},
    "POST /email/{link:str}": {},
    "POST /staff/login": {"login": "nobody{n}", "password": WRONG},
    "POST /staff/enrol/{token:str}": {"password": WRONG, "code": "123456"},
    "POST /callbacks/bank": {},
    "POST /callbacks/sms": {},
    "POST /station/events": {},
}


# Leaving writes only what its own session may; the rest is a demonstration's.
NOT_LIMITED = {"POST /logout", "POST /demo/clock", "POST /bank/pay/{number:str}", "POST /bank/v3/{kind:str}"}


MACHINES = {"POST /callbacks/bank", "POST /callbacks/sms", "POST /station/events"}


def test_every_public_form_is_in_the_table():
    assert {line for line, who in CENSUS.items() if who == "public" and line.startswith("POST")} == set(
        FORMS
    ) | NOT_LIMITED


@pytest.mark.parametrize("line", sorted(FORMS))
def test_every_public_form_has_a_limit_and_says_when(line, visitor, addresses, settings, quick):
    settings.wrong_from_address = settings.registrations_from_address = 3
    browser, path = addresses(visitor(), "203.0.113.77"), re.sub(r"{.*}", "nothing", line.split()[1])
    browser.get("/login")
    token = dict(browser.page.form("/login").form_values())["_csrf_token"]
    answers = []
    for n in range(4):
        fields = {name: value.format(n=n) for name, value in FORMS[line].items()}
        answers.append(
            browser.client.post(path, data={"_csrf_token": token} | fields, follow_redirects=False)
        )
    assert answers[2].status_code != 429 and answers[3].status_code == 429, [
        one.status_code for one in answers
    ]
    assert int(answers[3].headers["retry-after"]) > 0 and "Следующ" in answers[3].text
    assert (line in MACHINES) == answers[3].headers["content-type"].startswith("application/json")


def test_the_bank_itself_is_never_counted(visitor, addresses, settings, db):
    settings.wrong_from_address = 2
    bank = addresses(visitor(), "127.0.0.1")
    assert [bank.client.post("/callbacks/bank", content=b"{}").status_code for _ in range(5)] == [400] * 5
