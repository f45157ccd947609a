"""`litestar journal export --subject 78000001`: who saw and did what with one person's data, for an incident (152-ФЗ)."""

import csv
import io
import json
from datetime import datetime, timedelta

import click
from sqlmodel import Session, col, or_, select

from commands import House
from db import contracts, journal, writing
from db import journal_reading as reading
from db.contracts import Contract
from db.journal import Note
from rules import Refused, days
from rules.contracts import number

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
@click.option("--into", type=click.Path(dir_okay=False, writable=True), default="-", help="File; standard output by default.")
@click.pass_obj
def export(house: House, subject: str, since: datetime | None, until: datetime | None, others: bool, into: str) -> None:
    """Write the lines about one subscriber and all their contracts as CSV, oldest first; itself a line in the journal."""
    now = house.clock.now()
    with Session(house.engine, expire_on_commit=False) as db:
        subscriber_id = _subject(db, subject)
        notes = _about(db, subscriber_id, since, until)
        notes = [one for one in notes if not others or one.actor != f"subscriber:{subscriber_id}"]
        text, rows = _csv(notes, reading.names(db, notes)), len(notes)
        with writing(db):  # before it is shown: what was not written was not seen
            journal.note(db, "system:console", "journal.export", now, subscriber_id=subscriber_id, rows=rows)
    with click.open_file(into, "w", encoding="utf-8-sig" if into != "-" else "utf-8") as out:
        out.write(text)
    click.echo(f"Записей: {rows}", err=True)


def _subject(db: Session, typed: str) -> int:
    try:
        found = contracts.numbered(db, number(typed))
    except Refused as refused:
        raise click.ClickException(str(refused)) from None
    if not found:
        raise click.ClickException("Договора с таким номером нет.")
    return int(found[1].id or 0)


def _about(db: Session, subscriber_id: int, since: datetime | None, until: datetime | None) -> list[Note]:
    own = select(Contract.id).where(Contract.subscriber_id == subscriber_id)
    mine = or_(Note.subscriber_id == subscriber_id, col(Note.contract_id).in_(own), Note.actor == f"subscriber:{subscriber_id}")
    query = select(Note).where(mine)
    if since:
        query = query.where(Note.at >= days.midnight(since.date()))
    if until:
        query = query.where(Note.at < days.midnight(until.date() + timedelta(days=1)))
    return list(db.exec(query.order_by(col(Note.id))))


def _csv(notes: list[Note], names: dict[str, str]) -> str:
    text = io.StringIO()
    lines = csv.writer(text, delimiter=";")
    lines.writerow(COLUMNS)
    for note in notes:
        facts = ", ".join(f"{name}: {value}" for name, value in json.loads(note.facts).items() if value not in (None, ""))
        row = (days.moment(note.at), note.actor, names.get(note.actor.partition("/")[0], ""), note.verb,
               names.get(f"contract:{note.contract_id}", ""), facts)  # fmt: skip
        lines.writerow([f"'{cell}" if cell[:1] in "=+-@\t\r" else cell for cell in row])
    return text.getvalue()
