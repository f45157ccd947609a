"""The work page: what is stuck is seen and can be sent again."""

import pytest

from db import job_runs, outbox
from db.events import station
from db.registry import RegistryImport


@pytest.fixture
def egor(enter):
    return enter("egor")


def dead(write, clock, kind="code") -> int:
    with write() as db:
        row = outbox.put(db, "sms", "+79211234567", "Код 123456", kind=kind, now=clock.now())
        row.state, row.error = "dead", "ServiceUnavailable"
        db.add(row)
        db.flush()
        return row.id


def test_an_empty_house_is_explained(egor) -> None:
    text = egor.get("/staff/work").text
    assert (
        "Пульт ещё ни разу" in text
        and "Задания ещё не запускались" in text
        and "Реестр ещё не загружали" in text
    )


def test_a_dead_message_is_shown_without_its_words_and_number(egor, write, clock) -> None:
    dead(write, clock)
    text = egor.get("/staff/work").text
    assert (
        "ServiceUnavailable" in text
        and "123456" not in text
        and "+7 921 123-45-67" not in text
        and "45-67" in text
    )


def test_a_dead_message_is_sent_again_once(egor, write, clock, db, texts) -> None:
    id_ = dead(write, clock, "answer")
    egor.get("/staff/work")
    path = f"/staff/work/messages/{id_}"
    form = dict(egor.page.form(path).form_values())
    assert "Отправляем ещё раз" in egor.submit(path).text
    assert db.get(outbox.Message, id_).state == "waiting"
    assert "уже не среди" in egor.client.post(path, data=form).text
    assert len(texts()) == 1


def test_a_message_that_is_not_there_is_not_found(egor, write, clock) -> None:
    dead(write, clock)
    egor.get("/staff/work")
    token = dict(egor.page.forms()[-1].form_values())
    for id_ in ("0", "99999", "x", "9" * 30):
        assert egor.client.post(f"/staff/work/messages/{id_}", data=token).status_code == 404


def test_jobs_station_and_imports_show_when_they_were_last_heard(egor, engine, write, clock) -> None:
    job_runs.record_run(engine, "outbox", clock.now(), "")
    job_runs.record_run(engine, "bank", clock.now(), "TimeoutError")
    with write() as db:
        station.record_contact(db, "dc09", clock.now())
        row = RegistryImport(at=clock.now(), kind="contracts", file="contracts.csv", created=3, rejected=2)
        row.report = '{"rejected": [[12, "Адрес: не заполнено"]]}'
        db.add(row)
    clock.forward(minutes=20)
    text = egor.get("/staff/work").text
    for words in ("outbox", "TimeoutError", "dc09", "молчит 20 мин", "contracts.csv", "отклонено 2"):
        assert words in text
    assert "Строка 12: Адрес: не заполнено" in text and "и ещё 1" in text


def test_a_job_is_late_by_its_own_period(enter, engine, clock):
    for name in ("outbox", "papers", "of an older release"):
        job_runs.record_run(engine, name, clock.now(), "")
    clock.forward(hours=1)
    assert marks(enter("egor").get("/staff/work")) == {"outbox": "warn", "papers": "good"}
    clock.forward(hours=2)
    assert marks(enter("egor").get("/staff/work"))["papers"] == "warn"


def marks(page) -> dict[str, str]:
    """The mark of each job by its name."""
    rows = page.tree.cssselect("section[aria-labelledby=jobs] li")
    said = {row.find("div").text.strip(): row.cssselect(".mark")[0].get("class").split() for row in rows}
    return {
        name: next(mark for mark in classes if mark in ("good", "warn", "alarm"))
        for name, classes in said.items()
    }


def test_others_do_not_see_the_machine_room(enter) -> None:
    for login in ("maria", "alexey"):
        enter(login).get("/staff/work", status=403)
