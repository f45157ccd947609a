"""`litestar staff …`: adds and removes staff accounts. A new employee gets a one-time link to choose a
password.
"""

import click
from sqlmodel import Session

from commands import Context
from db import journal, writing
from db.access import staff, staff_invitations
from db.requests import canned_answers
from rules import Refused
from rules.access.staff import ROLES, parse_login
from rules.days import moment
from rules.emails import parse as parse_email

ROLE = click.Choice(list(ROLES))
CONSOLE = "system:console"


@click.group("staff", help="Those who answer at the desk.")
def commands() -> None:
    pass


@commands.command()
@click.argument("login")
@click.option("--name", required=True, help="As colleagues and the journal show it.")
@click.option(
    "--role", type=ROLE, required=True, help="; ".join(f"{name}: {words}" for name, words in ROLES.items())
)
@click.option("--email", help="Where word goes of a changed password, second factor or role.")
@click.pass_obj
def add(context: Context, login: str, name: str, role: str, email: str | None) -> None:
    """Add somebody and print the one-time link for choosing a password and the second factor."""
    now = context.clock.now()
    try:
        login, email = parse_login(login), parse_email(email) if email else None
    except Refused as refused:
        raise click.ClickException(str(refused)) from None
    with Session(context.engine, expire_on_commit=False) as db, writing(db):
        if staff.find_by_login(db, login):
            raise click.ClickException(f"{login} уже есть. Новая ссылка: litestar staff invite {login}")
        row = staff.add(db, login, name.strip(), role, email)
        canned_answers.add_defaults(db)
        token = staff_invitations.invite(db, context.settings, row, now)
        journal.note(db, CONSOLE, "staff.add", now, login=login, role=role)
    _print_invitation(context, row, token)


@commands.command()
@click.argument("login")
@click.pass_obj
def invite(context: Context, login: str) -> None:
    """Print a new one-time link: for a forgotten password or a lost phone.

    Open sessions end at once; the old password and second factor work until the link is used.
    """
    now = context.clock.now()
    with Session(context.engine, expire_on_commit=False) as db, writing(db):
        row = _find(db, login)
        token = staff_invitations.invite(db, context.settings, row, now)
        journal.note(db, CONSOLE, "staff_invitations.invite", now, login=row.login)
    _print_invitation(context, row, token)


@commands.command()
@click.argument("login")
@click.argument("role", type=ROLE)
@click.pass_obj
def role(context: Context, login: str, role: str) -> None:
    """Give another role; open sessions end, the next entry has it."""
    _change(context, login, "role", role=role)
    click.echo(f"{login}: {ROLES[role]}")


@commands.command()
@click.argument("login")
@click.pass_obj
def disable(context: Context, login: str) -> None:
    """Let out: no entry any more, open sessions end at once. What the person did stays in the journal."""
    _change(context, login, "disable", disabled_at=context.clock.now())
    click.echo(f"{login}: отключён")


@commands.command()
@click.argument("login")
@click.pass_obj
def enable(context: Context, login: str) -> None:
    """Let in again, with the password and second factor there were."""
    _change(context, login, "enable", disabled_at=None)
    click.echo(f"{login}: снова работает")


@commands.command()
@click.argument("login")
@click.argument("address")
@click.pass_obj
def email(context: Context, login: str, address: str) -> None:
    """Set where word goes of a changed password, second factor or role; the former address is told."""
    try:
        _change(context, login, "email", email=parse_email(address))
    except Refused as refused:
        raise click.ClickException(str(refused)) from None
    click.echo(f"{login}: письма пойдут на {address}")


@commands.command("list")
@click.pass_obj
def everyone(context: Context) -> None:
    """Who there is."""
    with Session(context.engine) as db:
        for row in staff.list_staff(db):
            state = "отключён" if row.disabled_at else "работает" if row.password_hash else "ещё не входил"
            click.echo(f"{row.login:<16} {ROLES[row.role]:<14} {row.name}, {state}")


def _change(context: Context, login: str, what: str, **values: object) -> None:
    now = context.clock.now()
    with Session(context.engine, expire_on_commit=False) as db, writing(db):
        row = _find(db, login)
        ended = staff_invitations.change_credentials(db, context.settings, row, what, now, **values)
        facts = {name: value for name, value in values.items() if name == "role"}
        journal.note(db, CONSOLE, f"staff.{what}", now, login=row.login, ended=ended, **facts)  # type: ignore[arg-type]


def _find(db: Session, login: str) -> staff.Staff:
    row = staff.find_by_login(db, login.strip().lower())
    if not row:
        raise click.ClickException(f"Сотрудника {login} нет. Кто есть: litestar staff list")
    return row


def _print_invitation(context: Context, row: staff.Staff, token: str) -> None:
    until = moment(row.invited_until) if row.invited_until else ""
    click.echo(f"{row.name}, {ROLES[row.role]}. Ссылка на один раз, до {until}:")
    click.echo(f"{context.settings.origin}/staff/enrol/{token}")
