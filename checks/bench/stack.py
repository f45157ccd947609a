"""What the libraries take by themselves: Litestar, SQLModel, Jinja and pydantic-settings behind one page, no
line of ours.

`granian --interface asgi checks.bench.stack:stack` with CABINET_DATABASE.
"""

from jinja2 import Environment
from litestar import Litestar, MediaType, get
from litestar.config.csrf import CSRFConfig
from litestar.plugins.htmx import HTMXRequest
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlmodel import Field, Session, SQLModel, create_engine, select


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="CABINET_", extra="ignore")

    database: str


class Contract(SQLModel, table=True):
    id: int = Field(default=None, primary_key=True)
    number: int


_engine = create_engine(f"sqlite:///{Settings().database}")  # type: ignore[call-arg]
_page = Environment(autoescape=True).from_string("<!doctype html><title>{{ number }}</title>")


@get("/", sync_to_thread=True, media_type=MediaType.HTML)
def show() -> str:
    with Session(_engine) as db:
        return _page.render(number=db.exec(select(Contract.number).limit(1)).first())


stack = Litestar(
    [show], request_class=HTMXRequest, csrf_config=CSRFConfig(secret="s" * 32), openapi_config=None
)
