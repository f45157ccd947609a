"""`litestar journal export --subject 78000001`: who viewed and did what with one person's data, for an
incident (152-ФЗ).
"""

import json
from datetime import datetime, timedelta

import click
from sqlalchemy import Table, union
from sqlmodel import Session, col, select

from commands import Context
from db import hash_seals, journal, writing
from db.desk import audit_log as reading
from db.desk import view_log
from db.journal import Note
from db.people import contracts, ownership
from rules import Refused, csv_tables, days
from rules.hash_seals import CHAINS
from rules.people.contracts import parse_number

DAY = click.DateTime(["%Y-%m-%d"])
COLUMNS = ("время московское", "кто", "кто именно", "что", "договор", "подробности")


@click.group("journal")
def commands() -> None:
    """The journal: who saw and did what."""


@commands.command("export")
@click.option("--subject", required=True, help="Number of a contract: its subscriber is the subject.")
@click.option("--since", type=DAY, default=None, help="First Moscow day.")
@click.option("--until", type=DAY, default=None, help="Last Moscow day.")
@click.option("--others", is_flag=True, help="Only what others than the subject did.")
@click.option(
    "--into",
    type=click.Path(dir_okay=False, writable=True),
    default="-",
    help="File; standard output by default.",
)
@click.pass_obj
def export(
    context: Context, subject: str, since: datetime | None, until: datetime | None, others: bool, into: str
) -> None:
    """Write the lines about one subscriber and all their contracts as CSV, oldest first; itself a line in the
    journal.
    """
    now = context.clock.now()
    with Session(context.engine, expire_on_commit=False) as db:
        subscriber_id = _subject(db, subject)
        notes = _about(db, subscriber_id, since, until)
        notes = [one for one in notes if not others or one.actor != f"subscriber:{subscriber_id}"]
        text, rows = _csv(notes, reading.names(db, notes)), len(notes)
        with writing(db):  # the view is recorded before the data is shown
            journal.note(db, "system:console", "journal.export", now, subscriber_id=subscriber_id, rows=rows)
    with click.open_file(into, "w", encoding="utf-8-sig" if into != "-" else "utf-8") as out:
        out.write(text)
    click.echo(f"Записей: {rows}", err=True)


@commands.command("verify")
@click.pass_obj
def verify(context: Context) -> None:
    """Check every seal over the journal and the ledger; names each broken place, exit status 1 when there is
    one.
    """
    found = 0
    with Session(context.engine) as db:
        for kind, name in CHAINS.items():
            for one in hash_seals.verify(db, kind):
                found += 1
                click.echo(one.words)
            last, left = (
                hash_seals.latest_seal(db, kind),
                hash_seals.count_unsealed(db, kind, context.clock.now()),
            )
            if last:
                click.echo(
                    f"{name}: печатей до № {last.id}, строк ещё без печати {left}, последняя печать "
                    f"{last.hash}"
                )
    if found:
        raise SystemExit(1)


def _subject(db: Session, typed: str) -> int:
    try:
        found = contracts.find_by_number(db, parse_number(typed))
    except Refused as refused:
        raise click.ClickException(str(refused)) from None
    if not found:
        raise click.ClickException("Договора с таким номером нет.")
    return found[1].id


def _about(db: Session, subscriber_id: int, since: datetime | None, until: datetime | None) -> list[Note]:
    """Return entries about this person and their contracts while they owned them, and lists they were shown
    on.
    """
    table: Table = Note.__table__  # type: ignore[attr-defined]
    mine = (
        select(Note.id).where(ownership.owner_clause(table, subscriber_id)),  # type: ignore[arg-type]
        select(Note.id).where(Note.actor == f"subscriber:{subscriber_id}"),
        view_log.journal_ids(subscriber_id),
    )
    query = select(Note).where(col(Note.id).in_(union(*mine)))
    if since:
        query = query.where(Note.at >= days.midnight(since.date()))
    if until:
        query = query.where(Note.at < days.midnight(until.date() + timedelta(days=1)))
    return list(db.exec(query.order_by(col(Note.id))))


def _csv(notes: list[Note], names: dict[str, str]) -> str:
    rows = []
    for note in notes:
        facts = ", ".join(
            f"{name}: {value}" for name, value in json.loads(note.facts).items() if value not in (None, "")
        )
        rows.append(
            (
                days.moment(note.at),
                note.actor,
                names.get(note.actor.partition("/")[0], ""),
                note.verb,
                names.get(f"contract:{note.contract_id}", ""),
                facts,
            )
        )
    return csv_tables.text(COLUMNS, rows)
