"""Paper forms to fill in by hand: empty for anybody, filled in for the signed-in subscriber (manual §3.6)."""

from litestar import Response
from litestar.params import FromPath

from db.requests import blanks
from rules.requests import blanks as forms
from web import Db, Now, Request, Who, get, not_found, page

FILE = {"cache-control": "no-store, max-age=0", "x-content-type-options": "nosniff"}
FileName = FromPath[str]


@get("/blanks", public=True)
def show(request: Request) -> Response:
    """List the six forms, each beside the request that does the same online."""
    person = request.scope.get("user")
    filled = (
        person is not None
        and person.kind == "subscriber"
        and person.stage == "open"
        and person.opens("/blanks")
    )
    return page(request, "requests/blanks/show.html", kinds=forms.KINDS, filled=filled)


@get("/blanks/empty/{name:str}", public=True, sync_to_thread=True)
def download_empty(request: Request, name: FileName) -> Response:
    return _paper(_kind(name), blanks.operator_facts(request.app.state.settings))


@get("/blanks/{name:str}", sync_to_thread=True)
def download_filled(request: Request, db: Db, who: Who, now: Now, name: FileName) -> Response:
    """Return the form as PDF with the contract's values printed on it."""
    kind, operator = _kind(name), blanks.operator_facts(request.app.state.settings)
    return _paper(kind, operator | blanks.read_facts(db, who.id, who.contract_id, now))


def _kind(name: str) -> str:
    kind = name.removesuffix(".pdf")
    return kind if kind in forms.KINDS and name.endswith(".pdf") else not_found()


def _paper(kind: str, facts: dict[str, str]) -> Response:
    from papers.blanks import blank_pdf  # the PDF writer takes 20 MB, so it is loaded when needed

    body = blank_pdf(forms.KINDS[kind], forms.pieces(forms.text(kind), facts))
    headers = {"content-disposition": f'inline; filename="zayavlenie-{kind}.pdf"'}
    return Response(body, media_type="application/pdf", headers=FILE | headers)


routes = [show, download_empty, download_filled]
