"""What is seen of the cabinet from outside: numbers of requests, a log that names nobody, figures, and no
endless waiting.
"""

import io
import json
import logging
import re
import subprocess
import sys

import httpx
import pytest
from sqlmodel import Session

import monitor
from db import metrics, outbox, writing
from monitor import logs
from tests.kit import cast
from tests.kit.browser import Browser
from tests.kit.process import env, free_port, litestar, running, until, web

PASSPORT = "4012 123456"


@pytest.fixture
def log_lines():
    """What the JSON log says during the test, line by line."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.JsonFormatter())
    root = logging.getLogger()
    level, quiet = root.level, logs.requests.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    logs.requests.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(level)
    logs.requests.setLevel(quiet)


def test_each_answer_carries_its_number_and_the_log_has_it(browser, log_lines):
    number = browser.client.get("/login").headers["x-request-id"]
    missing = browser.client.get("/nowhere/78000001?phone=79211234567")
    lines = {line["request"]: line for line in log_lines() if line["logger"] == "cabinet.request"}
    assert lines[number]["route"] == "/login" and lines[number]["status"] == 200
    assert lines[missing.headers["x-request-id"]]["route"] == "—"


@pytest.mark.own_app
def test_a_number_is_believed_only_from_a_trusted_proxy(browser, app):
    theirs = {"x-request-id": "0123456789abcdef0123456789abcdef"}
    assert browser.client.get("/health", headers=theirs).headers["x-request-id"] != theirs["x-request-id"]
    app.asgi_handler.app.trusted = True
    assert browser.client.get("/health", headers=theirs).headers["x-request-id"] == theirs["x-request-id"]
    for bad in ("short", "with spaces in it", "x" * 65, "<script>alert(1)</script>"):
        assert browser.client.get("/health", headers={"x-request-id": bad}).headers["x-request-id"] != bad


@pytest.mark.own_app
def test_what_nobody_foresaw_is_found_by_the_number_on_the_page_and_its_words_stay_out_of_the_log(
    app, visitor, log_lines
):
    from web import get

    @get("/broken", public=True)
    def broken() -> None:
        raise RuntimeError("Соколова Анна, +7 921 123-45-67")

    app.register(broken)
    app.debug = False
    answer = visitor().client.get("/broken")
    number = answer.headers["x-request-id"]
    assert f"<code>{number}</code>" in answer.text and "Номер обращения для поддержки" in answer.text
    [line] = [line for line in log_lines() if line["level"] == "error"]
    assert line["request"] == number and line["error"] == ["RuntimeError"]
    assert any("broken" in place for place in line["where"]) and "Соколова" not in json.dumps(
        line, ensure_ascii=False
    )


@pytest.mark.parametrize(
    "words",
    [
        "+7 921 123-45-67",
        "8 (921) 123-45-67",
        "договор 78 000 001",
        "78000001",
        "паспорт 4012 123456",
        "anna@example.ru",
    ],
)
def test_whatever_looks_like_a_persons_is_covered(words, log_lines):
    logging.getLogger("cabinet").warning("осталось в строке: %s", words)
    logging.getLogger("cabinet").warning("ошибка: %s", ValueError(words))
    assert not re.search(r"\d{4}|@example|\d\d-\d\d", " ".join(line["message"] for line in log_lines()))


def walk(origin, engine) -> list[str]:
    """A person's and a stranger's day at a live cabinet; what of it must never be seen in a log."""
    with httpx.Client(base_url=origin, trust_env=False, timeout=60) as client:
        me = Browser(client)
        me.get("/login")
        me.submit("/login", number=str(cast.ANNA), password="не тот пароль", status=422)
        me.submit("/login", number=str(cast.ANNA), password=cast.PASSWORD)
        me.get("/confirm?next=/devices")
        me.submit("/confirm/send")
        code = newest(engine, "code")
        me.submit("/confirm", code="000000" if code != "000000" else "111111", status=422)
        me.submit("/confirm", code=code)
        me.get("/payments/operator")
        me.submit("/payments/operator", amount="150", contact="anna@example.ru")
        me.submit(choice="pay")
        me.get(f"/inbox/{cast.BORIS}?q=Соколова", 404)
        me.get(f"/такого/нет/{cast.ANNA}?phone=79211234567", 404)
        me.get("/events?since=2026-11-01&word=Соколова")
        me.get("/requests/new/letter")
        me.submit("/requests/new/letter", text=f"Мой паспорт {PASSPORT}, телефон +7 921 123-45-67")
        for path, body in (
            ("/callbacks/bank", {"object": {"id": "Соколова"}}),
            ("/station/events", [{"key": "4012123456"}]),
        ):
            client.post(path, json=body)
    with httpx.Client(base_url=origin, trust_env=False, timeout=60) as client:
        maria = Browser(client)
        maria.get("/staff/login")
        maria.submit("/staff/login", login="maria", password=cast.PASSWORD)
        maria.client.get("/staff/subscribers?q=Соколова")
    return [
        code,
        cast.PASSWORD,
        "не тот пароль",
        PASSPORT,
        "4012123456",
        "Соколова",
        "Анна Игоревна",
        "maria",
        str(cast.ANNA),
        str(cast.BORIS),
        "78 000 001",
        "9211234567",
        "123-45-67",
        "anna@example.ru",
        "%D0%A1%D0%BE",
    ]


def newest(engine, kind: str) -> str:
    with Session(engine) as db:
        words = next(
            outbox.open_message(db, row).text for row in outbox.latest_messages(db) if row.kind == kind
        )
    return re.search(r"\b\d{6}\b", words)[0]


def test_a_whole_walk_leaves_no_phone_code_password_number_or_name_in_the_log(settings, engine, tmp_path):
    log = tmp_path / "web.log"
    with web(settings, log, CABINET_METRICS_PORT=str(free_port())) as (process, origin):
        secrets = walk(origin, engine)
        process.terminate()
        process.wait(60)
    text = log.read_text("utf-8")
    requests = [json.loads(line) for line in text.splitlines() if '"cabinet.request"' in line]
    assert len(requests) > 15 and {"/requests/new/{kind}", "—"} <= {line["route"] for line in requests}
    for secret in secrets:
        assert secret not in text
    assert "?" not in text and "00000" not in re.sub(r'"(request|at)": "[^"]*"', "", text)


def test_figures_tell_routes_states_and_ages_and_no_one(settings, write, clock, tmp_path):
    with write() as db:
        outbox.put(db, "sms", "+79211234567", "Код 123456", kind="code", now=clock.now())
    port = free_port()
    with web(settings, tmp_path / "web.log", CABINET_METRICS_PORT=str(port)) as (_, origin):
        httpx.get(f"{origin}/inbox/78000001", trust_env=False)
        httpx.get(f"{origin}/78000001", trust_env=False)
        visible = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
    assert 'cabinet_requests_total{method="GET",route="/inbox/{number}",status="303"} 1.0' in visible
    assert 'cabinet_requests_total{method="GET",route="—",status="404"} 1.0' in visible
    for name in (
        "cabinet_request_seconds_bucket",
        "cabinet_writes_waiting",
        "cabinet_job_age_seconds",
        'cabinet_outbox{state="dead"}',
        'cabinet_payments_day{state="paid"}',
        'cabinet_desk_queue{what="waiting"}',
        "cabinet_events_total",
        'cabinet_process{kind="web"} 1.0',
        "cabinet_file_answers 1.0",
        "process_resident_memory_bytes",
    ):
        assert name in visible
    assert "78000001" not in visible and "9211234567" not in visible


def _jobs(settings, folder, more):
    return running(litestar("jobs"), env(settings, **more), folder / "jobs.log")


def test_a_port_of_figures_that_is_taken_is_said_and_no_other_is_taken_instead(settings, tmp_path):
    """A process found at its neighbour's port would be taken for it: «up» of the one that died would stay
    1.
    """
    port = free_port()
    more = {"CABINET_METRICS_PORT": str(port)}
    log = tmp_path / "jobs.log"
    with (
        web(settings, tmp_path / "web.log", **more),
        running(litestar("jobs"), env(settings, **more), log) as jobs,
    ):
        until(lambda: "each service needs its own CABINET_METRICS_PORT" in log.read_text("utf-8"), jobs)
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"http://127.0.0.1:{port + 1}/metrics", trust_env=False)
        assert 'kind="web"' in httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text


def test_figures_are_off_unless_asked_for(settings, engine, clock):
    assert monitor.serve_metrics(settings, engine, clock.now, "web") == 0


def test_the_delay_of_sms_is_that_of_the_last_quarter_of_an_hour(write, db, clock):
    with write() as filling:
        for seconds in (1, 2, 30):
            row = outbox.put(filling, "sms", "+79211234567", "…", kind="code", now=clock.now())
            clock.forward(seconds=seconds)
            row.state, row.sent_at = "sent", clock.now()
    found = {name: values for name, _, _, values in metrics.read_metrics(db, clock.now())}
    assert found["sms_delay_seconds"] == {"0.5": 2, "0.95": 30, "1": 30}
    clock.forward(minutes=16)
    assert {name: values for name, _, _, values in metrics.read_metrics(db, clock.now())}[
        "sms_delay_seconds"
    ] == {}


def test_who_waits_for_the_writer_is_counted(engine):
    import threading

    from db import write_lock

    def write_too():
        with Session(engine) as mine, writing(mine):
            pass

    before = write_lock.count_acquired()
    thread = threading.Thread(target=write_too)
    with Session(engine) as db, writing(db):
        thread.start()
        until(lambda: write_lock.count_waiting() == 1)
    thread.join()
    assert write_lock.count_waiting() == 0 and write_lock.count_acquired() == before + 2


WALKED = """
import asyncio, gc, app
async def serve():
    own = app.create_app({})
    async with own.lifespan():
        print(gc.get_freeze_count())
asyncio.run(serve())
"""


@pytest.mark.parametrize(("given", "left"), [("", False), ("app.load_settings()", True)])
def test_a_serving_process_does_not_walk_what_stands_from_its_start(given, left, settings):
    """An application of a test is let go of afterwards, so nothing of it is kept aside."""
    frozen = subprocess.run(
        [sys.executable, "-c", WALKED.format(given)], env=env(settings), capture_output=True, check=True
    )
    assert (int(frozen.stdout.split()[-1]) == 0) is left
