"""The redirect to the bank's page, common to all forms that pay.

A form may not redirect to another origin: browsers apply `form-action` to the whole chain of redirects, and a
policy that names the bank would have to know its address beforehand. So a form redirects to `/payments/N/go`,
a page of our own with a link to the bank and a `meta refresh` that follows it at once. The refresh is
included only right after the form was sent, so that the Back button finds the link alone and does not send
the person forward again.
"""

from db.payments.payments import Payment
from gateways.banks import api_origin
from rules.payments.payments import safe_page
from settings import Settings
from web import FlashRedirect, redirect

LEAVING = "Открываем страницу банка."


def redirect_to_bank(row: Payment) -> FlashRedirect:
    """Redirect to the page that leads to the bank, or to the payment's page if there is nothing to pay."""
    if row.final or not row.page:
        return redirect(f"/payments/{row.id}")
    return redirect(f"/payments/{row.id}/go", LEAVING)


def bank_page_url(row: Payment, settings: Settings) -> str | None:
    """Return the bank's page while there is something to pay there; None if the address is not safe."""
    return safe_page(row.page, api_origin(settings)) if row.page and not row.final else None
