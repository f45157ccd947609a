"""The work page: the outbox and its failed messages, jobs, imports, the station, unreconciled payments."""

from typing import Any

from litestar import Response
from litestar.params import FromPath

from db import job_runs, journal, outbox, registry, writing
from db.desk import contract_summary, work
from db.events import station, waiting_events
from db.payments import restores
from rules.desk.deadlines import length_words
from web import Db, Now, Request, Typed, Who, get, not_found, parse_id, post, redirect
from web.staff_pages import Look, page, roles_with

LATE = 900  # seconds, in addition to two periods of the job
QUIET = 600


@get("/staff/work", staff=roles_with("work"), sync_to_thread=True)
def show(request: Request, db: Db, now: Now) -> Response:
    dead: list[Any] = outbox.dead_messages(db)
    silent: list[Any] = work.unreconciled(db, now)
    named = contract_summary.numbers_and_names(
        db, {row.contract_id for row in [*dead, *silent] if row.contract_id}
    )
    return page(
        request,
        "desk/work/show.html",
        Look("work.look", contracts=list(named)),
        outbox=work.outbox(db, now),
        dead=dead,
        named=named,
        silent=silent,
        secret=outbox.SECRET_KINDS,
        jobs=_jobs(job_runs.all_runs(db), request.app.state.periods, now),
        sources=[
            (one, _late(now, one.contact_at, QUIET), length_words(abs(now - one.contact_at)))
            for one in station.sources(db)
        ],
        forms=work.forms(db, request.app.state.settings, now),
        waiting=len(waiting_events.list_waiting(db, 51)),
        imports=registry.latest(db, 10),
        restored=restores.unreconciled_restores(db),
        held=restores.count_held_messages(db),
    )


def _jobs(
    found: list[job_runs.JobRun], periods: dict[str, float], now: Now
) -> list[tuple[job_runs.JobRun, bool, str]]:
    """Return runs of the scheduled jobs, each late by its own period; jobs of older releases are left out."""
    return [
        (run, _late(now, run.at, LATE + 2 * periods[run.name]), length_words(abs(now - run.at)))
        for run in found
        if run.name in periods
    ]


@post("/staff/work/messages/{message_id:str}", staff=roles_with("work"))
def send_again(db: Db, now: Now, who: Who, typed: Typed, message_id: FromPath[str]) -> Response:
    """Retry a failed message; a second press sends nothing more."""
    with writing(db):
        done = outbox.retry_dead(db, parse_id(message_id), now)
        if done:
            journal.note(db, who, "work.retry", now, message=int(message_id))
    if not done and not db.get(outbox.Message, parse_id(message_id)):
        not_found()
    return redirect(
        "/staff/work", "Отправляем ещё раз." if done else "Это сообщение уже не среди неотправленных."
    )


def _late(now: Now, at: Now, seconds: float) -> bool:
    return (now - at).total_seconds() > seconds


routes = [show, send_again]
