"""The file is full or away: a sentence and 503, nothing half kept, what can be read is read, and it heals by
itself.
"""

from datetime import timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, SQLModel

import jobs
from db.access.sessions import TOUCH_INTERVAL, SessionRow
from db.requests.requests import Request
from tests.kit import cast, engines


@pytest.fixture
def full(engine):
    """A function: from now on the file may not grow; called again with False, it may."""
    become = _server_full(engine) if engines.SERVER else _file_full(engine)
    yield become
    become(False)


def _file_full(engine):
    state = {"full": False}

    def limit(raw, _):
        raw.execute(f"PRAGMA max_page_count={1 if state['full'] else 1_000_000}")

    event.listen(engine, "connect", limit)

    def become(now_full: bool = True):
        state["full"] = now_full
        engine.dispose()

    return become


def _server_full(engine):
    """No row is taken: the server says what it says when its disk is full."""
    tables = [f'"{table.name}"' for table in SQLModel.metadata.sorted_tables]

    def become(now_full: bool = True):
        with engine.begin() as db:
            db.exec_driver_sql(
                "CREATE OR REPLACE FUNCTION refuse_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$"
            )
            for table in tables:
                db.exec_driver_sql(f"DROP TRIGGER IF EXISTS a_full ON {table}")
                if now_full:
                    db.exec_driver_sql(
                        f"CREATE TRIGGER a_full BEFORE INSERT OR UPDATE ON {table} EXECUTE FUNCTION "
                        "refuse_full()"
                    )

    return become


def letter(browser, status=200):
    browser.get("/requests/new/letter")
    return browser.submit(text="Длинное письмо. " * 250, status=status)


def test_on_a_full_disk_a_form_is_answered_with_a_sentence_and_nothing_is_kept(anna, full, db):
    full()
    page = letter(anna, status=503)
    assert page.heading == "Сейчас не получается" and "не сохранили" in page.text
    assert page.response.headers["retry-after"] == "60"
    assert db.exec(select(Request.id)).all() == []


def test_what_was_refused_for_want_of_room_goes_through_once_there_is_some(anna, full):
    full()
    letter(anna, status=503)
    full(False)
    assert letter(anna).heading == "Проверьте и отправьте"


def test_a_page_is_shown_although_the_sight_of_the_session_cannot_be_written(anna, clock, monkeypatch, db):
    anna.get("/")
    before = db.exec(select(SessionRow.seen_at)).scalars().all()
    clock.forward(seconds=TOUCH_INTERVAL.total_seconds() + 1)

    def refuse(*_):
        raise OperationalError("UPDATE", {}, Exception("database is locked"))

    monkeypatch.setattr("web.authentication.sessions.touch", refuse)
    assert anna.get("/").heading
    db.rollback()
    assert db.exec(select(SessionRow.seen_at)).scalars().all() == before
    monkeypatch.undo()
    anna.get("/")
    db.rollback()
    assert db.exec(select(SessionRow.seen_at)).scalars().one() == before[0] + timedelta(
        seconds=TOUCH_INTERVAL.total_seconds() + 1
    )


def test_even_the_frame_of_the_page_does_without_the_database(enter, monkeypatch):
    """Whose has a choice of contracts, and needs the database for it."""
    leto = enter(cast.LETO)
    leto.get("/")

    def away(*_, **__):
        raise OperationalError("SELECT", {}, Exception("disk I/O error"))

    monkeypatch.setattr("db.people.contracts.contract_choices", away)
    assert leto.get("/requests/new", status=503).heading == "Сейчас не получается"


def test_the_jobs_outlive_a_file_that_cannot_be_written(engine, settings, clock, monkeypatch):
    ran = []

    def refuse(*_):
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    monkeypatch.setattr(jobs.job_runs, "record_run", refuse)
    loop = jobs.Loop(engine, settings, clock)

    def once_more(*_):
        ran.append(1)
        if len(ran) == 2:
            loop.stopped.set()

    loop._turn([("often", 0, once_more)], 0)
    assert len(ran) == 2


def test_the_jobs_outlive_a_clock_that_cannot_be_read(engine, settings, clock, monkeypatch):
    loop, asked = jobs.Loop(engine, settings, clock), []

    def now():
        asked.append(1)
        if len(asked) == 2:
            loop.stopped.set()
        raise OperationalError("SELECT", {}, Exception("disk I/O error"))

    monkeypatch.setattr(clock, "now", now)
    loop._turn([("often", 0, lambda *_: None)], 0)
    assert len(asked) == 2


def test_a_session_may_still_be_asked_of_a_full_file(anna, full, engine):
    full()
    with Session(engine) as db:
        assert db.exec(select(SessionRow.id)).first()
    assert anna.get("/inbox").status == 200
