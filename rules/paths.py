"""Paths of the pages that the bank and our e-mails link to; the handlers are in routes/."""


def payment_page(payment_id: int) -> str:
    """Return the page to which the bank returns a person after paying."""
    return f"/payments/{payment_id}"


def email_confirmation(link: str) -> str:
    """Return the page of a signed link in an e-mail."""
    return f"/email/{link}"
