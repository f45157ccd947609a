"""«Как это работает»: help for the whole cabinet, open to everybody, signed in or not."""

from litestar import Response

from rules import help as texts
from web import Request, get, page


@get("/help", public=True)
def show(request: Request) -> Response:
    return page(request, "help/show.html", sections=texts.all_help())


routes = [show]
