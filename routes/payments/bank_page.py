"""The way to the bank's page, one for every form that pays: to a page of our own, which goes on there by
itself once.

A form may not redirect to another origin: browsers hold the whole chain of a form to `form-action`, and a
policy that named the bank would have to know its address beforehand. So a form ends at `/payments/N/go`; from
there a link leads on, and a `meta refresh` follows it at once where the browser obeys one. The refresh is
given only to who has just sent the form, so that the Back button finds the link alone and is not thrown
forward again.
"""

from db.payments.payments import Payment
from gateways.banks import api_origin
from rules.payments.payments import safe_page
from settings import Settings
from web import FlashRedirect, redirect

LEAVING = "Открываем страницу банка."


def redirect_to_bank(row: Payment) -> FlashRedirect:
    """To the page that goes on to the bank, or to our own about this payment when there is nothing to pay
    there.
    """
    if row.final or not row.page:
        return redirect(f"/payments/{row.id}")
    return redirect(f"/payments/{row.id}/go", LEAVING)


def bank_page_url(row: Payment, settings: Settings) -> str | None:
    """The bank's page while there is something to pay there; None for an address nobody should be sent to."""
    return safe_page(row.page, api_origin(settings)) if row.page and not row.final else None
