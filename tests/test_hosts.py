"""Two web processes and two job processes over one database, as on several hosts: one deed is one, one
message goes once.
"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime

import httpx
import pytest
from sqlmodel import Session, col, func, select

from db import outbox, writing
from db.requests.requests import Request
from tests.kit import cast
from tests.kit.process import at_work, env, litestar, running, until, web
from tests.kit.smsc import Centre

SAME, MESSAGES = 50, 300


@pytest.fixture
def hosts(settings, tmp_path):
    with ExitStack() as stack:
        ports = [stack.enter_context(web(settings, tmp_path / f"web{n}.log"))[1] for n in range(2)]
        yield ports


def sent(origin: str, path: str, token: str, **fields: str) -> httpx.Response:
    """A form sent by whoever has this session, with a CSRF token of that host's."""
    with httpx.Client(base_url=origin, cookies={"cabinet": token}, trust_env=False, timeout=60) as browser:
        browser.get("/requests/new/letter")
        csrf = next(value for name, value in browser.cookies.items() if name.startswith("csrf-"))
        return browser.post(path, data={"_csrf_token": csrf} | fields)


def test_fifty_same_forms_through_two_hosts_are_one_request(hosts, engine):
    token = cast.signed_in(engine, datetime.now(UTC), cast.ANNA)
    draft = sent(hosts[0], "/requests/new/letter", token, text="Один и тот же", key="p").headers["location"]
    with ThreadPoolExecutor(SAME) as pool:
        answers = list(pool.map(lambda n: sent(hosts[n % 2], draft, token, key="p"), range(SAME)))
    assert Counter(answer.status_code for answer in answers) == {303: SAME}
    assert len({answer.headers["location"] for answer in answers}) == 1
    with Session(engine) as db:
        assert db.exec(select(func.count()).select_from(Request)).one() == 1


def left(engine) -> int:
    """Messages not handed over yet."""
    with Session(engine) as db:
        return db.exec(
            select(func.count()).where(col(outbox.Message.state).in_(("waiting", "sending")))
        ).one()


def test_two_job_processes_hand_each_message_over_once(engine, settings, tmp_path):
    now, centre = datetime.now(UTC), Centre()
    mine = env(settings, CABINET_SMS_GATEWAY="smpp", CABINET_SMS_SERVER=f"127.0.0.1:{centre.port}")
    try:
        with (
            running(litestar("jobs"), mine, tmp_path / "one.log") as one,
            running(litestar("jobs"), mine, tmp_path / "two.log") as two,
        ):
            until(lambda: at_work(one) and at_work(two))
            for start in range(0, MESSAGES, 50):
                with Session(engine) as db, writing(db):
                    for n in range(start, start + 50):
                        outbox.put(db, "sms", f"+7921{n:07}", f"Новость {n}", kind="answer", now=now)
            until(lambda: not left(engine), one)
            assert one.poll() is two.poll() is None, "one of them died"
    finally:
        centre.close()
    told = Counter(to for to, *_ in centre.received)
    assert len(told) == MESSAGES and set(told.values()) == {1}
