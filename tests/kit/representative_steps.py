"""Granting rights to a representative and signing in as one."""

import re

from tests.people.test_settings import confirm

OLGA = "+79995550011"


def give(anna, write, clock, rights=("events", "pay", "requests"), until="2026-12-31"):
    confirm(write, clock)
    anna.get("/settings/representatives/new")
    ticked = {f"right-{one}": "1" for one in rights}
    return anna.submit(name="Ольга Соколова", phone="8 999 555-00-11", until=until, **ticked)


def enter_as_olga(visitor, texts, number="78 000 001"):
    olga = visitor()
    olga.get("/login/representative")
    olga.submit(number=number, phone="8 999 555-00-11")
    found = re.search(r": (\d{6}) — код для входа представителя", texts(to=OLGA)[-1])
    if olga.submit(code=found[1]).path == "/consent":
        olga.submit(consent="yes")
    return olga
