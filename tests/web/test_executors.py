"""People who wait for their passwords stand in a queue of their own: the station and everybody else are
answered meanwhile.
"""

import asyncio
import json
import threading

import httpx
import pytest

from db.clock import Clock
from gateways.station import signed
from tests.kit import process
from web import executors
from web.executors import BoundedExecutor, Busy

SECRET = "the-station-and-the-cabinet-share-this"
CROWD = 200


def station_post(origin: str) -> httpx.Response:
    body, stamp = b'{"events": []}', str(int(Clock().now().timestamp()))
    told = {"x-station": "main", "x-timestamp": stamp, "x-signature": signed.sign(SECRET, stamp, body)}
    return httpx.post(f"{origin}/station/events", content=body, headers=told, timeout=120, trust_env=False)


async def storm(
    origin: str, path: str, fields, answered: list[int], started: threading.Event
) -> list[httpx.Response | None]:
    limits = httpx.Limits(max_connections=CROWD)
    async with httpx.AsyncClient(base_url=origin, timeout=120, limits=limits, trust_env=False) as client:
        await client.get(path)
        token = next(value for name, value in client.cookies.items() if name.startswith("csrf-"))

        async def one(n: int) -> httpx.Response | None:
            try:
                answer = await client.post(path, data={"_csrf_token": token} | fields(n))
            except (
                httpx.TransportError
            ):  # a busy machine could not even bring the form: it waits for nobody's password
                return None
            if answer.status_code != 503:
                answered.append(n)
                started.set()
            return answer

        return await asyncio.gather(*(one(n) for n in range(CROWD)))


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/login", lambda n: {"number": f"78{n:06}", "password": "wrong"}),
        ("/staff/login", lambda n: {"login": f"stranger{n}", "password": "wrong"}),
    ],
    ids=["login", "staff"],
)
def test_the_station_is_answered_while_two_hundred_wait_for_their_passwords(settings, tmp_path, path, fields):
    more = {
        "CABINET_STATION_SECRETS": json.dumps({"main": [SECRET]}),
        "CABINET_WRONG_FROM_ADDRESS": "1000000",
    }
    with process.web(settings, tmp_path / "log", **more) as (_, origin):
        answered, started, answers = [], threading.Event(), []
        crowd = threading.Thread(
            target=lambda: answers.extend(asyncio.run(storm(origin, path, fields, answered, started)))
        )
        crowd.start()
        assert started.wait(120)
        assert station_post(origin).status_code == 200
        before = len(answered)
        crowd.join(300)
    through = [one for one in answers if one and one.status_code in (200, 303, 422)]
    assert len(answers) == CROWD and len(through) > 20
    assert before < len(through) / 2, f"the station was answered after {before} of {len(through)}"
    turned_away = [one for one in answers if one and one.status_code == 503]
    assert turned_away, "the line has an end"
    for one in turned_away:
        assert one.headers["retry-after"] == "60" and "Попробуйте через минуту" in one.text


def test_who_hashes_stands_in_that_line_and_machines_in_theirs(app):
    """Every form that hashes a password, and every door of a machine: none runs among the people's
    threads.
    """
    found = {}
    for route in app.routes:
        for handler in getattr(route, "route_handlers", []):
            if "POST" in getattr(handler, "http_methods", ()):
                found[route.path] = executor_of(handler)
    hashing = {
        "/login",
        "/staff/login",
        "/staff/enrol/{token:str}",
        "/recover",
        "/choose",
        "/settings/password",
        "/register",
        "/settings/totp/lost",
    }
    assert {path for path, name in found.items() if name == "passwords"} == hashing
    machines = {
        "/station/events": "station",
        "/callbacks/bank": "bank",
        "/callbacks/sms": "sms",
        "/bank/v3/{kind:str}": "sandbox",
    }
    assert {path: found[path] for path in machines} == machines
    assert not {path for path, name in found.items() if name in ("station", "bank", "sms")} - set(machines)


def executor_of(handler) -> str:
    """What `web.post` was told."""
    return handler.fn.executor


def test_an_executor_has_an_end_and_gives_its_places_back():
    executor, gate = BoundedExecutor("test", 1, 1), threading.Event()

    async def crowd() -> None:
        first, second = (
            asyncio.create_task(executor.run(gate.wait)),
            asyncio.create_task(executor.run(gate.wait)),
        )
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await executor.run(gate.wait)
        gate.set()
        assert await first and await second
        assert await executor.run(lambda n: n, n=5) == 5
        with pytest.raises(ZeroDivisionError):
            await executor.run(lambda: 1 // 0)
        assert await executor.run(lambda: 7) == 7

    asyncio.run(crowd())


def test_a_place_is_held_until_the_thread_is_through_even_when_the_asker_has_gone():
    executor, gate = BoundedExecutor("gone", 1, 0), threading.Event()

    async def leave() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(executor.run(gate.wait), 0.05)
        with pytest.raises(Busy):
            await executor.run(gate.wait)
        gate.set()
        for _ in range(500):
            try:
                return await executor.run(lambda: None)
            except Busy:
                await asyncio.sleep(0.01)
        raise AssertionError("the place was never given back")

    asyncio.run(leave())


def test_files_wait_among_files_and_no_other_form_waits_behind_them(monkeypatch):
    ran = []

    class Noted:
        def __init__(self, name):
            self.name = name

        async def run(self, work, **given):
            ran.append(self.name)
            return work(**given)

    monkeypatch.setattr(executors, "EXECUTORS", {name: Noted(name) for name in executors.EXECUTORS})
    handler = executors.wrap_handler("people", lambda files: len(files))
    assert asyncio.run(handler(files=[])) == 0 and asyncio.run(handler(files=["a"])) == 1
    assert ran == ["people", "files"]
