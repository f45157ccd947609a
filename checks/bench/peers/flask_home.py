"""The home page and the poll on Flask + SQLAlchemy, as Flask's pattern with a scoped session writes them."""

from pathlib import Path

from flask import Flask, abort, render_template, request
from sqlalchemy.orm import scoped_session, sessionmaker
from sqlmodel import Session

from checks.bench.peers import entities, shown

app = Flask(__name__, template_folder=str(Path(__file__).parent.parent.parent.parent / "partials"))
app.secret_key = "for the benchmark alone"
shown.furnish(app.jinja_env)
db_session = scoped_session(sessionmaker(entities.engine, class_=Session))


@app.teardown_appcontext
def shutdown_session(exception=None) -> None:  # type: ignore[no-untyped-def]
    db_session.remove()


def current() -> entities.SessionRow:
    return entities.signed_in(db_session(), request.cookies.get("cabinet", "")) or abort(401)


@app.route("/")
def home() -> str:
    return render_template("home/show.html", **entities.home(db_session(), current(), "t" * 80))


@app.route("/inbox/envelope")
def envelope() -> str:
    return render_template("requests/_inbox_badge.html", unread=current().contract.unread)
