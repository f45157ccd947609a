"""`litestar check`: checks the installation. A line per check; exit status 0: good, 1: needs attention, 2:
act now.

It changes nothing and creates nothing. A new release run on the present environment and database reports
before the switch what would prevent its start (docs/upgrade.md).
"""

from collections.abc import Callable

import click

from commands import Context
from commands.check_database import chain, copies, file, has_data, restored, secrets, shape
from commands.check_results import ACT, GOOD, LOOK, Found
from commands.check_work import clock, contact, disk, forms, outbox, work_of_jobs
from rules import production_checks
from settings import unknown_names

MARKS = {GOOD: "в порядке ", LOOK: "внимание  ", ACT: "ПЛОХО     "}


@click.command("check")
@click.pass_obj
def commands(context: Context) -> None:
    """Settings, the file, its shape, the clock, the disk, the outbox, the jobs, the station, the copies."""
    worst = GOOD
    for look in LOOKS if has_data(context) else (settings, file):
        try:
            for level, words in look(context):
                click.echo(MARKS[level] + words)
                worst = max(worst, level)
        except Exception as wrong:
            click.echo(f"{MARKS[ACT]}проверка «{look.__name__}» не удалась: {type(wrong).__name__}")
            worst = ACT
    raise SystemExit(worst)


def settings(context: Context) -> Found:
    own = context.settings
    for name, why in unknown_names().items():
        yield LOOK, f"настройки: {name}: {why}"
    if own.demo:
        yield LOOK, "настройки: это демонстрация (CABINET_DEMO), настоящих людей сюда пускать нельзя"
        return
    wrong = list(production_checks.find_warnings(own))
    for words in wrong:
        yield LOOK, f"настройки: {words}"
    if not wrong:
        yield GOOD, "настройки: секреты свои, банк, SMS и почта подключены"


LOOKS: list[Callable[[Context], Found]] = [
    settings,
    file,
    shape,
    clock,
    disk,
    outbox,
    forms,
    work_of_jobs,
    contact,
    secrets,
    copies,
    restored,
    chain,
]
