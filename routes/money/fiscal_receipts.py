"""Fiscal receipts of the contract: the list, and each receipt as 54-ФЗ art. 4.7 requires it printed."""

from litestar import Response
from litestar.params import FromPath

from db.money import fiscal_receipts
from web import Db, Request, Who, get, not_found, page, parse_id


@get("/receipts")
def index(request: Request, db: Db, who: Who) -> Response:
    return page(
        request,
        "money/fiscal_receipts/index.html",
        rows=fiscal_receipts.contract_receipts(db, who.contract_id),
    )


@get("/receipts/{receipt_id:str}")
def show(request: Request, db: Db, who: Who, receipt_id: FromPath[str]) -> Response:
    row = fiscal_receipts.owned_receipt(db, who.contract_id, parse_id(receipt_id)) or not_found()
    return page(request, "money/fiscal_receipts/show.html", row=row)


routes = [index, show]
