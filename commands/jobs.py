"""`litestar jobs`: runs the schedule in its own process until stopped; `--once` runs every job once."""

import signal

import click

import jobs
import monitor
from commands import Context


@click.command("jobs")
@click.option("--once", is_flag=True, help="Run each job once and stop.")
@click.pass_obj
def commands(context: Context, once: bool) -> None:
    """Send what waits, carry out what is due."""
    loop = jobs.Loop(context.engine, context.settings, context.clock)
    if once:
        loop.once()
        return
    monitor.serve_metrics(context.settings, context.engine, context.clock.now, "jobs")
    for stop_signal in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop_signal, lambda *_: loop.stopped.set())
    loop.run()
