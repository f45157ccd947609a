"""`litestar jobs`: the schedule in a process of its own, until it is told to stop; `--once` runs every job
once.
"""

import signal

import click

import jobs
import monitor
from commands import House


@click.command("jobs")
@click.option("--once", is_flag=True, help="Run each job once and stop.")
@click.pass_obj
def commands(house: House, once: bool) -> None:
    """Send what waits, carry out what is due."""
    loop = jobs.Loop(house.engine, house.settings, house.clock)
    if once:
        loop.once()
        return
    monitor.serve_metrics(house.settings, house.engine, house.clock.now, "jobs")
    for told in (signal.SIGTERM, signal.SIGINT):
        signal.signal(told, lambda *_: loop.stopped.set())
    loop.run()
