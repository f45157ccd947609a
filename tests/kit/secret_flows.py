"""Searches for secrets in the bytes of a database, a backup and a log."""

import base64
import os
import re
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

import jobs
from commands import Context
from db.people import contracts
from rules.access import totp
from tests.access.test_emails import ask as ask_email
from tests.access.test_registrations import PHONE as VERAS
from tests.access.test_registrations import password_in
from tests.kit import cast, engines
from tests.kit.autopay_steps import begin, owe
from tests.kit.paying import Till
from tests.kit.representative_steps import enter_as_olga, give
from tests.kit.second_factor_steps import enrol
from tests.kit.staff_sign_in_steps import console, enrolled, link, olga  # noqa: F401 - fixtures
from tests.people.test_settings import confirm

ANNAS, BORISES, LETOS = "+79211234567", "+79217654321", "+79219990033"


PANEL = "0123456789abcdef0123456789abcdef"


CHOSEN = "семь медных пуговиц"


OLD, NEW = (base64.b64encode(os.urandom(32)).decode() for _ in range(2))


@pytest.fixture
def till(app, settings, clock, visitor, monkeypatch):
    monkeypatch.setattr("routes.payments.sandbox.deliver_soon", lambda bank: None)
    return Till(app, settings, clock, visitor)


@pytest.fixture
def house(engine, settings, clock):
    return Context(engine, settings, clock)


def digits(words: str) -> str:
    return re.search(r"\b\d{6}\b", words)[0]


@pytest.fixture
def used(visitor, enter, texts, write, clock, till, engine, settings, olga):
    """Return every secret used in a walk through the whole product, by its name."""
    found = {}

    def entry(to: str, words: str) -> str:
        return next(one for one in reversed(texts(to=to)) if words in one)

    found["invitation"] = olga[1].rpartition("/")[2]
    desk, found["second factor of staff"], recovery = enrolled(olga, clock)
    found |= {f"recovery code {n}": each for n, each in enumerate(recovery)}
    found["cookie of staff"] = desk.client.cookies["cabinet"]

    vera = visitor()
    vera.get("/register")
    page = vera.submit(number=str(cast.VERA), phone=VERAS, email="vera@example.ru")
    assert page.path == "/register/sent"
    found["password by SMS"] = password_in(texts)
    vera.get("/login")
    vera.submit("/login", number=str(cast.VERA), password=found["password by SMS"])
    vera.submit("/consent", consent="yes")
    vera.submit(entry="password", password=CHOSEN, email="vera@example.ru")
    found["link of a letter"] = re.search(r"/email/(\S+)", texts(to="vera@example.ru")[-1])[1]
    found |= {"password chosen": CHOSEN, "cookie of a subscriber": vera.client.cookies["cabinet"]}

    boris = visitor()
    boris.get("/recover")
    boris.submit(number=str(cast.BORIS), phone=BORISES)
    found["password recovered"] = re.search(r"кабинет (\S+) —", entry(BORISES, "пароль для входа"))[1]

    with write() as db:
        contracts.find_by_number(db, cast.LETO)[1].entry = "sms"
    leto = visitor()
    leto.get("/login/code")
    page = leto.submit(number=str(cast.LETO))
    found["page of a code"] = page.path.rpartition("/")[2]
    found["code of an entry"] = digits(entry(LETOS, "код для входа"))
    leto.submit(code=found["code of an entry"])

    anna = enter(cast.ANNA)
    anna.get("/settings/email")
    anna.submit("/confirm/send")
    found["code of a confirmation"] = digits(entry(ANNAS, "код для"))
    anna.submit("/confirm", code=found["code of a confirmation"])
    ask_email(anna, write, clock)
    found["link of another letter"] = re.search(r"/email/(\S+)", texts(to="new@example.ru")[-1])[1]
    give(anna, write, clock)
    acting = enter_as_olga(visitor, texts)
    found["code of a representative"] = digits(texts(to="+79995550011")[-1])
    found["cookie of a representative"] = acting.client.cookies["cabinet"]

    confirm(write, clock)
    begin(anna)
    till.pay(anna, card="good")
    till.ring()
    with closing(till.sandbox.connect()) as file:
        found["token of a card"] = file.execute("SELECT token FROM method").fetchone()[0]
    owe(write, till)
    clock.at += timedelta(days=6)
    jobs.charge_autopay(engine, settings, clock.now())
    clock.at += timedelta(days=1)
    jobs.charge_autopay(engine, settings, clock.now())
    assert (till.last().method, till.last().state) == ("saved", "paid")

    anna = enter(cast.ANNA)
    found["second factor of a subscriber"] = enrol(anna, write, clock).secret
    anna.get("/settings/phone")
    anna.submit(phone="8 999 555-00-12")
    found["code of the old phone"] = digits(entry(ANNAS, "переноса входа"))
    found["code of the new phone"] = digits(texts(to="+79995550012")[-1])
    anna.submit(old=found["code of the old phone"], new=found["code of the new phone"])

    egor = enter("egor")
    egor.get("/staff/panels")
    egor.submit("/staff/panels", number="1234", digits=PANEL)
    found["key of a panel"] = PANEL
    assert len(found) == 29 and len(set(found.values())) == 29
    return found


def held(engine) -> bytes:
    """Return all bytes of the file and its log, or all texts of a PostgreSQL server."""
    if engines.SERVER:
        with engine.connect() as db:
            names = [
                one
                for one in inspect(db).get_table_names()
                if not re.fullmatch(r"event_(rest|\d{4}_\d\d)", one)
            ]
            rows = [db.execute(text(f'SELECT t::text FROM "{one}" t')).scalars() for one in names]
            return "\n".join(each for some in rows for each in some).encode()
    path = Path(engine.url.database)
    return b"\n".join(one.read_bytes() for one in (path, path.with_name(path.name + "-wal")) if one.exists())


def told(whole: bytes, used: dict[str, str]) -> list[str]:
    """Return names of the secrets found in the bytes, as plain text or as their unkeyed digests."""
    seen = []
    for name, value in used.items():
        coded = base64.b64encode(value.encode()).decode()
        forms = [value, value.upper(), value.replace("-", ""), totp.hash_recovery_code(value), coded]
        if any(_stands_in(whole, form) for form in forms):
            seen.append(name)
    return seen


def _stands_in(whole: bytes, form: str) -> bool:
    """Return whether the secret is present; six digits within a longer number are no code."""
    found = re.escape(form.encode())
    return re.search(rb"(?<!\d)" + found + rb"(?!\d)" if form.isdigit() else found, whole) is not None


def sent(engine, settings, clock) -> None:
    """Run the operator's jobs that send waiting messages: only a demonstration keeps their text."""
    jobs.send_outbox(engine, settings.model_copy(update={"demo": False}), clock.now() + timedelta(minutes=1))
