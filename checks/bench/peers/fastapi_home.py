"""The home page and the poll on FastAPI + SQLModel, as FastAPI's tutorial writes them."""

from pathlib import Path
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi import Request as Asked
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from sqlmodel import Session
from starlette.middleware.sessions import SessionMiddleware

from checks.bench.peers import entities, shown

app = FastAPI()
app.add_middleware(SessionMiddleware, secret_key="for the benchmark alone")
templates = Jinja2Templates(Path(__file__).parent.parent.parent.parent / "partials")
shown.furnish(templates.env)


def session():  # type: ignore[no-untyped-def]
    with Session(entities.engine) as db:
        yield db


Db = Annotated[Session, Depends(session)]


def current(request: Asked, db: Db) -> entities.SessionRow:
    row = entities.signed_in(db, request.cookies.get("cabinet", ""))
    if row is None:
        raise HTTPException(401)
    return row


Current = Annotated[entities.SessionRow, Depends(current)]


@app.get("/", response_class=HTMLResponse)
def home(request: Asked, db: Db, row: Current):  # type: ignore[no-untyped-def]
    return templates.TemplateResponse(request, "home/show.html", entities.home(db, row, "t" * 80))


@app.get("/inbox/envelope", response_class=HTMLResponse)
def envelope(request: Asked, row: Current):  # type: ignore[no-untyped-def]
    return templates.TemplateResponse(request, "requests/_inbox_badge.html", {"unread": row.contract.unread})
